#!/bin/sh
# All methods on drawn faces, on two tasks, by their quick recipes; what results/ holds comes from here.
#
#   leaderboard/make.sh            everything; runs that are there already, or half done, are taken up
#   leaderboard/make.sh mmnet htnet    these methods alone, so that several machines or processors can share the work
#
# Records go to runs/leaderboard (or $RUNS); at the end all of them are added, and the pages made anew. Three seeds each,
# but one of those that take minutes a run on a processor, and of those that draw nothing at random. It needs a clean
# checkout: `leaderboard add` refuses records of changed code.
set -eu
cd "$(dirname "$0")/.."
runs=${RUNS:-runs/leaderboard}

seeds() {
    case $1 in
        majority | flow-svm | lbp-top | bi-woof | mdmo) echo 1 ;; # nothing is drawn at random
        capsulenet | r2plus1d | slstt | resnet18 | timm:*) echo 1 ;; # minutes a run
        *) echo 3 ;;
    esac
}

small="--dataset synthetic --set dataset.subjects=16 --set dataset.clips=5"

train() { # METHOD [--set NAME=VALUE]...
    method=$1
    shift
    merbench run --method "$method" --protocol loso $small --recipe quick --seeds "$(seeds "$method")" --runs "$runs" "$@"
    merbench run --method "$method" --protocol composite --recipe quick --seeds "$(seeds "$method")" \
        --runs "$runs" "$@"
}

[ $# -gt 0 ] || set -- majority random flow-svm lbp-top bi-woof mdmo ststnet off-apexnet dual-inception rcn-a rcn-s rcn-w \
    sssnet htnet au-gcn capsulenet r2plus1d slstt resnet18 timm:mobilenetv3_small_050 mmnet apex \
    tuned

for name in "$@"; do
    case $name in
        random) train random --set epochs=60 ;; # as many as the longest of the others, STSTNet's
        apex) train resnet18 --set motion=apex ;; # who it is, not what moved: to see what motion is worth
        tuned) # nested: the held-out subject takes no part in the choice
            merbench tune --method ststnet --protocol loso $small --trials 10 --inner 2 --no-all --runs "$runs"
            merbench tune --method mmnet --protocol loso $small --trials 6 --inner 2 --no-all --runs "$runs" \
                --set size=32 --set epochs=6 --set batch=16 --set pad=15
            ;;
        *) train "$name" ;;
    esac
done

merbench leaderboard add "$runs"/*
merbench leaderboard
merbench leaderboard methods methods/README.md
