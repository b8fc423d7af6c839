"""Training: steps, schedule, progress, metrics, and going on after a kill as if nothing happened.

A run's randomness is a function of the seed and the step number alone: batch number n is the same
whether the run got there in one go or in five. So the state on disk is weights, optimiser and step,
and a resumed run writes the same `metrics.jsonl` as an uninterrupted one.
"""

import json
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from xmr_core.encoder import VideoEncoder
from xmr_core.errors import ConfigError
from xmr_core.progress import Progress, no_progress

Batch = TypeVar("Batch")

STATE = "state.pt"
BEST = "best.pt"
METRICS = "metrics.jsonl"
SETTINGS = "train.json"


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What the loop itself needs to know.

    Attributes:
        steps: Optimiser steps in all.
        lr: Peak learning rate; linear warm-up, then cosine decay to zero.
        warmup_steps: Length of the warm-up.
        weight_decay: Of parameters with two or more axes.
        accumulate: Batches per optimiser step; their gradients are averaged.
        clip_norm: Largest gradient norm.
        validation_every: Steps between validations.
        checkpoint_every: Steps between saved states.
        bf16: Autocast to bfloat16 (pointless on a CPU without bf16 units).
        monitor: A number of the validation, higher is better; the weights with the highest are
            kept and are the result. "" to end with the last weights.
        patience: With `monitor`, stops after so many validations without a new best; 0 never.
    """

    steps: int
    lr: float
    warmup_steps: int = 0
    weight_decay: float = 0.0
    accumulate: int = 1
    clip_norm: float = 1.0
    validation_every: int = 500
    checkpoint_every: int = 250
    bf16: bool = False
    monitor: str = ""
    patience: int = 0

    def __post_init__(self) -> None:
        """Refuses counts below one."""
        for name in ("steps", "accumulate", "validation_every", "checkpoint_every"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} is {getattr(self, name)}; it must be at least 1")


@dataclass(frozen=True, slots=True)
class TrainedRun:
    """What training a method gives, and what its card needs to know.

    Attributes:
        encoder: Ready to use; None where the method alone cannot see clips.
        seconds: Of work, those before a stop included.
        weights: Name of the weights file in the run's folder.
        width: Of the embeddings.
        title: One line for a visitor.
        bits: Length of the codes, 0 for real-valued embeddings.
        compares_frames: Whether the score also compares a vector of every frame.
    """

    encoder: VideoEncoder | None
    seconds: float
    weights: str
    width: int
    title: str
    bits: int = 0
    compares_frames: bool = False


@dataclass(slots=True)
class _Past:
    """How far a run has come.

    Attributes:
        step: Steps done.
        seconds: What they took.
        best: Highest monitored number so far.
        misses: Validations since then.
    """

    step: int = 0
    seconds: float = 0.0
    best: float = -math.inf
    misses: int = 0


def claim_folder(out: Path, config: Any) -> None:
    """Writes the settings of a run into its folder, or checks that a stopped run had the same.

    Args:
        out: Folder of the run; made if it is not there.
        config: The method's settings, a dataclass.

    Raises:
        ConfigError: The folder holds a run with other settings.
    """
    out.mkdir(parents=True, exist_ok=True)
    path, settings = out / SETTINGS, json.loads(json.dumps(asdict(config), default=str))
    if path.exists() and json.loads(path.read_text()) != settings:
        raise ConfigError(f"{out} holds a run with other settings; choose another --out")
    path.write_text(json.dumps(settings, indent=2) + "\n")


def train(
    module: nn.Module,
    batches: Callable[[int], Iterable[Batch]],
    losses: Callable[[Batch], dict[str, Tensor]],
    validate: Callable[[], dict[str, float]],
    out: Path,
    settings: RunSettings,
    progress: Progress = no_progress,
) -> float:
    """Trains `module` in place; goes on from `out` if a run was stopped there.

    Args:
        module: All trainable parameters.
        batches: From the number of the first batch to the batches from there on.
        losses: From a batch to its named losses; their sum is minimised.
        validate: Measured numbers, written to `metrics.jsonl`.
        out: Folder of the run.
        settings: See `RunSettings`.
        progress: Shows the steps.

    Returns:
        Seconds of work in all, those before a stop included.

    Raises:
        KeyboardInterrupt: The user stopped the run; its state is saved.
        FloatingPointError: A loss is not a number; the state before it is kept.
    """
    out.mkdir(parents=True, exist_ok=True)
    optimiser = torch.optim.AdamW(_groups(module, settings.weight_decay), lr=settings.lr)
    past = _resume(module, optimiser, out)
    start = time.monotonic() - past.seconds
    source = iter(batches(past.step * settings.accumulate))
    todo = range(past.step, settings.steps)
    try:
        for step in progress(todo, desc="training", total=len(todo)):
            if settings.patience and past.misses >= settings.patience:
                break
            for group in optimiser.param_groups:
                group["lr"] = learning_rate(step, settings)
            values = _step(module, optimiser, source, losses, settings)
            past.step = step + 1
            record: dict[str, float] = {"step": past.step, **values}
            if past.step % settings.validation_every == 0 or past.step == settings.steps:
                module.eval()
                record |= validate()
                module.train()
                _judge(module, past, record, settings.monitor, out)
            _append(out / METRICS, record)
            if past.step % settings.checkpoint_every == 0 or past.step == settings.steps:
                _save(module, optimiser, past, time.monotonic() - start, out)
    except KeyboardInterrupt:
        _save(module, optimiser, past, time.monotonic() - start, out)
        raise
    if settings.monitor and (out / BEST).exists():
        module.load_state_dict(torch.load(out / BEST, weights_only=True))
    return time.monotonic() - start


def learning_rate(step: int, settings: RunSettings) -> float:
    """The learning rate of a step, counted from 0."""
    if step < settings.warmup_steps:
        return settings.lr * (step + 1) / settings.warmup_steps
    share = (step - settings.warmup_steps) / max(1, settings.steps - settings.warmup_steps)
    return settings.lr * 0.5 * (1 + math.cos(math.pi * share))


def _step(
    module: nn.Module,
    optimiser: torch.optim.Optimizer,
    source: Iterator[Batch],
    losses: Callable[[Batch], dict[str, Tensor]],
    settings: RunSettings,
) -> dict[str, float]:
    sums: dict[str, float] = {}
    device = next(module.parameters()).device
    for _ in range(settings.accumulate):
        with torch.autocast(device.type, torch.bfloat16, enabled=settings.bf16):
            named = losses(next(source))
        total = torch.stack(list(named.values())).sum() / settings.accumulate
        if not torch.isfinite(total):
            shown = {name: float(value.detach()) for name, value in named.items()}
            raise FloatingPointError(f"a loss is not a number: {shown}; try a lower --lr")
        total.backward()
        for name, value in named.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach()) / settings.accumulate
    nn.utils.clip_grad_norm_(module.parameters(), settings.clip_norm)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return sums


def _groups(module: nn.Module, weight_decay: float) -> list[dict]:
    parameters = [p for p in module.parameters() if p.requires_grad]
    return [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]


def _judge(
    module: nn.Module, past: _Past, record: dict[str, float], monitor: str, out: Path
) -> None:
    """Keeps the weights if the monitored number is the highest so far."""
    if not monitor:
        return
    if monitor not in record:
        raise ConfigError(f"nothing called {monitor!r} is measured; there are: {', '.join(record)}")
    if record[monitor] > past.best:
        past.best, past.misses = record[monitor], 0
        _write(module.state_dict(), out / BEST)
    else:
        past.misses += 1


def _save(
    module: nn.Module, optimiser: torch.optim.Optimizer, past: _Past, seconds: float, out: Path
) -> None:
    past.seconds = seconds
    state = {
        "module": module.state_dict(),
        "optimiser": optimiser.state_dict(),
        **asdict(past),
    }
    _write(state, out / STATE)


def _write(state: dict, path: Path) -> None:
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _resume(module: nn.Module, optimiser: torch.optim.Optimizer, out: Path) -> _Past:
    """Loads the saved state, if any, and drops metrics of steps after it."""
    if not (out / STATE).exists():
        (out / METRICS).write_text("")
        (out / BEST).unlink(missing_ok=True)  # of a run that was killed before its first state
        return _Past()
    state = torch.load(out / STATE, weights_only=True)
    module.load_state_dict(state["module"])
    optimiser.load_state_dict(state["optimiser"])
    past = _Past(**{field.name: state[field.name] for field in fields(_Past)})
    lines = (out / METRICS).read_text().splitlines()
    kept = [line for line in lines if line.endswith("}") and json.loads(line)["step"] <= past.step]
    temporary = out / (METRICS + ".tmp")
    temporary.write_text("".join(line + "\n" for line in kept))
    temporary.replace(out / METRICS)
    return past


def _append(path: Path, record: dict[str, float]) -> None:
    rounded = {k: v if isinstance(v, int) else round(v, 6) for k, v in record.items()}
    with path.open("a") as file:
        file.write(json.dumps(rounded) + "\n")
