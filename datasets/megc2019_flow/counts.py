"""What the official list of MEGC 2019 holds, by part, as See et al. publish it."""

from __future__ import annotations

from collections.abc import Mapping

#: In the order of their numbers 0, 1 and 2.
CLASSES = ("negative", "positive", "surprise")
BY_PART: Mapping[str, Mapping[str, int]] = {
    "casme2": {"negative": 88, "positive": 32, "surprise": 25},
    "samm": {"negative": 92, "positive": 26, "surprise": 15},
    "smic": {"negative": 70, "positive": 51, "surprise": 43},
}
SUBJECTS: Mapping[str, int] = {"casme2": 24, "samm": 28, "smic": 16}
