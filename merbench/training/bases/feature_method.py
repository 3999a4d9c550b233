"""The contract of a hand-crafted method: features of each clip, and a support vector machine on them."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from merbench.errors import EntryError
from merbench.kind_names import BOTH, MULTI_NAME, KindName
from merbench.method import FittedMethod, Predictor, Samples, TrainInfo
from merbench.plural import plural
from merbench.training.bases.svm import Margins, SVMParameters, fitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

#: Clips whose features are computed together, so that memory stays bounded: chosen here.
_TOGETHER = 32


class FeatureMethod(FittedMethod):
    """A method whose features need no fitting; only the machine is fitted, on the training clips.

    Of a multi-label task, a machine of each unit tells its clips from the rest (one versus rest).
    Features of a clip depend on that clip only, so they are computed once and reused by the folds that follow.
    """

    Parameters: ClassVar[type[SVMParameters]] = SVMParameters
    parameters: SVMParameters
    kinds: ClassVar[frozenset[KindName]] = BOTH

    @abstractmethod
    def features(self, samples: Samples) -> npt.NDArray[np.float32]:
        """Features `(clip value)`, each row computed from its own clip only."""

    def fit(self, train: TrainInfo, samples: Samples, generator: np.random.Generator) -> Predictor:
        """The machine fitted to the training clips; nothing is random."""
        features = self._features(samples)
        if train.kind == MULTI_NAME:
            units = [fitted(features, unit, 2, self.parameters) for unit in train.labels.T]
            return _UnitMachines(self, units)
        return _Machine(self, fitted(features, train.labels, len(train.classes), self.parameters))

    def _features(self, samples: Samples) -> npt.NDArray[np.float32]:
        import numpy as np

        rows: dict[bytes, npt.NDArray[np.float32]] = self.__dict__.setdefault("_rows", {})
        digests = [_digest(samples, clip) for clip in range(samples.count)]
        new = [clip for clip, digest in enumerate(digests) if digest not in rows]
        for start in range(0, len(new), _TOGETHER):
            clips = new[start : start + _TOGETHER]
            features = self._checked(self.features(_subset(samples, clips)), len(clips))
            rows.update(zip((digests[clip] for clip in clips), features, strict=True))
        return np.stack([rows[digest] for digest in digests])

    def _checked(self, features: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.float32]:
        import numpy as np

        if features.ndim != 2 or len(features) != count or not np.isfinite(features).all():
            raise EntryError(
                f"{self.name}: features must be finite and (clip value) with {plural(count, 'clip')}, not "
                f"{features.shape}."
            )
        return features


class _Machine(Predictor):
    def __init__(self, method: FeatureMethod, margins: Margins) -> None:
        self.method, self.margins = method, margins

    def probabilities(self, held_out: Samples) -> npt.NDArray[np.float32]:
        return self.margins.probabilities(self.method._features(held_out))


class _UnitMachines(Predictor):
    """A machine for each unit, whose probability is the sigmoid of its margin."""

    def __init__(self, method: FeatureMethod, units: Sequence[Margins]) -> None:
        self.method, self.units = method, units

    def probabilities(self, held_out: Samples) -> npt.NDArray[np.float32]:
        import numpy as np

        features = self.method._features(held_out)
        return np.stack([margins.probabilities(features)[:, 1] for margins in self.units], axis=1)


def _subset(samples: Samples, clips: Sequence[int]) -> Samples:
    frames = None if samples.frames is None else samples.frames[clips]
    return Samples(count=len(clips), frames=frames, arrays=tuple(array[clips] for array in samples.arrays))


def _digest(samples: Samples, clip: int) -> bytes:
    import numpy as np

    seen: list[npt.NDArray[Any]] = [array[clip] for array in samples.arrays]
    if samples.frames is not None:
        seen.append(samples.frames[clip])
    digest = hashlib.sha256()
    for array in seen:
        digest.update(np.ascontiguousarray(array).data)
    return digest.digest()
