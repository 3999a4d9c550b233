"""Which frames may stand for a moment, worked by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merbench.annotations.clips import Clip
from merbench.errors import DataError
from merbench.inputs import Frames, Window
from merbench.inputs.declaration import Moment
from merbench.inputs.frame_selection import window_numbers


def clip(onset: int, apex: int | None, offset: int) -> Clip:
    return Clip(dataset="d", subject="01", name="a", onset=onset, apex=apex, offset=offset)


def frames(moment: Moment, **window: float) -> Frames:
    return Frames(at=(moment,), size=(8, 8), windows=(Window(**window),))


@pytest.mark.parametrize(
    ("moment", "window", "numbers", "place"),
    [
        # rise 100..180 is 80 frames, a quarter 20; fall 180..300 is 120, a quarter 30
        ("onset", {"after": 0.15}, [100, 101, 102, 103], 0),  # 0.15 * 20 = 3
        ("onset", {"after": 0.2}, [100, 101, 102, 103, 104], 0),
        ("onset", {"before": 1.0}, [100], 0),  # nothing lies before the onset
        ("apex", {"before": 0.15}, [177, 178, 179, 180], 3),
        ("apex", {"before": 0.15, "after": 0.15}, [177, 178, 179, 180, 181, 182, 183, 184], 3),  # 0.15 * 30 = 4.5
        ("offset", {"before": 0.1}, [297, 298, 299, 300], 3),
        ("offset", {"after": 1.0}, [300], 0),
        ("apex", {}, [180], 0),
    ],
)
def test_windows_worked_by_hand(moment: Moment, window: dict[str, float], numbers: list[int], place: int) -> None:
    assert window_numbers(clip(100, 180, 300), frames(moment, **window), moment) == (numbers, place)


def test_mmnet_draws_whole_frames_from_a_share_of_a_quarter_span() -> None:
    # the onset's range 0.15 * (apex - onset) / 4, rounded down, as its released code has it
    for rise in range(200):
        found, place = window_numbers(clip(46, 46 + rise, 400), frames("onset", after=0.15), "onset")
        assert found == list(range(46, 46 + int(0.15 * (rise / 4)) + 1))
        assert place == 0


def test_a_short_clip_has_the_annotated_frame_alone() -> None:
    assert window_numbers(clip(5, 5, 5), frames("apex", before=1.0, after=1.0), "apex") == ([5], 0)
    assert window_numbers(clip(5, 8, 9), frames("onset", after=0.15), "onset") == ([5], 0)


@given(
    onset=st.integers(0, 500),
    rise=st.integers(0, 200),
    fall=st.integers(0, 200),
    before=st.floats(0, 4),
    after=st.floats(0, 4),
    moment=st.sampled_from(["onset", "apex", "offset"]),
)
def test_a_window_stays_inside_its_clip_and_holds_the_annotated_frame(
    onset: int, rise: int, fall: int, before: float, after: float, moment: Moment
) -> None:
    given_clip = clip(onset, onset + rise, onset + rise + fall)
    numbers, place = window_numbers(given_clip, frames(moment, before=before, after=after), moment)
    assert numbers[place] == {"onset": onset, "apex": onset + rise, "offset": onset + rise + fall}[moment]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert onset <= numbers[0] <= numbers[-1] <= given_clip.offset


def test_a_moment_without_a_window_is_its_annotated_frame() -> None:
    declared = Frames(at=("onset", "apex"), size=(8, 8), windows=(Window(after=1.0),))
    assert window_numbers(clip(0, 8, 16), declared, "apex") == ([8], 0)
    assert window_numbers(clip(0, 8, 16), declared, "onset") == ([0, 1, 2], 0)


def test_a_clip_without_an_apex_is_refused() -> None:
    with pytest.raises(DataError, match="d/01/a/0: it has no apex; choose --apex middle or --apex drop"):
        window_numbers(clip(0, None, 16), frames("apex"), "apex")
