"""Faces cut out and aligned by landmarks."""
