"""The temporal interpolation model: a clip of any length as one of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def interpolation_weights(length: int, wanted: int) -> npt.NDArray[np.float64]:
    """Weights `(wanted length)` that make `wanted` frames out of `length`: rows sum to 1, the ends are kept.

    The frames are nodes of a path graph, embedded by its Laplacian's eigenvectors, which are samples of the curves
    f_k(t) = sin(pi k t + pi (n - k) / 2n), k = 1 .. n-1, at t = 1/n .. 1. The linear map from these curves to the
    frames less their mean is read off at evenly spaced t (Zhou, Zhao & Pietikäinen, CVPR 2011, section 3). The
    eigenvectors are orthogonal with squared norm n / 2, so that map needs no solver.
    """
    import numpy as np

    if length == 1:
        return np.ones((wanted, 1))
    k = np.arange(1, length)[:, None]
    phase = np.pi * (length - k) / (2 * length)
    nodes = np.sin(np.pi * k * np.arange(1, length + 1) / length + phase)
    times = np.linspace(1 / length, 1, wanted)
    curves = np.sin(np.pi * k * times + phase)
    weights: npt.NDArray[np.float64] = curves.T @ nodes * (2 / length) + 1 / length
    return weights
