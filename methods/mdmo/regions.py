"""The 36 regions of the face: quadrilaterals between its 68 landmarks.

Their corners are those of MEB's port (`load_roi_36`; Copyright (c) 2022 Tuomas Varanka; Apache License 2.0 and MIT
License, as its files have it), in its order, written here as a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: A corner: landmarks (iBUG order, from 0) of which it is the mean, and whether it lies above them, on the forehead.
Corner = tuple[tuple[int, ...], bool]


def _at(*landmarks: int) -> Corner:
    return landmarks, False


def _above(*landmarks: int) -> Corner:
    return landmarks, True


#: Between the rim of the face and the nose, left and right in the image, from the eyes down.
_L1, _R1 = _at(2, 41), _at(14, 46)
_L2, _R2 = _at(3, 29), _at(13, 29)
_L3, _R3 = _at(4, 33), _at(12, 33)
#: Between the jaw and the lower lip, from left to right.
_JAW = (_at(5, 59), _at(6, 58), _at(8, 57), _at(10, 56), _at(11, 55))

REGIONS: Final[tuple[tuple[Corner, Corner, Corner, Corner], ...]] = (
    # forehead
    (_at(17), _above(17), _above(19), _at(19)),
    (_at(19), _above(19), _above(21), _at(21)),
    (_at(21), _above(21), _above(21, 22), _at(27)),
    (_at(27), _above(21, 22), _above(22), _at(22)),
    (_at(22), _above(22), _above(24), _at(24)),
    (_at(24), _above(24), _above(26), _at(26)),
    # temples, and between brows and eyes
    (_at(1), _at(0), _at(17), _at(36)),
    (_at(36), _at(17), _at(19), _at(38)),
    (_at(38), _at(19), _at(21), _at(39)),
    (_at(39), _at(21), _at(27), _at(28)),
    (_at(28), _at(27), _at(22), _at(42)),
    (_at(42), _at(22), _at(24), _at(43)),
    (_at(43), _at(24), _at(26), _at(45)),
    (_at(45), _at(26), _at(16), _at(15)),
    # under the eyes
    (_at(3), _at(2), _L1, _L2),
    (_L2, _L1, _at(41), _at(39)),
    (_L2, _at(39), _at(28), _at(29)),
    (_at(29), _at(28), _at(42), _R2),
    (_R2, _at(42), _at(46), _R1),
    (_R2, _R1, _at(14), _at(13)),
    # beside the nose, and between nose and mouth
    (_L3, _L2, _at(29), _at(33)),
    (_at(33), _at(29), _R2, _R3),
    (_JAW[0], _L3, _at(33), _at(59)),
    (_at(55), _at(33), _R3, _JAW[4]),
    # under the mouth
    (_JAW[1], _JAW[0], _at(59), _at(58)),
    (_JAW[2], _JAW[1], _at(58), _at(57)),
    (_JAW[3], _JAW[2], _at(57), _at(56)),
    (_JAW[4], _JAW[3], _at(56), _at(55)),
    # cheeks and jaw
    (_at(4), _at(3), _L2, _L3),
    (_R3, _R2, _at(13), _at(12)),
    (_at(5), _at(4), _L3, _JAW[0]),
    (_JAW[4], _R3, _at(12), _at(11)),
    (_at(6), _at(5), _JAW[0], _JAW[1]),
    (_at(8), _at(6), _JAW[1], _JAW[2]),
    (_at(10), _at(8), _JAW[2], _JAW[3]),
    (_at(11), _at(10), _JAW[3], _JAW[4]),
)


def corners(points: npt.NDArray[np.float32], forehead: float) -> npt.NDArray[np.float32]:
    """The corners `(region 4 xy)` among landmarks `(68 xy)`; those on the forehead lie so many pixels above theirs."""
    import numpy as np

    means = [[points[list(landmarks)].mean(axis=0) for landmarks, _ in region] for region in REGIONS]
    placed = np.array(means, dtype=np.float32)
    lifted = np.array([[above for _, above in region] for region in REGIONS])
    placed[lifted, 1] = np.maximum(placed[lifted, 1] - forehead, 0)
    return placed


def pixels(
    points: npt.NDArray[np.float32], size: tuple[int, int], forehead: float
) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """The rows and columns of the pixels of each region, its border included; regions share borders."""
    import cv2
    import numpy as np

    placed = []
    for region in corners(points, forehead):
        mask = np.zeros(size, dtype=np.uint8)
        cv2.fillPoly(mask, [region.astype(np.int32)], 1)
        rows, columns = np.nonzero(mask)
        placed.append((rows, columns))
    return placed
