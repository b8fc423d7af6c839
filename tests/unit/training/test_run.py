import json
from itertools import pairwise

import pytest
import torch
from torch import nn

from xmr_core.errors import ConfigError
from xmr_core.training.run import METRICS, RunSettings, learning_rate, train


class Toy(nn.Module):
    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.weight = nn.Parameter(torch.randn(3, 2, generator=generator))
        self.bias = nn.Parameter(torch.zeros(2))


def batches(first):
    for number in range(first, 1000):
        yield torch.randn(4, 3, generator=torch.Generator().manual_seed(number))


def run(out, settings, stop_at=None, lr_factor=1.0):
    toy = Toy()
    seen = 0

    def losses(batch):
        nonlocal seen
        seen += 1
        if stop_at is not None and seen > stop_at:
            raise KeyboardInterrupt
        target = batch.sum(1, keepdim=True).repeat(1, 2)
        return {"fit": ((batch @ toy.weight + toy.bias - target) ** 2).mean() * lr_factor}

    def measure():
        return {"weight": float(toy.weight.detach().abs().sum())}

    train(toy, batches, losses, measure, out, settings)
    return toy


SETTINGS = RunSettings(
    steps=20, lr=0.05, warmup_steps=5, weight_decay=0.1, validation_every=6, checkpoint_every=4
)


def test_a_stopped_run_ends_bit_equal_to_an_uninterrupted_one(tmp_path):
    whole = run(tmp_path / "whole", SETTINGS)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "parts", SETTINGS, stop_at=7)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "parts", SETTINGS, stop_at=5)
    parts = run(tmp_path / "parts", SETTINGS)
    assert torch.equal(whole.weight, parts.weight)
    assert torch.equal(whole.bias, parts.bias)
    lines = [(tmp_path / name / METRICS).read_text() for name in ("whole", "parts")]
    assert lines[0] == lines[1]


def test_metrics_after_the_last_saved_state_are_dropped_on_resume(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, SETTINGS, stop_at=6)
    with (tmp_path / METRICS).open("a") as file:  # as if killed after two more steps
        file.write('{"step": 7, "fit": 1.0}\n{"step": 8, "fi')
    run(tmp_path, SETTINGS)
    steps = [json.loads(line)["step"] for line in (tmp_path / METRICS).read_text().splitlines()]
    assert steps == list(range(1, 21))


def test_accumulated_batches_average_their_gradients(tmp_path):
    toy = Toy()
    seen = []

    def losses(batch):
        seen.append(batch)
        return {"l": (batch @ toy.weight).mean()}

    settings = RunSettings(steps=1, lr=0.1, accumulate=3, clip_norm=1e9)
    train(toy, batches, losses, dict, tmp_path, settings)
    assert len(seen) == 3


def test_validation_happens_on_schedule_and_at_the_end(tmp_path):
    run(tmp_path, SETTINGS)
    records = [json.loads(line) for line in (tmp_path / METRICS).read_text().splitlines()]
    assert [r["step"] for r in records if "weight" in r] == [6, 12, 18, 20]


def test_a_loss_that_is_not_a_number_stops_the_run(tmp_path):
    with pytest.raises(FloatingPointError, match="try a lower --lr"):
        run(tmp_path, SETTINGS, lr_factor=float("nan"))


def test_learning_rate_rises_then_falls_to_nothing():
    rates = [learning_rate(step, SETTINGS) for step in range(21)]
    assert rates[:5] == pytest.approx([0.01, 0.02, 0.03, 0.04, 0.05])
    assert all(a > b for a, b in pairwise(rates[5:]))
    assert rates[20] == pytest.approx(0.0, abs=1e-12)


def test_settings_refuse_counts_below_one():
    with pytest.raises(ConfigError, match="steps is 0"):
        RunSettings(steps=0, lr=0.1)


def rising_then_falling(toy, calls):
    calls.append(float(toy.weight.detach().sum()))
    return {"score": [1.0, 3.0, 2.0, 1.0, 0.0, 9.0][len(calls) - 1]}


def monitored(out, patience, stop_at=None):
    toy, calls, seen = Toy(), [], 0

    def losses(batch):
        nonlocal seen
        seen += 1
        if seen == stop_at:
            raise KeyboardInterrupt
        return {"fit": (batch @ toy.weight + toy.bias).square().mean()}

    settings = RunSettings(
        steps=12,
        lr=0.05,
        validation_every=2,
        checkpoint_every=2,
        monitor="score",
        patience=patience,
    )
    train(toy, batches, losses, lambda: rising_then_falling(toy, calls), out, settings)
    return toy, calls


def test_the_best_weights_are_the_result_and_patience_ends_the_run(tmp_path):
    toy, calls = monitored(tmp_path, patience=3)
    assert len(calls) == 5  # best at the second, then three without a better one
    assert float(toy.weight.detach().sum()) == calls[1]
    assert len((tmp_path / METRICS).read_text().splitlines()) == 10


def test_without_patience_a_late_best_is_found(tmp_path):
    toy, calls = monitored(tmp_path, patience=0)
    assert float(toy.weight.detach().sum()) == calls[5]


def test_a_number_that_is_not_measured_cannot_be_monitored(tmp_path):
    settings = RunSettings(steps=1, lr=0.1, monitor="nothing")
    with pytest.raises(ConfigError, match="weight"):
        run(tmp_path, settings)
