"""The flow pictures of the MEGC 2019 composite that HTNet's repository holds: real motion, without frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from merbench.annotations.clips import Annotations, Clip
from merbench.annotations.schemes import LabelScheme
from merbench.dataset import Dataset, Known
from merbench.entries import parameters as typed
from merbench.entries.parameters import Parameters, parameter
from merbench.errors import FrameError
from merbench.synthetic.mock_clips import Extent

from . import mock
from .counts import BY_PART, CLASSES, SUBJECTS
from .layouts import Picture, read_pictures

STATE = "MEGC 2019 list"
_TOTALS = {label: sum(clips[label] for clips in BY_PART.values()) for label in CLASSES}


@dataclass(frozen=True, kw_only=True)
class Megc2019FlowParameters(Parameters):
    """Which of the two layouts is read, where a folder has both."""

    layout: str = parameter(
        "auto",
        "chosen here, not from a source: the list with its pictures where it is there, else the folders by subject",
        choices=("auto", "list", "subjects"),
    )


class Megc2019Flow(Dataset):
    """The motion of all 442 clips of MEGC 2019's composite, as pictures of optical flow that anyone may fetch.

    Each clip is one picture of 28 x 28 pixels: horizontal flow in red, vertical flow in green and optical strain in
    blue, each channel of each clip stretched to 0..255, so that amplitude is lost and no value stands for no motion.
    The flow goes from onset to apex; onset, apex, offset, frames and landmarks are not part of it and are unknown here.
    Methods that need frames or landmarks are refused.

    To get it, clone HTNet's repository and name its folder::

        git clone --depth 1 https://github.com/wangzhifengharrison/HTNet
        merbench data check megc2019-flow HTNet

    Licence: none is stated there, and the pictures derive from CASME II, SMIC and SAMM, whose agreements forbid
    redistribution. merbench ships none of it; do not commit or pass on the pictures or their list, and cite the three
    databases.

    Read are the list ``combined_3_class2_for_optical_flow.csv`` with ``datasets/STSNet_whole_norm_u_v_os``, or one
    folder a subject with ``u_test/CLASS/PICTURE`` (0 negative, 1 positive, 2 surprise), as the scripts of STSTNet and
    HTNet read it; ``u_train`` beside it repeats the pictures of all others and is not looked at. The clips are of
    three datasets, casme2, samm and smic, so that one folder is a whole composite.
    """

    name = "megc2019-flow"
    title = "MEGC 2019, flow pictures"
    reference = "See et al., MEGC 2019, FG 2019; Liong et al., STSTNet, FG 2019; Wang et al., HTNet, 2024"
    access = (
        "its repository states no licence, and the pictures derive from databases whose agreements forbid passing "
        "them on"
    )
    fetch = "git clone --depth 1 https://github.com/wangzhifengharrison/HTNet"
    schemes = (
        LabelScheme(
            name="3-class-megc2019",
            classes=CLASSES,
            mapping={label: label for label in CLASSES},
            source="See et al., MEGC 2019: the classes of its official list, which the pictures follow",
            counts={STATE: _TOTALS},
            subjects={STATE: sum(SUBJECTS.values())},
            users="MEGC 2019 and what is compared with it",
        ),
    )
    known = MappingProxyType(
        {
            STATE: Known(
                emotions=_TOTALS,
                subjects=sum(SUBJECTS.values()),
                source="the official list of MEGC 2019",
                by_dataset={
                    f"{part} {label}": count for part, clips in BY_PART.items() for label, count in clips.items()
                },
            )
        }
    )
    Parameters = Megc2019FlowParameters
    #: The number of subjects that a mock tree can have.
    most_subjects = sum(SUBJECTS.values())

    def __init__(self, parameters: typed.Parameters | None = None) -> None:
        super().__init__(parameters)
        self._pictures: dict[Path | None, Mapping[str, Picture]] = {}

    def table(self, root: Path | None) -> Annotations:
        """One row a clip; the subject as its part spells it, onset, apex and offset missing."""
        import pandas as pd

        rows = list(self._read(root).values())
        unknown = pd.array([None] * len(rows), dtype="Int64")
        columns = {
            "subject": [row.subject for row in rows],
            "clip": [row.clip for row in rows],
            "onset": unknown,
            "apex": unknown,
            "offset": unknown,
            "emotion": [row.label for row in rows],
            "action_units": "",
            "fps": float("nan"),
            "dataset": [row.part for row in rows],
        }
        return Annotations(table=pd.DataFrame(columns), state=STATE)

    def frames(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        """None: only the flow is distributed."""
        return {}

    def has_frames(self, root: Path | None, clip: Clip) -> bool:
        """They are no part of it."""
        return False

    def precomputed(self, root: Path | None, clip: Clip, name: str) -> Path | None:
        """The clip's picture.

        Raises:
            FrameError: naming the picture, if it is not there.
        """
        picture = self._read(root).get(clip.key) if name == "flow" else None
        if picture is None:
            return None
        if not picture.path.is_file():
            raise FrameError(f"{clip}: there is no picture {picture.path}; fetch the repository's pictures anew.")
        return picture.path

    def dataset_names(self, root: Path | None) -> tuple[str, ...]:
        """The parts that have clips, sorted."""
        return tuple(sorted({row.part for row in self._read(root).values()}))

    def mock(
        self,
        out: Path,
        *,
        subjects: int,
        clips: int,
        seed: int,
        frames: str = "key",
        full: bool = False,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """Write a mock tree of flow pictures to `out`, of rendered motion; without pictures if `frames` is ``none``.

        Raises:
            UsageError: if `out` is not empty, or there cannot be such a tree.
        """
        extent = Extent(subjects=subjects, clips=clips, seed=seed, frames=frames, full=full)
        extent.check(self.name, most_subjects=self.most_subjects)
        mock.write(self.name, out, extent, layout=self._layout, progress=progress)

    def _read(self, root: Path | None) -> Mapping[str, Picture]:
        if root not in self._pictures:
            self._pictures[root] = read_pictures(self.name, root, self._layout)
        return self._pictures[root]

    @property
    def _layout(self) -> str:
        assert isinstance(self.parameters, Megc2019FlowParameters)
        return self.parameters.layout
