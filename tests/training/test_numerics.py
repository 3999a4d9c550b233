"""On what a run computes: what is chosen, refused and put back."""

import dataclasses
import json
import os

import pytest
import torch

from merbench.errors import UsageError
from merbench.training import hardware, numerics
from merbench.training.hardware import device_name, has_fast_bfloat16
from merbench.training.numerics import PRECISIONS, choose
from merbench.training.pinning import pinned


@pytest.mark.parametrize(
    "device",
    ["nonsense", "cuda:-1", "cuda:99", "", "cpu:x", "xla", "hpu", "vulkan", "privateuseone", "meta"],
)
def test_a_device_that_cannot_be_used_is_refused(device: str) -> None:
    with pytest.raises(UsageError) as refused:
        choose(device)
    assert str(refused.value).startswith(f"device={device} cannot be used (")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    there = ", ".join(["cpu", *(f"cuda:{index}" for index in range(count))])
    assert str(refused.value).endswith(f"; choose {there} or auto.")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("precision", ["half", "float16", "Float32", "", "64"])
def test_a_precision_that_does_not_exist_is_refused(precision: str) -> None:
    with pytest.raises(UsageError) as refused:
        choose("cpu", precision)
    assert str(refused.value) == (
        f"precision={precision} is not possible: it must be auto, float64, float32 or bfloat16."
    )


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_precision_is_taken_as_given(precision: str) -> None:
    chosen = choose("cpu", precision, threads=3)
    assert (chosen.device, chosen.precision, chosen.threads, chosen.parallel_folds) == ("cpu", precision, 3, 1)
    assert chosen.torch_device == torch.device("cpu")
    assert chosen.torch_version == torch.__version__
    assert chosen.autocast == (precision == "bfloat16")
    assert chosen.dtype == (torch.float64 if precision == "float64" else torch.float32)


def test_auto_takes_a_gpu_where_there_is_one() -> None:
    assert choose().device == ("cuda:0" if torch.cuda.is_available() else "cpu")
    assert choose("cpu").threads == torch.get_num_threads()


@pytest.mark.parametrize(
    ("flags", "precision"),
    [("fpu avx2", "float32"), ("fpu amx_bf16", "bfloat16"), ("avx512_bf16", "bfloat16"), ("", "float32")],
)
def test_auto_takes_bfloat16_where_the_processor_has_it(
    monkeypatch: pytest.MonkeyPatch, flags: str, precision: str
) -> None:
    monkeypatch.setattr(hardware, "cpu_field", lambda field: flags if field == "flags" else "a processor")
    monkeypatch.setattr(hardware, "bfloat16_gain", lambda: 8.0)
    assert choose("cpu").precision == precision
    assert choose("cpu").device_name == "a processor"


def test_a_processor_on_which_bfloat16_is_no_faster_computes_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "cpu_field", lambda field: "avx512_bf16")
    monkeypatch.setattr(hardware, "bfloat16_gain", lambda: 1.0)
    assert choose("cpu").precision == "float32"


def test_the_gain_of_bfloat16_is_measured() -> None:
    assert 0 < hardware.bfloat16_gain() < 1000


@pytest.mark.parametrize("packing", ["0", "-1", "two", "1.5", "", 0])
def test_a_packing_that_is_no_number_of_folds_is_refused(packing: str | int) -> None:
    with pytest.raises(UsageError, match=r"parallel_folds=.* is not possible: it must be auto, or a whole number"):
        choose("cpu", parallel_folds=packing)


def test_folds_trained_at_once_share_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numerics, "available_threads", lambda: 8)
    found = [choose("cpu", parallel_folds=packing) for packing in ("auto", 1, "2", 3, 100)]
    assert [each.parallel_folds for each in found] == [0, 1, 2, 3, 100]
    assert [each.threads for each in found] == [8, 8, 4, 2, 1]
    assert {each.parallelism for each in found} == {"threaded"}


def test_float32_is_no_tf32_on_a_processor() -> None:
    assert not choose("cpu", "float32").tf32


def test_tf32_is_set_for_a_block_and_put_back() -> None:
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    with pinned(dataclasses.replace(choose("cpu", "float32"), tf32=True)):
        assert torch.backends.cuda.matmul.allow_tf32
        assert torch.backends.cudnn.allow_tf32
    with pinned(choose("cpu", "float32")):
        assert not torch.backends.cuda.matmul.allow_tf32
    assert (torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32) == before


