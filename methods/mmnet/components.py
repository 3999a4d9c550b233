"""The families of MMNet's interchangeable parts, named without loading torch; the paper's part comes first.

Each family's file says what a part of it is handed and gives back; a plugin registers one more in the same way::

    from merbench.methods.mmnet.attention import Attention, attention

    @attention.register("mine")
    class Mine(Attention): ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from merbench.entries.components import Components

if TYPE_CHECKING:
    from .attention import Attention
    from .fusion import Fusion
    from .motion import Motion
    from .position import Position

motion: Components[type[Motion]] = Components(
    "motion",
    of="mmnet",
    home=f"{__package__}.motion",
    shipped=("difference", "apex", "onset+apex", "flow", "flow+strain"),
)

attention: Components[type[Attention]] = Components(
    "attention",
    of="mmnet",
    home=f"{__package__}.attention",
    shipped=("continuous", "spatial-1x1", "spatial-7x7", "squeeze-excitation", "none"),
)

position: Components[type[Position]] = Components(
    "position", of="mmnet", home=f"{__package__}.position", shipped=("vit", "conv", "learned", "none")
)

fusion: Components[type[Fusion]] = Components(
    "fusion", of="mmnet", home=f"{__package__}.fusion", shipped=("add", "concat", "multiply", "gated")
)
