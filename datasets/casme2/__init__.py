"""CASME II: 255 micro-expressions of 26 subjects at 200 frames a second."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from merbench.clips import Annotations, Clip
from merbench.dataset import Dataset
from merbench.frame_files import given
from merbench.parameters import Parameters, parameter

from .annotation import read_annotations
from .frames import list_frames
from .mock import write_tree
from .schemes import SCHEMES


@dataclass(frozen=True, kw_only=True)
class Casme2Parameters(Parameters):
    """Which frames and which annotation workbook are read."""

    frames: str = parameter(
        "cropped", "the registered crops, which most released code reads", choices=("cropped", "raw")
    )
    coding: str = parameter("", "the annotation workbook under the data folder; empty: the only one that is there")
    mock_state: str = parameter(
        "2014", "the annotation state of a stand-in tree; nothing else reads it", choices=("2014", "2019", "256-row")
    )


class Casme2(Dataset):
    """CASME II as its authors distribute it: an annotation workbook, and raw or cropped frames in folders.

    Frame numbers in file names are those of the annotation. The three annotation states that circulate are told apart
    by content (see `states`).
    """

    name = "casme2"
    title = "CASME II"
    reference = "Yan et al., CASME II: An improved spontaneous micro-expression database, PLOS ONE 2014"
    schemes = SCHEMES
    Parameters = Casme2Parameters

    def __init__(self, parameters: Casme2Parameters | None = None) -> None:
        super().__init__(parameters)
        self._listed: dict[tuple[Path, str, str], dict[int, Path]] = {}

    def table(self, root: Path | None) -> Annotations:
        """The annotation table under `root`, one row a clip; subjects are two digits, ``objective_class`` where given.

        An apex outside onset..offset stays as annotated.
        """
        return read_annotations(given(self.name, root), self._settings.coding)

    def frames(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        """The files of a clip that are present, by annotated frame number; listed once an instance."""
        key = (given(self.name, root), clip.subject, clip.name)
        if key not in self._listed:
            self._listed[key] = list_frames(key[0], self._settings.frames, clip)
        return self._listed[key]

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
        """Write a stand-in tree of drawn faces to `out`, `clips` clips a subject; see `mock.write_tree`."""
        write_tree(
            out,
            subjects=subjects,
            clips=clips,
            seed=seed,
            state=self._settings.mock_state,
            frames=frames,
            progress=progress,
        )

    @property
    def _settings(self) -> Casme2Parameters:
        assert isinstance(self.parameters, Casme2Parameters)
        return self.parameters
