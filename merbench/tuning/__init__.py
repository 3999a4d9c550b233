"""Tuning that cannot leak: a study for each outer fold, which is handed that fold's training clips and nothing else."""

from merbench.tuning.plan import Plan

__all__ = ["Plan"]
