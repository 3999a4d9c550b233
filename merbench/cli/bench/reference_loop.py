"""The reference loop: a plain rendering of how released code trains, which reads its frames from disk in every step.

A step decodes nine JPEG frames a clip with OpenCV, resizes them with Pillow, and normalises the two that the network
sees; eager float32, one fold at a time. Many released loaders of the field do so; this one is written anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from merbench.errors import FrameError

#: Frames that are decoded of a clip in each step: those of MMNet's released loader.
FRAMES = 9
_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
_STD = np.array([0.229, 0.224, 0.225], dtype=np.float32)


class Reference:
    """One training from files: `files` are those of each clip, the onset first and the apex in the middle."""

    def __init__(
        self,
        network: nn.Module,
        files: Sequence[Sequence[Path]],
        labels: Sequence[int],
        *,
        size: int,
        batch: int,
        rate: float,
        decay: float,
        device: torch.device,
    ) -> None:
        self.network, self.files, self.labels = network.to(device), files, labels
        self.size, self.batch, self.device = size, batch, device
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=rate, weight_decay=decay)
        self.draws = np.random.default_rng(0)

    def epoch(self, clips: Sequence[int]) -> None:
        """Train on the clips once, the last batch filled up as the engine does."""
        self.network.train()
        size = min(self.batch, len(clips))
        for chosen in np.resize(self.draws.permutation(clips), (-(-len(clips) // size), size)):
            onset, apex = self._views(chosen, self.draws.random(size) < 0.5)
            truth = torch.tensor([self.labels[clip] for clip in chosen], device=self.device)
            self.optimiser.zero_grad()
            functional.cross_entropy(self.network(onset, apex), truth).backward()
            self.optimiser.step()

    @torch.no_grad()
    def watch(self, clips: Sequence[int]) -> np.ndarray:
        """Probabilities `(clip class)` of held-out clips."""
        self.network.eval()
        logits = self.network(*self._views(clips, np.zeros(len(clips), dtype=bool)))
        probabilities: np.ndarray = torch.softmax(logits, 1).cpu().numpy()
        return probabilities

    def _views(self, clips: Sequence[int] | np.ndarray, flip: np.ndarray) -> tuple[Tensor, Tensor]:
        read = [[self._read(path) for path in self.files[clip]] for clip in clips]
        onset, apex = (
            torch.stack([_tensor(frames[at], mirrored) for frames, mirrored in zip(read, flip, strict=True)])
            for at in (0, FRAMES // 2)
        )
        return onset.to(self.device), apex.to(self.device)

    def _read(self, path: Path) -> np.ndarray:
        import cv2
        from PIL import Image

        read = cv2.imread(str(path))
        if read is None:
            raise FrameError(f"{path} cannot be decoded.")
        image = cv2.cvtColor(read, cv2.COLOR_BGR2RGB)
        return np.asarray(Image.fromarray(image).resize((self.size, self.size)))


def _tensor(image: np.ndarray, mirrored: bool) -> Tensor:
    scaled = (image[:, ::-1] if mirrored else image).astype(np.float32) / 255
    return torch.from_numpy(((scaled - _MEAN) / _STD).transpose(2, 0, 1).copy())
