"""AU-GCN: patches where the landmarks are, and units counted in the training clips of a fold alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

import merbench
from merbench._files.images import pixels_at
from merbench.data.labelling import labelled
from merbench.data.source import Source
from merbench.inputs import Magnified
from merbench.inputs.clip_reader import ClipFiles
from merbench.method import TrainInfo
from merbench.methods.au_gcn import AUGCN, AUGCNParameters
from merbench.methods.au_gcn.patches import patches
from merbench.methods.au_gcn.units import UNITS, adjacency
from merbench.registry import datasets
from merbench.training.randomness import set_generator, set_generators

CLASSES = tuple("abc")
INFO = TrainInfo(classes=CLASSES, labels=np.arange(3), subjects=CLASSES, action_units=((1, 2), (4,), (12, 25)))
SMALL = {"size": 32, "layers": 1, "heads": 2, "head_width": 4}


def views(count: int) -> list[torch.Tensor]:
    return [*(torch.rand(2, 3, 32, 32) for _ in range(count)), torch.rand(2, 1, 68, 2) * 32]


@pytest.mark.parametrize(
    ("motion", "factor", "pictures"), [("apex", "fixed", 1), ("difference", "fixed", 2), ("apex", "random", 2)]
)
def test_every_number_is_trained(motion: str, factor: str, pictures: int) -> None:
    settings = {**SMALL, "motion": motion, "training_magnification": factor, "dropout": 0.0}
    method = AUGCN(AUGCNParameters().changed(settings))
    frames = method.inputs().frames
    assert len(frames.at if frames else ()) + 2 == pictures + 1
    made = method.network(INFO)
    logits = made(*views(pictures))
    assert logits.shape == (2, 3)
    functional.cross_entropy(logits, torch.tensor([0, 2])).backward()
    assert [name for name, weight in made.named_parameters() if weight.grad is None] == []


def test_units_are_counted_as_by_hand() -> None:
    clips = [(1, 2), (1,), (1, 2, 4), (12, 99), ()]
    found = adjacency(clips, "rows")
    one, two, four, twelve = (UNITS.index(unit) for unit in (1, 2, 4, 12))
    row = torch.zeros(9)
    row[[one, two, four]] = torch.tensor([1, 2 / 3, 1 / 3]) / 2
    torch.testing.assert_close(found[one], row)
    row[[one, two, four]] = torch.tensor([1, 1, 0.5]) / 2.5
    torch.testing.assert_close(found[two], row)
    assert found[twelve, twelve] == 1
    torch.testing.assert_close(found.sum(1), torch.ones(9))
    symmetric = adjacency(clips)
    assert symmetric[one, two].item() == pytest.approx(2 / 3 / (2 * 2.5) ** 0.5)
    assert symmetric[two, one].item() == pytest.approx(1 / (2 * 2.5) ** 0.5)


def test_clips_without_coding_leave_units_alone() -> None:
    assert torch.equal(adjacency([(), ()]), torch.eye(9))
    assert torch.equal(adjacency([]), torch.eye(9))


def test_a_patch_is_cut_where_its_landmark_is() -> None:
    picture = torch.arange(32.0)[:, None] * 100 + torch.arange(32.0)
    points = torch.full((1, 68, 2), 3.0)
    points[0, 17] = torch.tensor([10.0, 20.0])
    points[0, 67] = torch.tensor([11.5, 20.0])
    found = patches(picture.expand(1, 3, 32, 32), points)
    assert found.shape == (1, 30, 7, 7)
    torch.testing.assert_close(found[0, 0], picture[17:24, 7:14])
    torch.testing.assert_close(found[0, 29], (picture[17:24, 8:15] + picture[17:24, 9:16]) / 2)


def test_recipes_build() -> None:
    for name in ("published", "quick"):
        recipe = AUGCN.recipe(name, 3)
        made = AUGCN(AUGCNParameters().changed(recipe.parameters))
        assert made.network(INFO) is not None
        assert recipe.training is not None


def test_units_of_held_out_clips_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {**SMALL, "dataset.subjects": 2, "dataset.clips": 5, "epochs": 1}

    def probabilities(out: str) -> dict[str, Any]:
        run = merbench.run("au-gcn", settings=settings, rules="last", out=tmp_path / out)
        return {outcome.fold: outcome.probabilities for outcome in run.outer}

    honest = probabilities("honest")
    synthetic: Any = datasets.get("synthetic")
    plain = synthetic._row
    every = "+".join(map(str, UNITS))

    def poisoned(self: Any, subject: str, clip: str, plan: Any) -> dict[str, object]:
        row: dict[str, object] = plain(self, subject, clip, plan)
        return row | {"action_units": every} if subject == "01" else row

    monkeypatch.setattr(synthetic, "_row", poisoned)
    poison = probabilities("poisoned")
    first, second = sorted(honest)
    assert np.array_equal(honest[first], poison[first])  # the poisoned subject is held out
    assert not np.array_equal(honest[second], poison[second])


def magnifying(**settings: Any) -> Any:
    made: Any = AUGCN(AUGCNParameters().changed({**SMALL, **settings})).network(INFO)
    assert made.magnification is not None
    return made.magnification


def factors(module: Any, seed: int, clips: int = 4000) -> torch.Tensor:
    onset = torch.full((clips, 3, 4, 4), 0.5, dtype=torch.float64)
    set_generator(module, torch.device("cpu"), seed)
    magnified = module.train()(onset, onset + 0.01)
    assert torch.equal(magnified, magnified[:, :1, :1, :1].expand_as(magnified))  # one factor a clip
    drawn: torch.Tensor = (magnified[:, 0, 0, 0] - 0.5) / 0.01 - 1
    return drawn


def test_the_published_factor_is_2_in_tests_and_drawn_from_1_2_to_3_in_training() -> None:
    module = magnifying(**AUGCN.recipes["published"].parameters)
    drawn = factors(module, 1)
    assert 1.2 - 1e-9 <= drawn.min() < 1.21
    assert 2.99 < drawn.max() <= 3.0
    shares = torch.histc(drawn, 6, 1.2, 3.0) / len(drawn)
    torch.testing.assert_close(shares, torch.full_like(shares, 1 / 6), rtol=0, atol=0.03)
    assert torch.equal(drawn, factors(module, 1))
    assert not torch.equal(drawn, factors(module, 2))
    onset, apex = torch.rand(2, 3, 4, 4), torch.rand(2, 3, 4, 4)
    expected = (onset + 3 * (apex - onset)).clamp(0, 1)
    torch.testing.assert_close(module.eval()(onset, apex), expected)


def test_factors_of_folds_that_run_as_one_are_those_of_each() -> None:
    module = magnifying()
    onset = torch.full((2, 5, 3, 4, 4), 0.5, dtype=torch.float64)
    set_generators(module, torch.device("cpu"), (1, 2))
    together = torch.func.vmap(module.train(), randomness="error")(onset, onset + 0.01)
    for fold, seed in enumerate((1, 2)):
        alone = factors(module, seed, clips=5)
        torch.testing.assert_close((together[fold, :, 0, 0, 0] - 0.5) / 0.01 - 1, alone)


def test_the_network_magnifies_as_the_input_does() -> None:
    source = Source(dataset=datasets.get("synthetic")())
    [first, *_] = labelled([source], scheme=None, apex_policy="middle").as_clips()
    files = ClipFiles(clip=first, source=source)
    still, expected = (Magnified(size=(32, 32), factor=factor).array(files) / 255 for factor in (0.0, 2.0))
    [onset, _] = (pixels_at(each, (32, 32), grey=False) for each in files.frames_at(Magnified(size=(32, 32), factor=0)))
    found = magnifying().eval()(torch.tensor(onset)[None] / 255, torch.tensor(still)[None])
    torch.testing.assert_close(found[0].numpy(), expected, rtol=0, atol=1e-5)


def test_a_run_by_the_published_recipe_ends_and_folds_may_share_a_step(tmp_path: Path) -> None:
    settings = {**SMALL, "dataset.subjects": 2, "dataset.clips": 5, "epochs": 1}
    runs = [
        merbench.run(
            "au-gcn",
            recipe="published",
            settings=settings,
            rules="last",
            out=tmp_path / str(each),
            parallel_folds=each,
            device="cpu",
            precision="float32",
        )
        for each in (1, 2)
    ]
    for one, two in zip(*(run.outer for run in runs), strict=True):
        np.testing.assert_allclose(one.probabilities, two.probabilities, atol=1e-4)


def layer_norm(layer: Any, x: torch.Tensor) -> torch.Tensor:
    centred = x - x.mean(-1, keepdim=True)
    return centred / torch.sqrt((centred**2).mean(-1, keepdim=True) + 1e-5) * layer.weight + layer.bias


def test_the_network_is_what_the_card_describes(transcription: Any) -> None:
    """Patches, a depthwise convolution, a transformer a part of the face, and the units' graph without bias."""
    settings = {**SMALL, "layers": 2, "training_magnification": "fixed", "dropout": 0.0, "attention_dropout": 0.0}
    made = AUGCN(AUGCNParameters().changed(settings)).network(INFO)
    made.eval()
    graph = made.units.adjacency.clone().double()
    made = transcription.fixed(made)
    with torch.no_grad():
        made.units.adjacency.copy_(graph)
    generator = torch.Generator().manual_seed(8)
    apex = torch.rand(3, 3, 32, 32, generator=generator).double()
    landmarks = 4 + torch.rand(3, 1, 68, 2, generator=generator).double() * 24

    def encoded(layer: Any, nodes: torch.Tensor) -> torch.Tensor:
        query, key, value = (layer_norm(layer.norm, nodes) @ layer.into.weight.T).chunk(3, dim=-1)
        seen = []
        for head in range(2):
            own = slice(4 * head, 4 * head + 4)
            weights = (query[..., own] @ key[..., own].transpose(1, 2) / 2).softmax(-1)
            seen.append(weights @ value[..., own])
        nodes = nodes + torch.cat(seen, -1) @ layer.out[0].weight.T + layer.out[0].bias
        before, first, _, _, second, _ = layer.forth
        hidden = layer_norm(before, nodes) @ first.weight.T + first.bias
        hidden = hidden * 0.5 * (1 + torch.erf(hidden / 2**0.5))
        return nodes + hidden @ second.weight.T + second.bias

    def said(part: Any, nodes: torch.Tensor) -> torch.Tensor:
        one, two, _, first, _, _, second, _ = part
        x = encoded(two, encoded(one, nodes)).reshape(len(nodes), -1)
        x = (x @ first.weight.T + first.bias).clamp_min(0)
        return (x @ second.weight.T + second.bias).clamp_min(0)

    def plain(training: bool) -> torch.Tensor:
        convolution, batch, *_ = made.nodes
        cut = patches(apex, landmarks[:, 0])
        weight, bias = convolution.weight, convolution.bias
        x = torch.cat(
            [
                functional.conv2d(cut[:, node : node + 1], weight[node : node + 1], bias[node : node + 1], padding=1)
                for node in range(30)
            ],
            1,
        )
        mean, var = batch.running_mean[None, :, None, None], batch.running_var[None, :, None, None]
        if training:
            mean, var = x.mean((0, 2, 3), keepdim=True), x.var((0, 2, 3), keepdim=True, unbiased=False)
        x = (x - mean) / torch.sqrt(var + 1e-5) * batch.weight[:, None, None] + batch.bias[:, None, None]
        nodes = x.clamp_min(0).flatten(2)
        units = made.units.embedding
        for layer in made.units.layers:
            units = graph @ (units @ layer.weight.T)
            units = units.clamp_min(0) + 0.2 * units.clamp_max(0)
        brows, mouth = said(made.brows, nodes[:, :10]), said(made.mouth, nodes[:, 10:])
        scores = torch.cat([brows @ units[:3].T, mouth @ units[3:].T], 1)
        return layer_norm(made.norm, scores) @ made.head.weight.T + made.head.bias

    transcription.require_equal(made, (apex, landmarks), plain, torch.tensor([0, 1, 2]))
