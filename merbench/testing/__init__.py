"""The checks that an entry must pass, to inherit in a test file, or by `merbench check NAME`.

A test class with one fixture runs them all::

    class TestMyNet(MethodChecks):
        @pytest.fixture
        def method(self):
            return MyNet

`check_method`, `check_dataset` and `check_protocol` give the same as results, without pytest.
"""

from merbench.testing.conformance import Check, Failed, Result
from merbench.testing.datasets import DATASET_CHECKS, check_dataset
from merbench.testing.methods import METHOD_CHECKS, check_method
from merbench.testing.protocols import PROTOCOL_CHECKS, check_protocol
from merbench.testing.pytest_classes import DatasetChecks, MethodChecks, ProtocolChecks

__all__ = [
    "DATASET_CHECKS",
    "METHOD_CHECKS",
    "PROTOCOL_CHECKS",
    "Check",
    "DatasetChecks",
    "Failed",
    "MethodChecks",
    "ProtocolChecks",
    "Result",
    "check_dataset",
    "check_method",
    "check_protocol",
]
