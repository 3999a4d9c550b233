"""AU-GCN: a facial graph of landmark patches, fused with a graph of action units (Lei et al., CVPR workshops 2021)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from merbench.inputs import Frames, Inputs, Landmarks, Magnified
from merbench.method import NetworkMethod, TrainInfo

from .parameters import AUGCNParameters
from .recipes import RECIPES

if TYPE_CHECKING:
    from .network import Network

__all__ = ["AUGCN", "AUGCNParameters"]


class AUGCN(NetworkMethod):
    """Patches around brows and mouth through transformers, weighed against action units that a fold's training shows.

    Which units occur together is counted in the training clips of each fold only.
    """

    name = "au-gcn"
    title = "AU-GCN"
    family = "graph"
    year = 2021
    reference = "Lei et al., CVPR Workshops 2021, 10.1109/CVPRW53098.2021.00173"
    Parameters = AUGCNParameters
    parameters: AUGCNParameters
    recipes = RECIPES

    def inputs(self) -> Inputs:
        """The magnified apex and its landmarks; the onset too, where it is subtracted or the factor is random.

        Where the factor is random, the apex is not magnified yet: the network does it.
        """
        chosen = self.parameters
        size = (chosen.size, chosen.size)
        random = chosen.training_magnification == "random"
        onset = Frames(at=("onset",), size=size, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
        factor = 0.0 if random else chosen.magnification
        return Inputs(
            frames=onset if random or chosen.motion == "difference" else None,
            arrays=(Magnified(size=size, factor=factor), Landmarks(at=("apex",), size=size)),
        )

    def network(self, train: TrainInfo) -> Network:
        """A fresh network that knows which units occur together in the training clips.

        It is called with the onset `(clip 3 height width)`, if `inputs` has it, the apex of that shape, both in 0..1,
        and the landmarks `(clip 1 68 xy)` in pixels.
        """
        from .network import Network

        return Network(self.parameters, classes=len(train.classes), action_units=train.action_units)
