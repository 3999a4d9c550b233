"""Data that merbench makes itself: faces with ground-truth motion, and trees laid out as databases are distributed."""
