"""Faces and micro-expression clips rendered by code, with the motion known at every pixel.

No photograph enters: a face is computed from a seed, a clip from a plan, and the same plan gives the same
bytes.

    plan = plan_clip(identity=3, seed=17, emotion="surprise", onset=0, apex=20, offset=45)
    onset, apex = draw_frames(plan, [plan.onset, plan.apex])
"""

from .difficulty import DIFFICULTIES, Difficulty
from .emotions import EMOTIONS, Expression
from .frames import draw_frames, ground_truth_motion, ground_truth_motion_by_unit, landmarks
from .muscles import ActionUnit
from .plan import ClipPlan, plan_clip
from .scene import draw_raw_frames, face_box
from .sheet import contact_sheet

GENERATOR_REVISION: int = 1
"""Raised whenever the drawn bytes change."""

__all__ = [
    "DIFFICULTIES",
    "EMOTIONS",
    "GENERATOR_REVISION",
    "ActionUnit",
    "ClipPlan",
    "Difficulty",
    "Expression",
    "contact_sheet",
    "draw_frames",
    "draw_raw_frames",
    "face_box",
    "ground_truth_motion",
    "ground_truth_motion_by_unit",
    "landmarks",
    "plan_clip",
]
