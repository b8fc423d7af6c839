"""Training a method: its own options, one loop, one card."""

import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import tyro

from xmr_core.errors import XmrError
from xmr_core.methods import METHODS
from xmr_core.types import CheckpointCard

if TYPE_CHECKING:
    from xmr_core.training.run import TrainedRun


@dataclass(frozen=True, slots=True)
class Run:
    """What every training needs to be told.

    Attributes:
        out: Folder of the run; becomes a checkpoint folder.
        data: What to train on.
        threads: CPU threads; all cores by default.
    """

    out: Path
    data: Literal["scenes"] = "scenes"
    threads: int | None = None


def train(arguments: Sequence[str]) -> None:
    """Trains a method; a stopped run goes on where it was.

    Args:
        arguments: `METHOD --out RUN` and the method's own options; `METHOD --help` lists them.

    Raises:
        XmrError: There is no such method.
    """
    method, *rest = arguments or [""]
    if method in ("-h", "--help"):
        print(f"usage: xmr train METHOD --out RUN [...]\n\nmethods: {', '.join(METHODS)}")
        return
    if method not in METHODS:
        raise XmrError(f"no method {method!r} to train; there are: {', '.join(METHODS)}")
    settings, function = trainer(method)
    config, run = _options(method, settings, rest)
    _train(method, config, run, function)


def trainer(method: str) -> "tuple[type, Callable[..., TrainedRun]]":
    """The settings of a method, and `train(settings, out, *, trunk, progress)`, by their names."""
    package = f"xmr_core.methods.{method}"
    settings = getattr(import_module(f"{package}.config"), f"{method.capitalize()}TrainConfig")
    return settings, getattr(import_module(f"{package}.train"), f"train_{method}")


def _options(method: str, settings: type, arguments: Sequence[str]) -> tuple[Any, Run]:
    """The method's settings and the run's, as flags side by side."""

    def both(config: Any, run: Any) -> tuple[Any, Run]:
        return config, run

    both.__annotations__ = {
        "config": tyro.conf.OmitArgPrefixes[settings],
        "run": tyro.conf.OmitArgPrefixes[Run],
    }
    both.__doc__ = f"Trains {method}; a stopped run goes on where it was."
    return tyro.cli(both, prog=f"xmr train {method}", args=list(arguments))


def _train(method: str, config: Any, run: Run, function: "Callable[..., TrainedRun]") -> None:
    from tqdm import tqdm

    from xmr_core.checkpoints import load_checkpoint, write_card
    from xmr_core.files import checksum
    from xmr_core.training.provenance import provenance

    if run.threads is not None:
        import torch

        torch.set_num_threads(run.threads)
    name = "" if getattr(config, "features", None) else getattr(config, "trunk", "")
    trunk, trunk_sha256 = load_checkpoint(name) if name else (None, "")
    done = function(config, run.out, trunk=trunk, progress=tqdm)
    command = shlex.join(["xmr", *sys.argv[1:]])
    trained = provenance(command, run.data, config.seed, done.seconds)
    if trunk is not None:
        trained["trunk_sha256"] = trunk_sha256
    card = CheckpointCard(
        id=run.out.resolve().name,
        method=method,
        title=done.title,
        languages=getattr(done.encoder, "languages", ()),
        width=done.width,
        num_frames=getattr(done.encoder, "num_frames", 0),
        weights=done.weights,
        sha256=checksum(run.out / done.weights),
        licence="MIT",
        closed_vocabulary=bool(getattr(done.encoder, "languages", ())),
        trained=trained,
        trunk=name,
        bits=done.bits,
        compares_frames=done.compares_frames,
    )
    write_card(card, run.out)
    print(f"checkpoint in {run.out}; measure it with: xmr evaluate {run.out} --split test")
