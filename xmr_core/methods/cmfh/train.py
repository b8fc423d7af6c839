"""Trains CMFH from feature matrices."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xmr_core.errors import ConfigError
from xmr_core.methods.cmfh.codes import itq_rotation
from xmr_core.methods.cmfh.config import CmfhConfig
from xmr_core.methods.cmfh.features import (
    Features,
    Orientation,
    Source,
    open_views,
    read_labels,
)
from xmr_core.methods.cmfh.model import CmfhModel, Projections
from xmr_core.methods.cmfh.moments import Moments, moments_of
from xmr_core.methods.cmfh.solver import Solution, solve
from xmr_core.progress import Progress, no_progress

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
