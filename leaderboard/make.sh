#!/bin/sh
# The records of the leaderboard, made from synthetic faces and, where they are there, from the public flow pictures.
#
#   leaderboard/make.sh                  everything, cheap runs first; says the expected time before it starts
#   leaderboard/make.sh --plan [TABLE]   the runs in their order with their time and commands, and nothing else
#   leaderboard/make.sh composite loso   these tables alone: real, composite, loso, units
#
# real: flow networks and an SVM on flow, by their published recipes and by a short or quick one where a method has one that
# fits (named so), on the 442 clips of the MEGC 2019 composite; needs HTNET, the folder that `merbench info megc2019-flow`
# says how to fetch, and hours to days on a processor. composite: every method on the difficulty realistic, 24 subjects.
# loso: every method on 5 classes, 24 subjects, and two of them tuned. units: action units over six datasets (CD6ME).
# A run that is there is not made again, one that was cut off is taken up: start this again whenever you like. What a folder
# of records has so far may be less than all of this.
# METHODS="ststnet htnet" makes those methods alone, so that several processors can share the work.
#
# Records go to runs/leaderboard (or $RUNS). At the end the finished ones are added, and the pages made anew. It needs a
# clean checkout: `leaderboard add` refuses records of changed code.
set -eu
cd "$(dirname "$0")/.."
runs=${RUNS:-runs/leaderboard}
mode=run
tables=
for word in "$@"; do
    case $word in
        --plan) mode=plan ;;
        -h | --help) sed -n '2,${/^#/!q;s/^# \{0,1\}//p;}' leaderboard/make.sh && exit 0 ;;
        real | composite | loso | units) tables="$tables $word" ;;
        *) echo "make.sh: unknown table '$word'; there are real, composite, loso and units" >&2 && exit 2 ;;
    esac
done
# shellcheck disable=SC2086 # tables are words
set -- ${tables:-real composite loso units}
case " $* " in *" real "*) [ -n "${HTNET:-}" ] || echo "real: left out; HTNET is not set" >&2 ;; esac
composite="--protocol composite --recipe quick --set dataset.difficulty=realistic --set dataset.subjects=8"
loso="--protocol loso --recipe quick --dataset synthetic --set dataset.subjects=24 --set dataset.clips=5"
real="--protocol composite --dataset megc2019-flow"
units="--protocol cd6me"

# Minutes of one run, measured on one core of an AMD EPYC, beside other work; sssnet-short and off-apexnet-short: on one of an
# Intel Xeon, in bfloat16; tune-mmnet and rcn-*: worked out from their first steps or folds (in bfloat16 on such a Xeon,
# rcn-*-short would take 39 at most); the other published recipes: from records of fewer folds and clips.
minutes() { # TABLE METHOD
    case $1/$2 in
        real/majority | real/random-* | real/flow-svm) echo 2 ;;
        real/ststnet-short) echo 13 ;;
        real/sssnet-short) echo 34 ;;
        real/off-apexnet-short) echo 32 ;;
        real/htnet-quick) echo 15 ;;
        real/rcn-w-short) echo 59 ;;
        real/rcn-*-short) echo 270 ;;
        real/rcn-w) echo 790 ;;
        real/rcn-*) echo 3500 ;;
        real/sssnet) echo 300 ;;
        real/ststnet) echo 70 ;;
        real/*) echo 2000 ;;
        composite/majority | composite/random | composite/flow-svm | composite/linear-probe | composite/bi-woof) echo 1 ;;
        composite/ststnet | composite/rcn-w | composite/htnet | composite/off-apexnet | composite/sssnet) echo 2 ;;
        composite/rcn-[as] | composite/lbp-top) echo 3 ;;
        composite/dual-inception | composite/capsulenet | composite/au-gcn | composite/timm:*) echo 5 ;;
        composite/mdmo | composite/resnet18* | composite/r2plus1d) echo 8 ;;
        composite/slstt | composite/mmnet) echo 10 ;;
        units/mmnet) echo 6 ;;
        units/*) echo 1 ;;
        */majority | */random | */flow-svm | */linear-probe | */bi-woof | */lbp-top | */mdmo) echo 2 ;;
        */ststnet | */rcn-w | */htnet | */off-apexnet | */sssnet) echo 3 ;;
        */rcn-a | */rcn-s | */capsulenet | */dual-inception | */timm:*) echo 7 ;;
        */au-gcn | */r2plus1d) echo 9 ;;
        */resnet18* | */mmnet) echo 13 ;;
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
        real) echo "majority random-150 random-800 flow-svm ststnet-short sssnet-short off-apexnet-short htnet-quick rcn-a-short" \
            "rcn-s-short rcn-w-short ststnet off-apexnet dual-inception sssnet rcn-a rcn-s rcn-w" ;; # htnet, published: 900 hours
        units) echo "majority random flow-svm bi-woof ststnet htnet mmnet" ;;
        *) echo "majority random flow-svm linear-probe lbp-top bi-woof mdmo ststnet off-apexnet dual-inception rcn-a rcn-s" \
            "rcn-w sssnet htnet au-gcn capsulenet r2plus1d slstt resnet18 timm:mobilenetv3_small_050 mmnet resnet18-apex"
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
        units) options=$units ;;
    esac
    [ "$table" != real ] || set -- --data "megc2019-flow=$HTNET" "$@"
    case $table/$method in
        real/ststnet-short) set -- --select-epoch last,inner,oracle "$@" ;;
        real/*-short | real/*-quick | real/ststnet) set -- --select-epoch last,oracle "$@" ;; # inner takes as long again
        real/*) set -- --select-epoch last,inner,oracle "$@" ;;
    esac
    case $table/$method in
        real/dual-inception) set -- --set end=apex "$@" ;; # its own flow, to the middle, is not there
        real/htnet-*) set -- --set regions=fixed "$@" ;;   # landmarks are not there
    esac
    case $method in
        *-short) method=${method%-short} && set -- --recipe short "$@" ;;
        *-quick) method=${method%-quick} && set -- --recipe quick "$@" ;;
        random-*) epochs=${method#random-} && method=random && set -- --set "epochs=$epochs" "$@" ;;
        random) set -- --set epochs=60 "$@" ;; # as many as the longest of those that are there
        *-apex) method=${method%-apex} && set -- --set motion=apex "$@" ;; # who it is, not what moved
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

make() { # TABLE METHOD SEEDS
    case $2 in
        tune-*) tune "$2" ;;
        *) train "$1" "$2" "$3" ;;
    esac
}

jobs=$(plan "$@")
[ -n "$jobs" ] || { echo "nothing to do for: $*" >&2 && exit 2; }
[ $mode != plan ] || merbench() { echo "            merbench $*"; }
while read -r minutes table method number; do
    ending=s && [ "$number" != 1 ] || ending=
    printf "%6d min  %s %s, %d seed%s\n" "$minutes" "$table" "$method" "$number" "$ending"
    [ $mode != plan ] || make "$table" "$method" "$number"
done <<EOF
$jobs
EOF
echo "$jobs" | awk '{ total += $1 }
    END { printf "%.1f hours one after the other, worked out, less what is there already\n", total / 60 }'
[ $mode != plan ] || exit 0

failed=
while read -r _ table method number; do
    echo "== $table $method"
    make "$table" "$method" "$number" </dev/null || failed="$failed $table/$method"
done <<EOF
$jobs
EOF
[ -z "$failed" ] || echo "failed, and left out:$failed" >&2

merbench leaderboard add "$runs"/*
merbench leaderboard
merbench leaderboard methods methods/README.md
[ -z "$failed" ]
