"""Fusing a query with its machine translation at test time, each weight reported by itself.

The published numbers fuse two score matrices: of the English translation of the queries and of the
queries themselves. Which weight a published number belongs to is not stated, so none is chosen
here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xmr_core.metrics import (
    RetrievalMetrics,
    mean_average_precision,
    t2v_metrics,
    v2t_metrics,
)
from xmr_core.ranking import TieRule, same_group

WEIGHTS = (1.0, 0.8, 0.5, 0.2, 0.0)
"""Those that the public test program prints; validation there uses 0.2, the image variants 0.5."""

Scores = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class FusionResult:
    """Retrieval with one weight.

    Attributes:
        weight: Of the translation; 1 uses it alone, 0 the query alone.
        t2v: A text looks for its video.
        t2v_map: Mean average precision of that, 0 to 1.
        v2t_caption: A video looks for its best caption among all captions.
        v2t_group: A video looks for its set of captions, which scores as its best member.
        v2t_map: Mean average precision over all captions of a video, 0 to 1.
    """

    weight: float
    t2v: RetrievalMetrics
    t2v_map: float
    v2t_caption: RetrievalMetrics
    v2t_group: RetrievalMetrics
    v2t_map: float


def fused_scores(translated: Scores, query: Scores, weight: float) -> NDArray[np.float64]:
    """`weight` of the translation's scores and the rest of the query's own.

    Each matrix is stretched to 0 to 1 over all its entries first, so the result depends on which
    queries and videos are scored together.

    Args:
        translated: Scores of the queries' translations, shape (texts, videos).
        query: Scores of the queries themselves, same shape.
        weight: 0 to 1.
    """
    if not 0 <= weight <= 1:
        raise ValueError(f"weight is {weight}, but it must lie between 0 and 1")
    return weight * _stretched(translated) + (1 - weight) * _stretched(query)


def fusion_report(
    translated: Scores,
    query: Scores,
    video_of_text: NDArray[np.int64],
    *,
    weights: Sequence[float] = WEIGHTS,
    ties: TieRule = "expected",
) -> tuple[FusionResult, ...]:
    """Retrieval in both directions for every weight.

    Args:
        translated: See `fused_scores`.
        query: See `fused_scores`.
        video_of_text: Column of the video of each text; every video has one.
        weights: Which to report.
        ties: How equal scores are ordered.
    """
    relevant = same_group(video_of_text, np.arange(query.shape[1]))
    found = []
    for weight in weights:
        scores = fused_scores(translated, query, weight)
        found.append(
            FusionResult(
                weight=weight,
                t2v=t2v_metrics(scores, video_of_text, ties),
                t2v_map=mean_average_precision(scores, relevant, ties),
                v2t_caption=v2t_metrics(scores, video_of_text, ties),
                v2t_group=v2t_metrics(scores, video_of_text, ties, text_gallery="groups"),
                v2t_map=mean_average_precision(scores.T, relevant.T, ties),
            )
        )
    return tuple(found)


def _stretched(scores: Scores) -> NDArray[np.float64]:
    """To 0 to 1 over the whole matrix; zeros if all its entries are equal."""
    low, high = float(scores.min()), float(scores.max())
    return (scores.astype(np.float64) - low) / ((high - low) or 1.0)
