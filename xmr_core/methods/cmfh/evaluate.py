"""How well trained projections retrieve between two feature matrices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xmr_core.errors import ConfigError
from xmr_core.methods.cmfh.codes import Scoring, score_latents
from xmr_core.methods.cmfh.features import Orientation, Source, open_views, read_labels
from xmr_core.methods.cmfh.model import CmfhModel
from xmr_core.metrics import mean_average_precision, t2v_metrics

SCORINGS: tuple[Scoring, ...] = ("hamming", "asymmetric", "real")
CUTOFF = 100
"""Depth of the cut mAPs; the uncut one is named mAP@all."""


@dataclass(frozen=True, slots=True)
class Side:
    """Queries, or the database: both views of the same items.

    Attributes:
        features: `.npy` files or arrays of the two views.
        labels: Class numbers or 0 and 1 in a matrix; None to measure pairs only.
    """

    features: Sequence[Source]
    labels: Source | None = None


def evaluate_matrices(
    model: CmfhModel,
    queries: Side,
    database: Side | None = None,
    orientation: Orientation | None = None,
) -> dict[str, Any]:
    """MAP with every normalisation where there are labels, and R@K of the own pair.

    Args:
        model: Trained projections.
        queries: What asks.
        database: What is searched; the queries' own counterparts if None, and only then R@K has a
            meaning.
        orientation: See `open_views`.

    Returns:
        `{"protocol": ..., scoring: {"1to2": {...}, "2to1": {...}}}`; equal scores in expected
        order throughout.

    Raises:
        ConfigError: The matrices do not fit the model or each other.
    """
    asked, asked_labels = _read(model, queries, orientation)
    stored, stored_labels = asked, asked_labels
    if database is not None:
        stored, stored_labels = _read(model, database, orientation)
    if (asked_labels is None) != (stored_labels is None):
        raise ConfigError("give labels for both the queries and the database, or for neither")
    relevant = None
    if asked_labels is not None and stored_labels is not None:
        relevant = _shared_class(asked_labels, stored_labels)
    elif database is not None:
        raise ConfigError("a separate database can only be measured with labels")
    report: dict[str, Any] = {
        "protocol": {
            "bits": model.config.bits,
            "queries": len(asked[0]),
            "database": len(stored[0]),
            "means": model.projections.means_source,
            "ties": "expected",
        }
    }
    for scoring in SCORINGS:
        report[scoring] = {
            f"{view + 1}to{2 - view}": _measured(
                score_latents(asked[view], stored[1 - view], scoring), relevant, database is None
            )
            for view in (0, 1)
        }
    return report


def _read(
    model: CmfhModel, side: Side, orientation: Orientation | None
) -> tuple[list[NDArray[np.float64]], NDArray[np.float64] | None]:
    labels = None if side.labels is None else read_labels(side.labels)
    widths = [matrix.shape[1] for matrix in model.projections.matrices]
    count = None if labels is None else len(labels)
    views = open_views(side.features, orientation, widths=widths, count=count)
    return [model.latents(view.items(slice(None)), t) for t, view in enumerate(views)], labels


def _shared_class(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether two items share a class, (queries, items), with different numbers of columns."""
    width = max(first.shape[1], second.shape[1])
    padded = [np.pad(hot, ((0, 0), (0, width - hot.shape[1]))) for hot in (first, second)]
    return padded[0] @ padded[1].T > 0


def _measured(
    scores: NDArray[Any], relevant: NDArray[np.bool_] | None, paired: bool
) -> dict[str, float]:
    numbers: dict[str, float] = {}
    if relevant is not None:
        numbers["mAP@all"] = mean_average_precision(scores, relevant)
        for normalisation in ("hits", "min", "all"):
            numbers[f"mAP@{CUTOFF} {normalisation}"] = mean_average_precision(
                scores, relevant, cutoff=CUTOFF, normalisation=normalisation
            )
    if paired:
        numbers |= {k: float(v) for k, v in t2v_metrics(scores).as_dict().items()}
    return {name: round(value, 4) for name, value in numbers.items()}
