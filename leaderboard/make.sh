#!/bin/sh
# The records of the leaderboard, made from synthetic faces and, where they are there, from the public flow pictures.
#
#   leaderboard/make.sh                  everything, cheap runs first; says the expected time before it starts
#   leaderboard/make.sh --plan [TABLE]   the runs in their order with their time, and nothing else
#   leaderboard/make.sh composite loso   these tables alone: real, composite, loso
#
# real: every method on flow alone by its published recipe, and by a short or quick one where it has one that fits (named
# so), on the 442 clips of the MEGC 2019 composite; needs HTNET, the folder that `merbench info megc2019-flow` says how to
# fetch, and hours to days on a processor. composite: every method on the difficulty realistic, 24 subjects. loso: every
# method on 5 classes, 24 subjects, and two of them tuned.
# A run that is there is not made again, one that was cut off is taken up: start this again whenever you like.
# METHODS="ststnet htnet" makes those methods alone, so that several processors can share the work.
#
# Records go to runs/leaderboard (or $RUNS). At the end the finished ones are added, and the pages made anew. It needs a
# clean checkout: `leaderboard add` refuses records of changed code.
set -eu
cd "$(dirname "$0")/.."
runs=${RUNS:-runs/leaderboard}
mode=run
[ "${1:-}" != --plan ] || { mode=plan && shift; }
[ $# -gt 0 ] || set -- real composite loso
composite="--protocol composite --recipe quick --set dataset.difficulty=realistic --set dataset.subjects=8"
loso="--protocol loso --recipe quick --dataset synthetic --set dataset.subjects=24 --set dataset.clips=5"
real="--protocol composite --dataset megc2019-flow"

# Minutes of one run. composite and loso: measured on one core of an AMD EPYC, beside other work; sssnet-short and
# off-apexnet-short: on one of an Intel Xeon, in bfloat16; tunings, rcn-*-short and htnet-quick: worked out there from their
# first folds or steps; the rest from records of fewer folds and clips.
minutes() { # TABLE METHOD
    case $1/$2 in
        real/majority | real/random | real/flow-svm) echo 2 ;;
        real/ststnet-short) echo 6 ;;
        real/sssnet-short) echo 34 ;;
        real/off-apexnet-short) echo 32 ;;
        real/htnet-quick) echo 20 ;;
        real/rcn-*-short) echo 39 ;;
        real/rcn-*) echo 640 ;;
        real/sssnet) echo 300 ;;
        real/ststnet) echo 500 ;;
        real/*) echo 2000 ;;
        composite/majority | composite/random | composite/flow-svm | composite/linear-probe | composite/bi-woof) echo 1 ;;
        composite/ststnet | composite/rcn-w | composite/htnet | composite/off-apexnet | composite/sssnet) echo 2 ;;
        composite/rcn-[as] | composite/lbp-top) echo 3 ;;
        composite/dual-inception | composite/capsulenet | composite/au-gcn | composite/timm:*) echo 5 ;;
        composite/mdmo | composite/resnet18 | composite/apex | composite/r2plus1d) echo 8 ;;
        composite/slstt | composite/mmnet) echo 10 ;;
        */majority | */random | */flow-svm | */linear-probe | */bi-woof | */lbp-top | */mdmo) echo 2 ;;
        */ststnet | */rcn-w | */htnet | */off-apexnet | */sssnet) echo 3 ;;
        */rcn-a | */rcn-s | */capsulenet | */dual-inception | */timm:*) echo 7 ;;
        */au-gcn | */r2plus1d) echo 9 ;;
        */resnet18 | */apex | */mmnet) echo 13 ;;
        */slstt) echo 17 ;;
        loso/tune-ststnet) echo 32 ;;
        loso/tune-mmnet) echo 75 ;;
        *) echo 240 ;;
    esac
}

seeds() { # MINUTES METHOD
    case $2 in majority | flow-svm | linear-probe | lbp-top | bi-woof | mdmo | tune-*) echo 1 && return ;; esac # nothing is random
    if [ "$1" -lt 120 ]; then echo 3; else echo 1; fi # one is shown, and not ranked
}

