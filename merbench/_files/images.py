"""Pictures as arrays: decoded, resized, in colour or grey."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from merbench.errors import FrameError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL import Image

#: A picture of more pixels is refused before it is decoded: chosen here, thirty times those of the largest database.
MOST_PIXELS = 64_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA")
#: The number of the tag that says how a camera was held.
_ORIENTATION = 0x0112


def decode(path: Path) -> npt.NDArray[np.uint8]:
    """One frame file as uint8 `(height width rgb)`, as a viewer shows it; grey frames are repeated over the channels.

    Pillow decodes: unlike OpenCV, it refuses a truncated file instead of filling the rest with grey. A picture is
    turned as its metadata say; one that is partly transparent, of 16 bits of grey, or in colours for print is refused.

    Raises:
        FrameError: naming the file and why it cannot be decoded.
    """
    import numpy as np
    from PIL import Image

    try:
        with Image.open(path) as image:
            _require_readable(image)
            if image.format == "PNG":
                _require_checksums(path.read_bytes())
            return np.asarray(_opaque(_upright(image)))
    except _faults() as fault:
        reason = str(fault) or type(fault).__name__
        raise FrameError(f"{path} cannot be decoded ({reason}); replace the file or leave it out.") from fault


def _faults() -> tuple[type[Exception], ...]:
    from PIL import Image

    # Pillow warns of some damage, which is an error where warnings are
    return (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Warning)


def _require_readable(image: Image.Image) -> None:
    """Refuse a picture by its head, before anything is decoded."""
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise ValueError(f"{width} by {height} pixels, at most {MOST_PIXELS:,} are read")
    if image.mode not in _MODES:
        raise ValueError(
            f"pixels of mode {image.mode}, only 8 bits a channel of grey or of red, green and blue are read"
        )


def _require_checksums(content: bytes) -> None:
    """Refuse a PNG with a chunk that is cut short or has another checksum: of pixels, Pillow does not compare it."""
    place, kind = len(_PNG), b""
    while place < len(content) and kind != b"IEND":
        length, kind = int.from_bytes(content[place : place + 4], "big"), content[place + 4 : place + 8]
        end = place + 8 + length
        if end + 4 > len(content):
            raise ValueError("it is cut short")
        if zlib.crc32(content[place + 4 : end]) != int.from_bytes(content[end : end + 4], "big"):
            raise ValueError(f"the checksum of its chunk {kind.decode('ascii', 'replace')} is wrong")
        place = end + 4


def _opaque(image: Image.Image) -> Image.Image:
    """The picture in red, green and blue, if no pixel lets what is behind it through."""
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        seen = image.convert("RGBA")
        low, _ = seen.getchannel("A").getextrema()
        if low != 255:
            raise ValueError("it is partly transparent, and what is behind it is unknown")
        return seen.convert("RGB")
    return image.convert("RGB")


def _upright(image: Image.Image) -> Image.Image:
    from PIL import ImageOps

    try:
        turned = image.getexif().get(_ORIENTATION, 1) != 1
    except Exception:  # noqa: BLE001  # metadata that no viewer reads either
        return image
    return ImageOps.exif_transpose(image) if turned else image


def channels(path: Path) -> int:
    """How many channels of colour a picture has, by its head: 1 of a grey one, 3 of any other.

    Raises:
        FrameError: naming the file, if it is no picture.
    """
    from PIL import Image

    try:
        with Image.open(path) as image:
            _require_readable(image)
            return 1 if image.mode in ("1", "L", "LA") or image.mode.startswith(("I", "F")) else 3
    except _faults() as fault:
        reason = str(fault) or type(fault).__name__
        raise FrameError(f"{path} cannot be decoded ({reason}); replace the file or leave it out.") from fault


def resize(frame: npt.NDArray[np.uint8], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """The frame at `size` (height, width), bilinear with antialiasing, as torchvision resizes Pillow images."""
    import numpy as np
    from PIL import Image

    if frame.shape[:2] == size:
        return frame
    height, width = size
    return np.asarray(Image.fromarray(frame).resize((width, height), Image.Resampling.BILINEAR))


def grey_at(frame: npt.NDArray[np.uint8], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """The frame `(height width rgb)` in grey levels `(height width)` at `size` (height, width).

    ITU-R 601 luma, then bilinear with antialiasing: both as Pillow does them.
    """
    import numpy as np
    from PIL import Image

    height, width = size
    grey = Image.fromarray(frame).convert("L")
    return np.asarray(grey.resize((width, height), Image.Resampling.BILINEAR))


def pixels_at(frame: npt.NDArray[np.uint8], size: tuple[int, int], *, grey: bool) -> npt.NDArray[np.uint8]:
    """The frame `(height width rgb)` at `size` (height, width), channels first: `(1 or 3 height width)`."""
    if grey:
        return grey_at(frame, size)[None]
    return resize(frame, size).transpose(2, 0, 1)