def test_other_devices_have_no_fast_bfloat16_that_is_known_of() -> None:
    assert not has_fast_bfloat16(torch.device("mps"))


def test_the_processor_has_a_name() -> None:
    assert device_name(torch.device("cpu"))


def state() -> tuple[object, ...]:
    cudnn = torch.backends.cudnn
    workspace = os.environ.get("CUBLAS_WORKSPACE_CONFIG")
    return torch.get_num_threads(), cudnn.deterministic, cudnn.benchmark, workspace


def test_a_block_computes_as_chosen_and_puts_everything_back() -> None:
    before = state()
    with pinned(choose("cpu", "float32", threads=2)):
        assert torch.get_num_threads() == 2
        assert torch.backends.cudnn.deterministic
        assert not torch.backends.cudnn.benchmark
        assert os.environ["CUBLAS_WORKSPACE_CONFIG"]
    assert state() == before


def test_an_error_puts_everything_back_too() -> None:
    before = state()
    with pytest.raises(ZeroDivisionError), pinned(choose("cpu", "float32", threads=2)):
        raise ZeroDivisionError
    assert state() == before


@pytest.mark.parametrize("device", ["mps", "mps:0"])
def test_mps_is_refused_in_a_sentence(device: str) -> None:
    with pytest.raises(UsageError, match=rf"^device={device} is not supported: .*; choose cpu"):
        choose(device)


def test_numerics_are_equal_after_their_record() -> None:
    chosen = choose("cpu", "float32", threads=3, parallel_folds=2)
    assert numerics.Numerics.from_record(json.loads(json.dumps(chosen.record()))) == chosen


def test_a_record_of_an_earlier_release_is_read() -> None:
    record = {
        "device": "cuda", "device_name": "NVIDIA H200", "precision": "bfloat16", "threads": 4, "packing": 34,
        "torch_version": "2.9.0", "numpy_version": "2.0.0", "together": "stacked", "tf32": False,
    }  # fmt: skip
    read = numerics.Numerics.from_record(record)
    assert (read.parallel_folds, read.parallelism, read.compile) == (34, "vmapped", False)
    assert numerics.Numerics.from_record({**record, "together": "beside"}).parallelism == "threaded"
    assert read.differences(record) == ""


def test_what_differs_is_named_with_both_values() -> None:
    here = choose("cpu", "float32", threads=2)
    assert here.differences(here.record()) == ""
    record = {**here.record(), "precision": "float64", "threads": 7, "torch_version": "1.0", "unheard_of": 3}
    assert here.differences(record) == (
        f"precision float64 then, float32 now; threads 7 then, 2 now; torch_version 1.0 then, {torch.__version__} now"
    )
    assert here.adopting(record).threads == 7
    assert here.differences({**here.record(), "compiled": True}) == "compiled True then, False now"


def test_equal_gpus_are_no_difference_but_a_gpu_and_a_processor_are() -> None:
    here = dataclasses.replace(choose("cpu", "float32"), device="cuda:1")
    assert here.differences({**here.record(), "device": "cuda"}) == ""
    assert here.differences({**here.record(), "device": "cpu"}) == "device cpu then, cuda:1 now"


def test_determinism_is_promised_unless_said_otherwise() -> None:
    assert choose("cpu", "float32").deterministic
    assert not choose("cpu", "float32", deterministic="no").deterministic
    with pytest.raises(UsageError, match=r"^deterministic=maybe is not possible: it must be yes or no"):
        choose("cpu", "float32", deterministic="maybe")


def test_a_run_keeps_to_what_it_promised_of_its_bits() -> None:
    promised, free = choose("cpu", "float32"), choose("cpu", "float32", deterministic="no")
    assert not promised.adopting(free.record()).deterministic
    assert promised.adopting(free.record()).differences(free.record()) == ""
    assert "deterministic True then, False now" in free.adopting(promised.record()).differences(promised.record())
    earlier = {name: value for name, value in promised.record().items() if name != "deterministic"}
    assert "deterministic True then, False now" in free.adopting(earlier).differences(earlier)
