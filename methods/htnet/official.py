"""Weights of the authors' released PyTorch module, loaded into this network."""

from __future__ import annotations

from collections.abc import Mapping

from einops import rearrange
from torch import Tensor, nn

from merbench.training.bases.released_weights import Names, Shape, fill, renamed

from . import HTNetParameters
from .network import HEADS, PATCH, Network

#: More layers than any level has.
_MOST_LAYERS = 32


def _level(level: int) -> dict[str, str]:
    """Released to own names of a level's places, layers, and the step to the next level."""
    names = {f"layers.{level}.0.pos_emb": f"levels.{2 * level}.place"}
    for layer in range(_MOST_LAYERS):
        start, own = f"layers.{level}.0.layers.{layer}", f"levels.{2 * level}"
        names |= _norm(f"{start}.0.norm", f"{own}.attention.{layer}.norm.norm")
        names |= _norm(f"{start}.1.norm", f"{own}.forth.{layer}.0.norm")
        names |= {
            f"{start}.0.fn.to_qkv": f"{own}.attention.{layer}.value",
            f"{start}.0.fn.to_out.0": f"{own}.attention.{layer}.out",
            f"{start}.1.fn.net.0": f"{own}.forth.{layer}.1",
            f"{start}.1.fn.net.3": f"{own}.forth.{layer}.3",
        }
    names[f"layers.{level}.1.0"] = f"levels.{2 * level + 1}.0"
    return names | _norm(f"layers.{level}.1.1", f"levels.{2 * level + 1}.1.norm")


def _norm(released: str, own: str) -> dict[str, str]:
    return {f"{released}.g": f"{own}.weight", f"{released}.b": f"{own}.bias"}


_NAMES: Names = {
    "to_patch_embedding.1": "embed",
    **{released: own for level in range(len(HEADS)) for released, own in _level(level).items()},
    **_norm("mlp_head.0", "head.0"),
    "mlp_head.2": "head.1",
}


class OnPictures(nn.Module):
    """The network as the release calls it: on the four regions, already laid out to a picture."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, picture: Tensor) -> Tensor:
        """Logits `(clip class)` of pictures `(clip 3 28 28)`."""
        return self.network.classified(picture)


def load(state_dict: Mapping[str, Tensor]) -> OnPictures:
    """The network, in evaluation mode, with the released weights; its width and last depth are read from the shapes.

    It is called on the release's own input, `(clip 3 28 28)`: the values 0..255 of flow pictures in the order in which
    OpenCV reads them, strain, v, u, of which 14 x 14 pixels around the eyes and the corners of the mouth are laid out
    two by two. It gives logits `(clip class)`. Of the released queries, keys and values only the values are kept.

    Raises:
        UsageError: if an array is unknown, lacking or of another shape.
    """
    released = renamed("HTNet", state_dict, _NAMES)
    released.arrays.update({name: _reshaped(name, value) for name, value in released.arrays.items()})
    width = len(released.require("embed.bias", axes=1))
    classes = len(released.require("head.1.bias", axes=1))
    last = f"levels.{2 * (len(HEADS) - 1)}.attention."
    depth = len({name.split(".")[3] for name in released.arrays if name.startswith(last)})
    parameters = HTNetParameters(width=width, depth=max(depth, 1))
    return OnPictures(fill(released, Network(parameters, classes=classes), _released_shape)).eval()


def _reshaped(name: str, value: Tensor) -> Tensor:
    """The array in the layout used here, or as it is where its shape is none of the release's."""
    if name == "embed.weight" and value.shape[1:] == (3 * PATCH**2, 1, 1):
        return rearrange(value, "width (y x channel) 1 1 -> width channel y x", y=PATCH, x=PATCH)
    if name.endswith("place") and value.shape == (1,):
        return value.view(1, 1, 1, 1)
    if name.endswith("value.weight") and value.ndim == 4 and len(value) % 3 == 0:
        return value.chunk(3)[2]
    if value.ndim == 4 and (len(value), *value.shape[2:]) == (1, 1, 1):  # of a normalisation
        return value.flatten()
    return value


def _released_shape(name: str, shape: Shape) -> Shape:
    """The shape in the release of an array that has this one here."""
    if name == "embed.weight":
        return shape[0], 3 * PATCH**2, 1, 1
    if name.endswith("place"):
        return (1,)
    if name.endswith("value.weight"):
        return 3 * shape[0], *shape[1:]
    if ".norm." in name or name.startswith("head.0."):
        return 1, shape[0], 1, 1
    return shape
