"""From a run's specification to folds that are trained, tested and stored."""
