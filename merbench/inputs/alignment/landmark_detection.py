"""Landmarks detected in a frame by dlib, with the weights shipped in face_recognition_models: all offline."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from merbench.errors import FrameError, UsageError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: Frames are also searched at twice their size: the detector finds faces from 80 pixels on, so then from 40.
_UPSAMPLED = 1
_WEIGHTS = "shape_predictor_68_face_landmarks.dat"


def detect_landmarks(frame: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """The 68 points `(point xy)` of the surest face in a frame, uint8 `(height width rgb)`, in its pixels.

    dlib's HOG detector, and its regression trees (Kazemi & Sullivan, CVPR 2014) trained on iBUG 300-W.

    Raises:
        FrameError: if no face is detected, or a frame without landmarks needs the extra that is not installed.
    """
    import numpy as np

    detector, predictor = _models()
    image = np.ascontiguousarray(frame)
    faces, scores, _ = detector.run(image, _UPSAMPLED, 0.0)
    if not faces:
        raise FrameError(f"no face is detected in the frame of {frame.shape[1]} x {frame.shape[0]} pixels.")
    shape = predictor(image, faces[int(np.argmax(scores))])
    return np.array([(point.x, point.y) for point in shape.parts()], dtype=np.float32)


def require_detection() -> None:
    """Refuse to go on without what detects landmarks.

    Raises:
        UsageError: with the line that installs it.
    """
    lacking = [name for name in ("dlib", "face_recognition_models") if importlib.util.find_spec(name) is None]
    if lacking:
        raise UsageError(
            f"Detecting landmarks needs {' and '.join(lacking)}, not installed here; install them with: "
            'pip install "merbench[align]".'
        )


@lru_cache(maxsize=1)
def _models() -> tuple[Any, Any]:
    try:
        require_detection()
    except UsageError as fault:
        raise FrameError(f"its dataset has no landmarks. {fault}") from fault
    import dlib

    # located, not imported: the package needs pkg_resources, which setuptools removed
    spec = importlib.util.find_spec("face_recognition_models")
    places = [Path(place) / "models" / _WEIGHTS for place in (spec.submodule_search_locations or ())] if spec else []
    present = [str(place) for place in places if place.is_file()]
    if not present:
        raise FrameError(f"face_recognition_models has no file {_WEIGHTS}; install it again.")
    return dlib.get_frontal_face_detector(), dlib.shape_predictor(present[0])
