#!/usr/bin/env bash
# Your own clips, from a CSV file to a leaderboard: a method beside MMNet, on the same folds.
#
#   merbench new method mynet --file
#   docs/examples/own_data.sh clips.csv mynet --plugin mynet.py
#
# The file has one row a clip: dataset, subject, clip, onset, apex, offset, emotion, and a column frames with the folder
# or the pattern of each clip's frames; `merbench info manifest` says more, `merbench data export` writes such a file.
# What follows the name of the method goes to `merbench run`: --recipe quick for a first look, --device cuda, ...
set -euo pipefail
table=${1:?name the CSV file} method=${2:?name the method}
shift 2

# What the table holds: clips, subjects, classes, and frames that are missing.
merbench data check manifest "$table"

# Both methods, leaving one subject out; run it again, and finished folds are kept.
merbench run -m "$method" -m mmnet -p loso --dataset manifest --data "$table" --runs-dir own-runs "$@"

# The difference, its interval over subjects, and whether it can be told from chance.
merbench compare own-runs/*

# A leaderboard of your own: README.md, index.html, and the records behind them.
merbench leaderboard add own-runs/* --dir own-leaderboard
merbench leaderboard --dir own-leaderboard