methods() { # TABLE
    case $1 in
        real) echo "majority random flow-svm ststnet-short sssnet-short off-apexnet-short htnet-quick rcn-a-short" \
            "rcn-s-short rcn-w-short ststnet off-apexnet dual-inception sssnet rcn-a rcn-s rcn-w" ;; # htnet, published: 900 hours
        *) echo "majority random flow-svm linear-probe lbp-top bi-woof mdmo ststnet off-apexnet dual-inception rcn-a rcn-s" \
            "rcn-w sssnet htnet au-gcn capsulenet r2plus1d slstt resnet18 timm:mobilenetv3_small_050 mmnet apex"
            [ "$1" != loso ] || echo "tune-ststnet tune-mmnet" ;;
    esac
}

plan() { # TABLE...: lines of "ALL-MINUTES TABLE METHOD SEEDS", cheap ones first
    for table in "$@"; do
        [ "$table" != real ] || [ -n "${HTNET:-}" ] || continue
        for method in $(methods "$table"); do
            case " ${METHODS:-$method} " in *" $method "*) ;; *) continue ;; esac
            one=$(minutes "$table" "$method")
            number=$(seeds "$one" "$method")
            echo "$((one * number)) $table $method $number"
        done
    done | sort -n -s -k 1,1
}

train() { # TABLE METHOD SEEDS [OPTION]...
    table=$1 method=$2 number=$3
    shift 3
    case $table in
        real) options=$real ;;
        composite) options=$composite ;;
        loso) options=$loso ;;
    esac
    [ "$table" != real ] || set -- --data "megc2019-flow=$HTNET" "$@"
    case $table/$method in
        real/ststnet-short) set -- --select-epoch last,inner,oracle "$@" ;;
        real/*-short | real/*-quick) set -- --select-epoch last,oracle "$@" ;; # inner takes as long again
        real/*) set -- --select-epoch last,inner,oracle "$@" ;;
    esac
    case $table/$method in
        real/dual-inception) set -- --set end=apex "$@" ;; # its own flow, to the middle, is not there
        real/htnet-*) set -- --set regions=fixed "$@" ;;   # landmarks are not there
    esac
    case $method in
        *-short) method=${method%-short} && set -- --recipe short "$@" ;;
        *-quick) method=${method%-quick} && set -- --recipe quick "$@" ;;
        random) if [ "$table" = real ]; then epochs=150; else epochs=60; fi # as many as the longest of those that are there
            set -- --set "epochs=$epochs" "$@" ;;
        apex) method=resnet18 && set -- --set motion=apex "$@" ;; # who it is, not what moved
    esac
    # shellcheck disable=SC2086 # options are words
    merbench run --method "$method" $options --seeds "$number" --runs-dir "$runs" "$@"
}

tune() { # METHOD; nested: the held-out subject takes no part in the choice
    case $1 in
        tune-ststnet) set -- --method ststnet --trials 10 ;;
        tune-mmnet) set -- --method mmnet --trials 6 ;;
    esac
    # shellcheck disable=SC2086
    merbench tune "$@" $loso --inner 2 --no-final-study --runs-dir "$runs"
}

jobs=$(plan "$@")
[ -n "$jobs" ] || { echo "nothing to do for: $*" >&2 && exit 2; }
case " $* " in *" real "*) [ -n "${HTNET:-}" ] || echo "real: left out; HTNET is not set" >&2 ;; esac
echo "$jobs" | awk '{ total += $1; printf "%6d min  %s %s, %d seeds\n", $1, $2, $3, $4 }
    END { printf "%.1f hours one after the other, worked out, less what is there already\n", total / 60 }'
[ $mode != plan ] || exit 0

failed=
while read -r _ table method number; do
    echo "== $table $method"
    case $method in
        tune-*) tune "$method" </dev/null || failed="$failed $table/$method" ;;
        *) train "$table" "$method" "$number" </dev/null || failed="$failed $table/$method" ;;
    esac
done <<EOF
$jobs
EOF
[ -z "$failed" ] || echo "failed, and left out:$failed" >&2

merbench leaderboard add "$runs"/*
merbench leaderboard
merbench leaderboard methods methods/README.md
[ -z "$failed" ]
