"""Tables, comparisons and ablations of runs."""
