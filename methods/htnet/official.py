"""Weights of the authors' released PyTorch module, loaded into this network."""

from __future__ import annotations

import re
from collections.abc import Mapping

from einops import rearrange
from torch import Tensor, nn

from merbench.training.bases.released_weights import Rule, fill, renamed, require

from . import HTNetParameters
from .network import HEADS, PATCH, Network

_NORM = {"g": "weight", "b": "bias"}
_LEVEL = r"layers\.(\d)\.0\.layers\.(\d+)\."


def _level(match: re.Match[str], place: str) -> str:
    return f"levels.{2 * int(match[1])}.{place}"


_RULES: tuple[Rule, ...] = (
    (r"to_patch_embedding\.1\.(.*)", lambda match: f"embed.{match[1]}"),
    (r"layers\.(\d)\.0\.pos_emb", lambda match: _level(match, "place")),
    (_LEVEL + r"0\.norm\.([gb])", lambda match: _level(match, f"attention.{match[2]}.norm.norm.{_NORM[match[3]]}")),
    (_LEVEL + r"0\.fn\.to_qkv\.weight", lambda match: _level(match, f"attention.{match[2]}.value.weight")),
    (_LEVEL + r"0\.fn\.to_out\.0\.(.*)", lambda match: _level(match, f"attention.{match[2]}.out.{match[3]}")),
    (_LEVEL + r"1\.norm\.([gb])", lambda match: _level(match, f"forth.{match[2]}.0.norm.{_NORM[match[3]]}")),
    (_LEVEL + r"1\.fn\.net\.0\.(.*)", lambda match: _level(match, f"forth.{match[2]}.1.{match[3]}")),
    (_LEVEL + r"1\.fn\.net\.3\.(.*)", lambda match: _level(match, f"forth.{match[2]}.3.{match[3]}")),
    (r"layers\.(\d)\.1\.0\.(.*)", lambda match: f"levels.{2 * int(match[1]) + 1}.0.{match[2]}"),
    (r"layers\.(\d)\.1\.1\.([gb])", lambda match: f"levels.{2 * int(match[1]) + 1}.1.norm.{_NORM[match[2]]}"),
    (r"mlp_head\.0\.([gb])", lambda match: f"head.0.{_NORM[match[1]]}"),
    (r"mlp_head\.2\.(.*)", lambda match: f"head.1.{match[1]}"),
)


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
    weights = {name: _reshaped(name, value) for name, value in renamed("HTNet", state_dict, _RULES).items()}
    width = len(require("HTNet", weights, "embed.bias", axes=1))
    classes = len(require("HTNet", weights, "head.1.bias", axes=1))
    last = f"levels.{2 * (len(HEADS) - 1)}.attention."
    depth = len({name.split(".")[3] for name in weights if name.startswith(last)})
    parameters = HTNetParameters(width=width, depth=max(depth, 1))
    return OnPictures(fill("HTNet", Network(parameters, classes=classes), weights)).eval()


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
