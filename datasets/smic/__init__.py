"""SMIC: spontaneous micro-expressions before a fast, a normal and a near-infrared camera."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from merbench.clips import Annotations, Clip
from merbench.dataset import Dataset
from merbench.frame_files import given
from merbench.parameters import Parameters, parameter

from .annotation import annotations_of
from .mock import write_tree
from .parts import HS, NIR, VIS, Part
from .schemes import schemes_of
from .tree import Tree, read_tree


@dataclass(frozen=True, kw_only=True)
class SmicParameters(Parameters):
    """Which frames are read, and with them onset and offset."""

    frames: str = parameter(
        "cropped", "the registered crops, which most released code reads", choices=("cropped", "raw")
    )


class Smic(Dataset):
    """One part of SMIC; subjects are spelled ``s1``, clips ``s1_ne_01``, as on the disk."""

    reference = "Li et al., A spontaneous micro-expression database: inducement, collection and baseline, FG 2013"
    Parameters = SmicParameters
    part: ClassVar[Part]

    def __init__(self, parameters: SmicParameters | None = None) -> None:
        super().__init__(parameters)
        self._trees: dict[Path, Tree] = {}

    def table(self, root: Path | None) -> Annotations:
        """One row a clip folder under `root`; every apex is missing."""
        tree = self._tree(root)
        assert root is not None
        return annotations_of(self.name, root, self.part, self._variant, tree)

    def frames(self, root: Path | None, clip: Clip) -> Mapping[int, Path]:
        """The files of a clip by the number in their names; the folders are listed once an instance."""
        found = self._tree(root).clips.get((clip.subject, clip.name))
        return {} if found is None else found.files

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
            dataset=self.name,
            part=self.part,
            subjects=subjects,
            clips=clips,
            seed=seed,
            frames=frames,
            progress=progress,
        )

    def _tree(self, root: Path | None) -> Tree:
        folder = given(self.name, root)
        if folder not in self._trees:
            self._trees[folder] = read_tree(self.name, folder, self.part, self._variant)
        return self._trees[folder]

    @property
    def _variant(self) -> str:
        assert isinstance(self.parameters, SmicParameters)
        return self.parameters.frames


class SmicHs(Smic):
    """The part of SMIC before the fast camera, 100 frames a second: 164 micro-expressions of 16 subjects.

    As distributed, without an annotation file: the folders give subject and class, the first and the last frame that
    lie there onset and offset. No apex is annotated; `--apex` says what becomes of that.
    """

    name = "smic-hs"
    title = "SMIC-HS"
    part = HS
    schemes = schemes_of(HS)


class SmicVis(Smic):
    """The part of SMIC before the normal camera, 25 frames a second: 71 micro-expressions of 8 subjects.

    As distributed, without an annotation file: the folders give subject and class, the first and the last frame that
    lie there onset and offset. No apex is annotated; `--apex` says what becomes of that.
    """

    name = "smic-vis"
    title = "SMIC-VIS"
    part = VIS
    schemes = schemes_of(VIS)


class SmicNir(Smic):
    """The part of SMIC before the near-infrared camera, 25 frames a second: 71 micro-expressions of 8 subjects.

    As distributed, without an annotation file: the folders give subject and class, the first and the last frame that
    lie there onset and offset. No apex is annotated; `--apex` says what becomes of that.
    """

    name = "smic-nir"
    title = "SMIC-NIR"
    part = NIR
    schemes = schemes_of(NIR)
