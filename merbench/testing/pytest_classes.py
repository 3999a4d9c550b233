"""The checks as pytest test classes to inherit from: one test for each check, on what one fixture returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from merbench.data.source import Source
from merbench.protocol import Protocol
from merbench.testing.conformance import Check, verdict_of
from merbench.testing.datasets import DATASET_CHECKS, DatasetUnderTest
from merbench.testing.methods import METHOD_CHECKS, Subject
from merbench.testing.protocols import PROTOCOL_CHECKS

Checked = TypeVar("Checked")


def _run(checks: Sequence[Check[Checked]], name: str, subject: Checked, exempt: Mapping[str, str]) -> None:
    """Run the check of that name; a failure fails the test, an exemption skips it, both with the reason."""
    import pytest

    [check] = [each for each in checks if each.name == name]
    verdict, detail = verdict_of(check, lambda: subject, exempt)
    if verdict == "failed":
        pytest.fail(detail, pytrace=False)
    if verdict == "exempt":
        pytest.skip(detail)


def _run_method(name: str, method: Subject) -> None:
    _run(METHOD_CHECKS, name, method, method.check_exempt)


def _run_dataset(name: str, source: Source) -> None:
    _run(DATASET_CHECKS, name, DatasetUnderTest(source=source, whole=source), {})


def _run_protocol(name: str, protocol: Protocol) -> None:
    _run(PROTOCOL_CHECKS, name, protocol, {})


class MethodChecks:
    """What every method promises; define a fixture `method` that returns a class or an instance.

    An instance is checked with its parameters, a class by its quick recipe; `check_settings` make either small.
    """

    def test_exemptions(self, method: Subject) -> None:
        """What it is exempt from is a check."""
        _run_method("exemptions", method)

    def test_declaration(self, method: Subject) -> None:
        """Name, recipes and inputs are whole."""
        _run_method("declaration", method)

    def test_probabilities(self, method: Subject) -> None:
        """They are finite and sum to one."""
        _run_method("probabilities", method)

    def test_seed(self, method: Subject) -> None:
        """The same seed gives the same predictions."""
        _run_method("seed", method)

    def test_labels(self, method: Subject) -> None:
        """Held-out labels are never read."""
        _run_method("labels", method)

    def test_frames(self, method: Subject) -> None:
        """Held-out frames change no weights."""
        _run_method("frames", method)

    def test_folds(self, method: Subject) -> None:
        """The order of folds does not matter."""
        _run_method("folds", method)

    def test_clips(self, method: Subject) -> None:
        """The order of held-out clips does not matter."""
        _run_method("clips", method)

    def test_pickle(self, method: Subject) -> None:
        """It can be pickled."""
        _run_method("pickle", method)

    def test_process(self, method: Subject) -> None:
        """Another process gives the same."""
        _run_method("process", method)

    def test_state(self, method: Subject) -> None:
        """Random state and flags are left alone."""
        _run_method("state", method)

    def test_memory(self, method: Subject) -> None:
        """Memory does not grow over folds."""
        _run_method("memory", method)

    def test_poor_folds(self, method: Subject) -> None:
        """One class to train on is handled."""
        _run_method("poor-folds", method)

    def test_packing(self, method: Subject) -> None:
        """Folds trained together agree with one at a time."""
        _run_method("packing", method)

    def test_units(self, method: Subject) -> None:
        """Action units are served, or refused by declaration."""
        _run_method("units", method)

    def test_learns(self, method: Subject) -> None:
        """EasyFaces motion of unseen people is learnt."""
        _run_method("learns", method)


class DatasetChecks:
    """What every dataset promises; define a fixture `source` that returns a `merbench.data.source.Source` with data."""

    def test_declaration(self, source: Source) -> None:
        """Title, docstring and schemes are whole."""
        _run_dataset("declaration", source)

    def test_table(self, source: Source) -> None:
        """The table is the same each time."""
        _run_dataset("table", source)

    def test_identity(self, source: Source) -> None:
        """No clip stands in it twice."""
        _run_dataset("identity", source)

    def test_subjects(self, source: Source) -> None:
        """Subjects can be qualified by their dataset."""
        _run_dataset("subjects", source)

    def test_counts(self, source: Source) -> None:
        """Clips and classes are as many as declared."""
        _run_dataset("counts", source)

    def test_scheme(self, source: Source) -> None:
        """The first scheme finds all its classes."""
        _run_dataset("scheme", source)

    def test_frames(self, source: Source) -> None:
        """Another process reads the same frames."""
        _run_dataset("frames", source)

    def test_folder(self, source: Source) -> None:
        """Reading changes no file."""
        _run_dataset("folder", source)

    def test_empty(self, source: Source) -> None:
        """An empty folder is reported clearly."""
        _run_dataset("empty", source)


class ProtocolChecks:
    """What every protocol promises; define a fixture `protocol` that returns an instance."""

    def test_declaration(self, protocol: Protocol) -> None:
        """Title and docstring are whole."""
        _run_protocol("declaration", protocol)

    def test_audit(self, protocol: Protocol) -> None:
        """The folds pass the audit of every run."""
        _run_protocol("audit", protocol)

    def test_subjects(self, protocol: Protocol) -> None:
        """No subject is trained on and held out."""
        _run_protocol("subjects", protocol)

    def test_order(self, protocol: Protocol) -> None:
        """The order of rows does not matter."""
        _run_protocol("order", protocol)

    def test_table(self, protocol: Protocol) -> None:
        """The table of clips is left as it is."""
        _run_protocol("table", protocol)

    def test_subsets(self, protocol: Protocol) -> None:
        """Subsets contain known clips, and are explained."""
        _run_protocol("subsets", protocol)

    def test_one_subject(self, protocol: Protocol) -> None:
        """A single subject is reported clearly."""
        _run_protocol("one-subject", protocol)

    def test_pickle(self, protocol: Protocol) -> None:
        """It can be pickled."""
        _run_protocol("pickle", protocol)
