"""Support vector machines on features: how they are set, fitted, and read as probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from merbench.entries.parameters import Parameters, parameter

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Features = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, kw_only=True)
class SVMParameters(Parameters):
    """What can be set of the machine; methods replace the defaults for which their source has a value."""

    kernel: str = parameter(
        "linear", "chosen here: no source names another; poly has degree 3", choices=("linear", "poly", "rbf")
    )
    cost: float = parameter(
        1.0, "C, the price of a training clip on the wrong side; scikit-learn's default", low=1e-6, high=1e6, log=True
    )
    scaling: str = parameter(
        "none",
        "chosen here: features as the source defines them; standard: mean 0 and deviation 1 over the training clips",
        choices=("none", "standard"),
    )
    class_weights: str = parameter(
        "none", "plain; balanced: clips of rare classes cost more", choices=("none", "balanced")
    )


class Margins:
    """A fitted machine, or the only class that there was to learn."""

    def __init__(self, model: Any, present: npt.NDArray[np.int64], classes: int) -> None:
        self.model, self.present, self.classes = model, present, classes

    def probabilities(self, features: Features) -> npt.NDArray[np.float32]:
        """Probabilities `(clip class)` of features `(clip value)`: the softmax of the margins.

        The highest is the class that the machine decides for; the numbers rank classes and are not calibrated. Platt's
        method is not used: it is fitted on random parts of the clips, and may decide otherwise than the machine. A
        class without training clips has probability 0.
        """
        import numpy as np
        from scipy.special import softmax

        probabilities = np.zeros((len(features), self.classes), dtype=np.float32)
        probabilities[:, self.present] = 1.0 if self.model is None else softmax(self._margins(features), axis=1)
        return probabilities

    def _margins(self, features: Features) -> npt.NDArray[np.float64]:
        import numpy as np

        margins: npt.NDArray[np.float64] = self.model.decision_function(features)
        if margins.ndim == 1:  # of two classes, that of the second
            margins = np.stack([np.zeros_like(margins), margins], axis=1)
        return margins


def fitted(features: Features, labels: npt.NDArray[np.int64], classes: int, settings: SVMParameters) -> Margins:
    """The machine fitted to features `(clip value)`, and their scaling to the same clips.

    More than two classes are separated by pairwise machines that vote, as in LIBSVM; margins settle equal votes.
    """
    import numpy as np
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    present = np.unique(labels)
    if len(present) == 1:
        return Margins(None, present, classes)
    weights = "balanced" if settings.class_weights == "balanced" else None
    # Nothing is random, but without a random_state it takes a number from NumPy's global generator.
    machine = SVC(kernel=settings.kernel, C=settings.cost, class_weight=weights, break_ties=True, random_state=0)
    steps = [StandardScaler(), machine] if settings.scaling == "standard" else [machine]
    return Margins(make_pipeline(*steps).fit(np.asarray(features, dtype=np.float64), labels), present, classes)
