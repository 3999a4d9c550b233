"""Inputs and frames of a fold as tensors on the device that trains."""
