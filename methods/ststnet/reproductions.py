"""Printed results of STSTNet that can be reproduced."""

from __future__ import annotations

from merbench.entries.reproduction import Duration, PrintedNumber, Reproduction

#: The authors' own log; the paper's 0.7353 is of a MATLAB script, under a rule that is not known.
RERUN = PrintedNumber(
    method="STSTNet (authors' PyTorch re-run)",
    data="MEGC2019-Full",
    metric="UF1",
    value="0.7209",
    rule="last",
    evidence="in the repository of those who ran it",
    source="github.com/christy1206/STSTNet README.md and STSTNet_python_logfile.txt",
)
_TOLERANCE = "chosen here: the paper, the authors' re-run and MEB's re-run of this network differ by 0.023 in print"

REPRODUCTIONS = (
    Reproduction(
        name="ststnet",
        method="ststnet",
        datasets=("megc2019-flow",),
        protocol="composite",
        scheme="3-class-megc2019",
        clips=442,
        rule="last",
        metric="uf1",
        printed=RERUN,
        tolerance=0.03,
        tolerance_reason=_TOLERANCE,
        remark="pictures, network, recipe and rule are those of the release; its seed is not known",
        duration=Duration(
            core_hours=2.6,
            timed="all folds under last and oracle, doubled for inner",
        ),
    ),
    Reproduction(
        name="ststnet-short",
        method="ststnet",
        recipe="short",
        datasets=("megc2019-flow",),
        protocol="composite",
        scheme="3-class-megc2019",
        clips=442,
        rule="last",
        metric="uf1",
        printed=RERUN,
        tolerance=0.03,
        tolerance_reason=_TOLERANCE,
        remark="the recipe is not the release's: shuffled, and a twentieth of its epochs at twenty times its rate",
        duration=Duration(
            core_hours=0.14,
            busy=False,
            timed="all folds under last and oracle, doubled for inner",
        ),
    ),
)
