"""The linear probe: a linear classifier on features of a frozen timm network, of onset, apex and difference."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from merbench.entries.parameters import file_parameter, parameter
from merbench.entries.recipe import Recipe
from merbench.errors import UsageError
from merbench.inputs import Frames, Inputs
from merbench.method import Samples
from merbench.training.bases.feature_method import FeatureMethod
from merbench.training.bases.svm import SVMParameters

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from torch import nn

__all__ = ["LinearProbe", "LinearProbeParameters"]

#: The prefix of networks with random values.
RANDOM = "random-"


@dataclass(frozen=True, kw_only=True)
class LinearProbeParameters(SVMParameters):
    """The frozen network and its weights, its input, and the classifier on its features."""

    model: str = parameter(
        "random-resnet18",
        "chosen here: random-NAME is a network of timm with random values, NAME one with weights=FILE; short form "
        "linear-probe:NAME",
    )
    weights: str = file_parameter("chosen here: no weights; a file with the network's own, under timm's names")
    draw: int = parameter(
        0, "chosen here: the random values, drawn once for all folds and seeds; idle with weights", low=0, high=2**31
    )
    size: int = parameter(112, "MEB (arXiv 2211.11425): image networks at 112 x 112", low=16, high=512)
    views: str = parameter(
        "onset+apex+difference",
        "chosen here: features of the two frames, and of the apex less the onset",
        choices=("onset+apex+difference", "difference", "apex"),
    )
    kernel: str = parameter("linear", "what makes it a linear probe", choices=("linear",))
    scaling: str = parameter(
        "standard", "chosen here: features differ in scale; mean 0 and deviation 1 over the training clips",
        choices=("none", "standard"),
    )  # fmt: skip

    def __post_init__(self) -> None:
        super().__post_init__()
        from merbench.training.bases.timm_networks import require_network

        require_network(self.network)
        if self.weights and self.is_random:
            raise UsageError(
                f"weights={self.weights} is not possible with model={self.model}, whose values are random; give "
                f"--method linear-probe:{self.network} --set weights={shlex.quote(self.weights)}."
            )

    @property
    def is_random(self) -> bool:
        """Whether the network has random values."""
        return self.model.startswith(RANDOM)

    @property
    def network(self) -> str:
        """The network's name in timm."""
        return self.model.removeprefix(RANDOM)


class LinearProbe(FeatureMethod):
    """A linear support vector machine on features of a frozen network of timm, of onset, apex and their difference.

    Its name is ``linear-probe:NAME`` with weights from a file, and ``linear-probe:random-NAME`` with random values.
    """

    name = "linear-probe"
    title = "Linear probe of timm network"
    family = "control"
    year = 2016
    reference = "after G. Alain and Y. Bengio, arXiv 1610.01644"
    suffix = "model"
    Parameters = LinearProbeParameters
    parameters: LinearProbeParameters
    check_settings: ClassVar[Mapping[str, object]] = {"size": 32}
    learning_settings: ClassVar[Mapping[str, object]] = {"size": 48, "views": "difference"}
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "published": Recipe(source="the defaults; no paper has them for micro-expressions"),
        "quick": Recipe(source="chosen here: small pictures, for synthetic data", parameters={"size": 64}),
    }

    def inputs(self) -> Inputs:
        """The onset and the apex.

        Raises:
            UsageError: if the network needs weights and none are given.
        """
        chosen = self.parameters
        if not (chosen.weights or chosen.is_random):
            raise UsageError(
                f"linear-probe:{chosen.model} needs weights: add --set weights=FILE, or take random values with "
                f"--method linear-probe:{RANDOM}{chosen.model}."
            )
        return Inputs(frames=Frames(at=("onset", "apex"), size=(chosen.size, chosen.size)))

    def features(self, samples: Samples) -> npt.NDArray[np.float32]:
        """The output of the network before its classifier, `(clip value)`, with the views side by side."""
        from .extractor import features

        assert samples.frames is not None
        return features(self._extractor(), samples.frames, self.parameters.views)

    def _extractor(self) -> nn.Module:
        from .extractor import extractor

        if "_network" not in self.__dict__:
            self._network = extractor(self.parameters)
        return self._network
