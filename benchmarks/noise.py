"""Translation noise: `python -m benchmarks.noise --out runs/noise`.

Trains on English and on Chinese that a poor translation has spoilt at rising rates, and searches
the bundled test clips with clean Chinese: the first caption of every clip, R@1 among 1,000 clips.
Methods: NRCCR, MLCMR, and plain triplet models with the towers of NRCCR, on the noisy Chinese alone
and on English beside it. Same clips, captions, mistakes, frames, steps, batch size, seed and size
of the text tower for all; every text tower is trained from nothing, since that of scenes-clip has
read clean Chinese. The learning rate of a method is that with the highest R@1 on clean Chinese of
the validation split at no noise; test clips choose nothing.

Every cell is trained once and kept in OUT/cells, so a stopped run goes on with the next one, and
several processes can share the work with `--methods`. From the cells that are there it writes
OUT/noise.json, OUT/noise.md and OUT/noise.svg. `--noise 0.3 0.5 --seeds 1` adds a second training
at two rates.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.noise_report import claim, write_report
from xmr_core.checkpoints import BUNDLED, load_checkpoint, read_card, write_card
from xmr_core.encoder import DualEncoder, Embeddings, VideoEncoder
from xmr_core.gallery import Gallery
from xmr_core.methods.nrccr.train import ValidationClips
from xmr_core.metrics import retrieval_metrics
from xmr_core.opened import SCENES
from xmr_core.ranking import first_relevant
from xmr_core.training.run import TrainedRun
from xmr_core.training.scenes import scene_features
from xmr_core.types import LANGUAGES

TRUNK = "scenes-clip"
NOISE = (0.0, 0.1, 0.3, 0.5)
LEARNING_RATES = (2e-3, 4e-3, 8e-3)
VALIDATION_CLIPS = 500


@dataclass(frozen=True, slots=True)
class Cell:
    """One training.

    Attributes:
        method: Key in `METHODS`.
        noise: Share of the Chinese words that are spoilt.
        lr: Peak learning rate.
        seed: Of the run: its captions, mistakes, batches and weights.
    """

    method: str
    noise: float
    lr: float
    seed: int

    def name(self) -> str:
        """Of its file."""
        return f"{self.method}-noise{self.noise:g}-lr{self.lr:g}-seed{self.seed}"


@dataclass(frozen=True, slots=True)
class Size:
    """What all methods share.

    Attributes:
        steps: Optimiser steps.
        batch_size: Clips per step.
        clips: Training clips.
        captions_per_clip: Caption pairs of each.
        frames: Frames of each.
        text_width: Width of the small text tower.
        text_layers: Its blocks.
        space: Width of the common space.
    """

    steps: int = 300
    batch_size: int = 64
    clips: int = 6000
    captions_per_clip: int = 3
    frames: int = 8
    text_width: int = 64
    text_layers: int = 1
    space: int = 128


def shared_settings(cell: Cell, size: Size, kept: Path) -> dict[str, Any]:
    """Settings that every trainer has."""
    return {
        "noise": cell.noise,
        "lr": cell.lr,
        "seed": cell.seed,
        "steps": size.steps,
        "warmup_steps": size.steps // 10,
        "all_negatives_steps": size.steps // 5,
        "batch_size": size.batch_size,
        "clips": size.clips,
        "captions_per_clip": size.captions_per_clip,
        "frames": size.frames,
        # One validation at the end: the last weights are the result, for all methods alike.
        "validation_every": size.steps,
        "validation_clips": VALIDATION_CLIPS,
        "checkpoint_every": size.steps,
        "features_folder": str(kept),
    }


def train_nrccr_cell(
    cell: Cell, size: Size, kept: Path, out: Path, trunk: VideoEncoder, **weights: float
) -> TrainedRun:
    """NRCCR, or with the weights of some losses at 0 a plain triplet model of the same towers."""
    from xmr_core.methods.nrccr.config import NrccrModelConfig, NrccrTextConfig, NrccrTrainConfig
    from xmr_core.methods.nrccr.train import train_nrccr

    config = NrccrTrainConfig(
        model=NrccrModelConfig(
            video_width=size.space, space=size.space, attention_width=size.text_width
        ),
        text=NrccrTextConfig(width=size.text_width, layers=size.text_layers),
        **shared_settings(cell, size, kept),
        **weights,
    )
    return train_nrccr(config, out, trunk=trunk)


_PLAIN = {
    "target_weight": 1.0,
    "distillation_weight": 0.0,
    "feature_weight": 0.0,
    "cycle_weight": 0.0,
    "adversary_weight": 0.0,
}


def train_baseline_cell(*arguments: Any) -> TrainedRun:
    """Hardest-negative triplet losses of English and of noisy Chinese, nothing else."""
    return train_nrccr_cell(*arguments, **_PLAIN)


def train_chinese_cell(*arguments: Any) -> TrainedRun:
    """The hardest-negative triplet loss of the noisy Chinese alone."""
    return train_nrccr_cell(*arguments, source_weight=0.0, **_PLAIN)


def train_mlcmr_cell(
    cell: Cell, size: Size, kept: Path, out: Path, trunk: VideoEncoder
) -> TrainedRun:
    """MLCMR on parallel captions, with the same text tower."""
    from xmr_core.methods.mlcmr.config import MlcmrModelConfig, MlcmrTrainConfig
    from xmr_core.methods.mlcmr.train import train_mlcmr

    config = MlcmrTrainConfig(
        model=MlcmrModelConfig(
            embed_dim=size.space, text_width=size.text_width, text_layers=size.text_layers
        ),
        **shared_settings(cell, size, kept),
    )
    return train_mlcmr(config, out, trunk=trunk)


Trainer = Callable[[Cell, Size, Path, Path, VideoEncoder], TrainedRun]

METHODS: dict[str, Trainer] = {
    "nrccr": train_nrccr_cell,
    "mlcmr": train_mlcmr_cell,
    "baseline": train_baseline_cell,
    "baseline-zh": train_chinese_cell,
}


class Judge:
    """Validation and test of a trained encoder.

    Args:
        trunk: Its frame features are those of the bundled gallery.
        frames: Frames per validation clip.
        kept: Folder of the validation features.
    """

    def __init__(self, trunk: VideoEncoder, frames: int, kept: Path) -> None:
        features = scene_features(trunk, "val", VALIDATION_CLIPS, frames, kept)
        self._validation = ValidationClips(features)
        self._gallery = Gallery.load(SCENES / "galleries" / TRUNK)

    def measure(self, encoder: DualEncoder) -> dict[str, Any]:
        """Validation R@1 of clean Chinese; test R@K in percent; test ranks of clean Chinese."""
        found: dict[str, Any] = {"val_zh_R@1": self._validation.measure(encoder)["val_zh_R@1"]}
        parts = self._gallery.with_head(encoder).parts
        videos = Embeddings({"global": torch.from_numpy(parts["global"])})
        right = np.eye(len(self._gallery), dtype=bool)
        for language in LANGUAGES:
            texts = [clip.caption(language) for clip in self._gallery.clips]
            scores = encoder.score(encoder.encode_text(texts), videos)
            first = first_relevant(scores.float().numpy(), right)
            for name, value in retrieval_metrics(first).as_dict().items():
                found[f"test_{language}_{name}"] = round(float(value), 3)
            if language == "zh":
                found["ranks"] = first.rank().tolist()
        return found


def run_cell(
    cell: Cell, size: Size, out: Path, trunk: VideoEncoder, judge: Judge
) -> dict[str, Any]:
    """The numbers of one cell, trained now if it has not been."""
    path = out / "cells" / f"{cell.name()}.json"
    if path.is_file():
        return json.loads(path.read_text())
    kept = out / "kept"
    processor = time.process_time()
    run = METHODS[cell.method](cell, size, kept, out / "runs" / cell.name(), trunk)
    record = {
        **asdict(cell),
        **asdict(size),
        "seconds": round(run.seconds, 1),
        "processor_seconds": round(time.process_time() - processor, 1),
        **judge.measure(run.encoder),  # type: ignore[arg-type]
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(record, indent=2) + "\n")
    temporary.replace(path)
    print(
        f"{cell.name()}: val {record['val_zh_R@1']:.1f}, test zh R@1 {record['test_zh_R@1']:.1f},"
        f" en {record['test_en_R@1']:.1f}, {record['processor_seconds']:.0f} s",
        flush=True,
    )
    return record


def main() -> None:
    """Runs what is missing and writes the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/noise"))
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--noise", nargs="+", type=float, default=list(NOISE))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--steps", type=int, default=Size().steps)
    parser.add_argument("--card", action="store_true", help="write the shipped cards too")
    options = parser.parse_args()
    torch.set_num_threads(1)
    size = Size(steps=options.steps)
    trunk, _ = load_checkpoint(TRUNK)
    judge = Judge(trunk, size.frames, options.out / "kept")
    for method in options.methods:
        tried = [
            run_cell(Cell(method, 0.0, lr, 0), size, options.out, trunk, judge)
            for lr in LEARNING_RATES
        ]
        lr = tried[int(np.argmax([one["val_zh_R@1"] for one in tried]))]["lr"]
        for noise in options.noise:
            for seed in options.seeds:
                run_cell(Cell(method, noise, lr, seed), size, options.out, trunk, judge)
    cells = sorted((options.out / "cells").glob("*.json"))
    records = [json.loads(path.read_text()) for path in cells]
    if {record["method"] for record in records} == set(METHODS):
        write_report(records, options.out)
        if options.card:
            _write_cards(claim(records))


def _write_cards(measured: dict[str, Any]) -> None:
    """Puts the table into the cards of the shipped noise-robust checkpoints."""
    for method in ("nrccr", "mlcmr"):
        folder = BUNDLED / f"scenes-{method}"
        card = read_card(folder)
        write_card(replace(card, metrics={**card.metrics, "claim": measured}), folder)


if __name__ == "__main__":
    main()
