"""Trains CMFH from feature matrices."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xmr_core.encoder import DualEncoder, VideoEncoder
from xmr_core.errors import ConfigError
from xmr_core.methods.cmfh.codes import itq_rotation
from xmr_core.methods.cmfh.config import CmfhConfig, CmfhTrainConfig
from xmr_core.methods.cmfh.encoder import CmfhEncoder
from xmr_core.methods.cmfh.features import (
    Features,
    Orientation,
    Source,
    open_views,
    read_labels,
)
from xmr_core.methods.cmfh.model import WEIGHTS, CmfhModel, Projections
from xmr_core.methods.cmfh.moments import Moments, moments_of
from xmr_core.methods.cmfh.solver import Solution, solve
from xmr_core.progress import Progress, no_progress
from xmr_core.training.run import TrainedRun
from xmr_core.types import LANGUAGES

Shard = Sequence[Features]


@dataclass(frozen=True, slots=True)
class CmfhFit:
    """A trained model and how it came about.

    Attributes:
        model: The model.
        moments: What was read of the data; CCA can start from it.
        solution: The course of the objective, and the unrotated factors.
    """

    model: CmfhModel
    moments: Moments
    solution: Solution


def fit(shards: Sequence[Shard], config: CmfhConfig, progress: Progress = no_progress) -> CmfhFit:
    """Trains on one or several shards, each read once (and a few items again if `rotate` is on).

    Args:
        shards: For each shard its two views, or two views and the labels (the label view).
        config: The settings.
        progress: Called like tqdm.

    Raises:
        ConfigError: The shards do not fit together or hold nothing to learn from.
    """
    moments = moments_of(shards, progress)
    solution = solve(moments, config, progress=progress)
    model = model_of(moments, solution, config)
    if config.rotate:
        generator = np.random.default_rng((config.seed, 1))
        latents = _some_latents(shards, moments, solution, config.rotation_items, generator)
        model = model.rotated(itq_rotation(latents, config.rotation_iterations, generator))
    return CmfhFit(model, moments, solution)


def model_of(moments: Moments, solution: Solution, config: CmfhConfig) -> CmfhModel:
    """The model that a solution stands for, not rotated."""
    bases, matrices = solution.factors.bases, solution.factors.projections
    means = (moments.mean_of(0), moments.mean_of(1))
    projections = Projections((matrices[0], matrices[1]), means)
    return CmfhModel(config, projections, (bases[0], bases[1]))


def train_cmfh(
    config: CmfhTrainConfig,
    out: Path,
    *,
    trunk: VideoEncoder | None = None,
    progress: Progress = no_progress,
) -> TrainedRun:
    """Trains on matrices if they are given, else on clips of `scenes` and their captions.

    Args:
        config: The settings.
        out: Folder of the checkpoint; drawn features are kept in its parent's `drawn`.
        trunk: What embeds clips and captions.
        progress: Counts what is read.

    Raises:
        ConfigError: The matrices cannot be read or do not fit together, or there is no trunk.
    """
    start = time.monotonic()
    kind = "real-valued" if config.real else f"{config.model.bits} bits"
    if config.features is not None:
        fit_of = train_matrices(
            config.features,
            out,
            config.model,
            labels=config.labels,
            orientation=config.orientation,
            progress=progress,
        )
        title, encoder = f"CMFH of two feature matrices, {kind}", None
    else:
        if not isinstance(trunk, DualEncoder):
            raise ConfigError(f"CMFH needs a trunk that reads text, not {config.trunk!r}")
        fit_of = fit([_scenes_views(config, out.parent / "drawn", trunk, progress)], config.model)
        fit_of.model.save(out)
        title = f"CMFH over {trunk.id}, {kind}"
        encoder = CmfhEncoder("run", fit_of.model, trunk, hashing=not config.real)
    bits = 0 if config.real else config.model.bits
    seconds = time.monotonic() - start
    return TrainedRun(encoder, seconds, WEIGHTS, config.model.bits, title, bits)


def _scenes_views(
    config: CmfhTrainConfig, folder: Path, trunk: DualEncoder, progress: Progress
) -> tuple[Features, Features]:
    """Every training clip with each of its captions, as the trunk embeds them."""
    import torch

    from xmr_core.datasets.scenes.captions import caption_rng, write_captions
    from xmr_core.datasets.scenes.script import script
    from xmr_core.training.scenes import scene_features

    drawn = scene_features(trunk, "train", config.clips, config.frames, folder, progress)
    mask = torch.ones(drawn.shape[:2], dtype=torch.bool)
    clips = trunk.encode_video(torch.from_numpy(np.array(drawn)).float(), mask)["global"].numpy()
    rows, texts = [], []
    for index in progress(range(config.clips), desc="reading captions", total=config.clips):
        for language in LANGUAGES:
            captions = write_captions(
                script("train", index),
                language,
                config.captions,
                caption_rng("train", index, language),
            )
            texts += [caption.text for caption in captions]
            rows += [index] * len(captions)
    batches = [texts[first : first + 256] for first in range(0, len(texts), 256)]
    sentences = [
        trunk.encode_text(batch)["global"].numpy()
        for batch in progress(batches, desc="embedding captions", total=len(batches))
    ]
    return Features(clips[rows]), Features(np.concatenate(sentences))


def train_matrices(
    sources: Sequence[Source],
    out: Path,
    config: CmfhConfig,
    *,
    labels: Source | None = None,
    orientation: Orientation | None = None,
    progress: Progress = no_progress,
) -> CmfhFit:
    """Trains on two `.npy` matrices and writes the model to `out`.

    Args:
        sources: The features of the two views.
        out: Folder to write to.
        config: The settings.
        labels: Class numbers or 0 and 1 in a matrix; None to learn without.
        orientation: See `open_views`.
        progress: Called like tqdm.

    Raises:
        ConfigError: The matrices cannot be read or do not fit together.
    """
    if len(sources) != 2:
        raise ConfigError(f"CMFH takes the features of two views, got {len(sources)}")
    hot = None if labels is None else read_labels(labels)
    views = open_views(sources, orientation, count=None if hot is None else len(hot))
    shard = views if hot is None else (*views, Features(hot))
    result = fit([shard], config, progress)
    result.model.save(out)
    return result


def _some_latents(
    shards: Sequence[Shard],
    moments: Moments,
    solution: Solution,
    limit: int,
    generator: np.random.Generator,
) -> np.ndarray:
    """Latents of at most `limit` items drawn from all shards, shape (items, bits)."""
    counts = [views[0].count for views in shards]
    total = sum(counts)
    chosen = np.sort(generator.choice(total, min(limit, total), replace=False))
    latents = []
    begin = 0
    for views, count in zip(shards, counts, strict=True):
        own = chosen[(chosen >= begin) & (chosen < begin + count)] - begin
        parts = [
            (view.items(own) - moments.mean_of(t)) @ solution.maps[t].T
            for t, view in enumerate(views)
        ]
        latents.append(np.sum(parts, axis=0))
        begin += count
    return np.concatenate(latents)
