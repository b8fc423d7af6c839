"""A query together with its machine translation, and what each weight of the two gives."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xmr_core.encoder import Embeddings
from xmr_core.methods.mlcmr.model import MlcmrEncoder
from xmr_core.metrics import (
    RetrievalMetrics,
    mean_average_precision,
    t2v_metrics,
    v2t_metrics,
)
from xmr_core.ranking import Ints, Scores, TieRule, same_group
from xmr_core.types import Language


@dataclass(frozen=True, slots=True)
class FusionResult:
    """Retrieval at one weight.

    Attributes:
        query_weight: Of the query; its translation has the rest. 1 is the query alone.
        t2v: A text looks for its video.
        t2v_map: Mean average precision of the same, 0 to 1.
        v2t_captions: A video looks for its texts among all texts; the best own one counts. The
            protocol of the paper.
        v2t_map: Mean average precision of the same over all own texts, 0 to 1.
        v2t_groups: A video looks for its set of texts, which scores as its best member.
    """

    query_weight: float
    t2v: RetrievalMetrics
    t2v_map: float
    v2t_captions: RetrievalMetrics
    v2t_map: float
    v2t_groups: RetrievalMetrics


def fuse(queries: Embeddings, translations: Embeddings, query_weight: float) -> Embeddings:
    """One query of both: its score is w cos(query, video) + (1 - w) cos(translation, video).

    The cosine is linear in the query, so the weighted sum of the vectors gives the weighted sum of
    the scores. It is shorter than unit length unless both agree.

    Args:
        queries: Unit-length embeddings of texts.
        translations: Of their machine translations into the other language, row by row.
        query_weight: w, 0 to 1.
    """
    _check(query_weight)
    ours, theirs = queries["global"], translations["global"]
    return Embeddings({"global": query_weight * ours + (1 - query_weight) * theirs})


def fused_queries(
    encoder: MlcmrEncoder, texts: Sequence[str], translations: Sequence[str], language: Language
) -> Embeddings:
    """Queries and their machine translations, joined with the checkpoint's own weight.

    Args:
        encoder: Its settings hold one weight per language.
        texts: The queries.
        translations: Of the queries into the other language, one by one.
        language: Of the queries.
    """
    config = encoder.network.config
    weight = config.query_weight_en if language == "en" else config.query_weight_zh
    return fuse(encoder.encode_text(texts), encoder.encode_text(translations), weight)


def fused_scores(
    scores: Scores, translation_scores: Scores, query_weight: float
) -> NDArray[np.floating]:
    """The same from the two score matrices, (texts, videos)."""
    _check(query_weight)
    return query_weight * scores + (1 - query_weight) * translation_scores


def measure_weights(
    scores: Scores,
    translation_scores: Scores,
    video_of_text: Ints,
    query_weights: Sequence[float] = (1.0, 0.85, 0.55, 0.5, 0.0),
    ties: TieRule = "expected",
) -> tuple[FusionResult, ...]:
    """Retrieval at every weight, none of them chosen.

    Args:
        scores: Cosines of the queries, (texts, videos), higher is better.
        translation_scores: Of their machine translations, row by row.
        video_of_text: Column of the right video of each text; every video has one.
        query_weights: The weights of the query, 0 to 1.
        ties: How equal scores are ordered.
    """
    results = []
    relevant = same_group(video_of_text, np.arange(scores.shape[1]))
    for weight in query_weights:
        fused = fused_scores(scores, translation_scores, weight)
        results.append(
            FusionResult(
                query_weight=weight,
                t2v=t2v_metrics(fused, video_of_text, ties),
                t2v_map=mean_average_precision(fused, relevant, ties),
                v2t_captions=v2t_metrics(fused, video_of_text, ties),
                v2t_map=mean_average_precision(fused.T, relevant.T, ties),
                v2t_groups=v2t_metrics(fused, video_of_text, ties, text_gallery="groups"),
            )
        )
    return tuple(results)


def _check(query_weight: float) -> None:
    if not 0.0 <= query_weight <= 1.0:
        raise ValueError(f"query_weight is {query_weight}, but it must lie between 0 and 1")
