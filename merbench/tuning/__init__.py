"""Tuning that cannot leak: a study for each outer fold, which is handed that fold's training clips and nothing else."""

from merbench.tuning.config import TuningConfig

__all__ = ["TuningConfig"]
