"""The headings of options in the help of commands with many."""

DATA = "Data"
COMPUTING = "Computing"
OUTPUT = "Results and progress"
