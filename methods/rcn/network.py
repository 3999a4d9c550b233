"""The network that the variants share: a stem, a recurrent layer, pooled cells and one linear layer."""

from __future__ import annotations

from torch import Tensor, nn

from merbench.training.randomness import Dropout

from .attention import activation_map
from .layers import Recurrent, Shortcut, WideStem, stem
from .parameters import RCNParameters, ShortcutParameters
from .pooling import adaptive_average


class Network(nn.Module):
    """An RCN as a module; `attend` weights the cells by the class-activation map of the stem's features."""

    def __init__(
        self, parameters: RCNParameters, classes: int, *, stem: nn.Module, recurrent: nn.Module, attend: bool = False
    ) -> None:
        super().__init__()
        self.pool, self.attend = parameters.pool, attend
        pooling: nn.Module = nn.Identity() if isinstance(stem, WideStem) else nn.MaxPool2d(2)
        self.stem = nn.Sequential(stem, pooling, Dropout(parameters.dropout))
        self.recurrent = nn.Sequential(recurrent, nn.MaxPool2d(2), Dropout(parameters.dropout))
        self.head = nn.Linear(parameters.maps * parameters.pool**2, classes)
        self.apply(_initialise)

    def forward(self, flow: Tensor) -> Tensor:
        """Logits `(clip class)` of u, v and strain `(clip 3 height width)`."""
        entering = self.stem(flow)
        cells = adaptive_average(self.recurrent(entering), self.pool)
        if self.attend:
            cells = cells * activation_map(entering, self.head.weight, self.pool)
        logits: Tensor = self.head(cells.flatten(1))
        return logits


def _initialise(module: nn.Module) -> None:
    # as the release does
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, 0, 0.01)
        nn.init.zeros_(module.bias)


def attending(parameters: RCNParameters, classes: int) -> Network:
    """RCN-A: 15,331 trainable parameters for three classes, 32 maps and 5 x 5 cells."""
    maps = parameters.maps
    return Network(parameters, classes, stem=stem(maps), recurrent=Recurrent(maps), attend=True)


def shortcut(parameters: ShortcutParameters, classes: int) -> Network:
    """RCN-S: 15,331 trainable parameters in the same setting: all passes share one kernel."""
    maps = parameters.maps
    return Network(parameters, classes, stem=stem(maps), recurrent=Shortcut(maps, parameters.kernels))


def wide(parameters: RCNParameters, classes: int) -> Network:
    """RCN-W: 13,795 trainable parameters in the same setting."""
    maps = parameters.maps
    return Network(parameters, classes, stem=WideStem(maps), recurrent=Recurrent(maps))
