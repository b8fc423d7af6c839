"""The best clips of a gallery for queries, and how far each stands out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from xmr_core.encoder import Embeddings, VideoEncoder
from xmr_core.gallery import Gallery
from xmr_core.index import Index
from xmr_core.ranking import top_k

_QUERIES_AT_ONCE = 256
_ITEMS_AT_ONCE = 4096
_SIGMA_SAMPLE = 1000
_FLAT = 1e-6
"""A smaller relative spread is rounding: all items have the same score."""


@dataclass(frozen=True, slots=True)
class Hits:
    """The best items of every query, best first. All shapes (queries, top).

    Attributes:
        scores: Higher is better.
        positions: Rows of the gallery; equal scores in the gallery's order.
        sigmas: Standard deviations above the mean score of this query over the whole gallery.
    """

    scores: NDArray[np.float32]
    positions: NDArray[np.int64]
    sigmas: NDArray[np.float32]


def search_gallery(
    queries: Embeddings,
    gallery: Gallery,
    index: Index | None,
    encoder: VideoEncoder | None,
    *,
    top: int = 10,
    candidates: int | None = None,
    rows: NDArray[np.int64] | None = None,
) -> Hits:
    """Finds the best clips.

    The index alone answers if there is no encoder. Otherwise the method's own score decides: over
    the whole gallery, or over the `candidates` that the index finds first. Re-ranking visits too
    few items to know the spread of the method's score, so there sigma is measured on a thousand
    items spread evenly over the gallery (all of them in a smaller one).

    Args:
        queries: Embeddings of texts or videos.
        gallery: Where to search.
        index: Over `index.part` of the gallery; needed without an encoder or with `candidates`.
        encoder: The method that scores, or None for the score of the index.
        top: Number of matches wanted.
        candidates: Number of items to re-rank; None to score all.
        rows: Items that may be found, rising; None for all. Sigma stays that of the whole gallery.

    Raises:
        ValueError: An index is needed and missing, holds another number of items, or is asked for
            some rows only.
    """
    if encoder is not None and candidates is None:
        scores = score_all(queries, gallery, encoder)
        best, positions = top_k(scores if rows is None else scores[:, rows], top)
        if rows is not None:
            positions = rows[positions]
        wide = scores.astype(np.float64)
        return _hits(best, positions, wide.mean(axis=1), wide.std(axis=1))
    if rows is not None:
        raise ValueError("only a search over all scores can leave rows out")
    if index is None or len(index) != len(gallery):
        has = "no index" if index is None else f"an index of {len(index)} items"
        raise ValueError(f"a gallery of {len(gallery)} items and {has}")
    vectors = _numpy(queries[index.part])
    if encoder is None:
        return _hits(*index.search(vectors, top), *index.moments(vectors))
    _, positions = index.search(vectors, max(top, candidates or 0))
    return _reranked(queries, gallery, encoder, positions, top)


def score_all(queries: Embeddings, gallery: Gallery, encoder: VideoEncoder) -> NDArray[np.float32]:
    """The method's score of every query against every item, shape (queries, items)."""
    scores = np.empty((len(queries), len(gallery)), dtype=np.float32)
    for items in _slices(len(gallery), _ITEMS_AT_ONCE):
        embeddings = gallery.embeddings(items)
        for rows in _slices(len(queries), _QUERIES_AT_ONCE):
            some = Embeddings({name: part[rows] for name, part in queries.parts.items()})
            scores[rows, items] = _score(encoder, some, embeddings)
    return scores


def _reranked(
    queries: Embeddings,
    gallery: Gallery,
    encoder: VideoEncoder,
    positions: NDArray[np.int64],
    top: int,
) -> Hits:
    """Orders each query's candidates by the method's score."""
    # By position first: `top_k` then leaves equal scores in the gallery's order.
    positions = np.sort(positions, axis=1)
    scores = np.empty(positions.shape, dtype=np.float32)
    for row, chosen in enumerate(positions):
        scores[row] = _score(encoder, queries.select([row]), gallery.embeddings(chosen))[0]
    best, places = top_k(scores, top)
    number = min(len(gallery), _SIGMA_SAMPLE)
    sample = np.linspace(0, len(gallery) - 1, number).round().astype(np.int64)
    typical = _score(encoder, queries, gallery.embeddings(sample)).astype(np.float64)
    return _hits(
        best,
        np.take_along_axis(positions, places, axis=1),
        typical.mean(axis=1),
        typical.std(axis=1),
    )


def _hits(
    scores: NDArray[np.float32],
    positions: NDArray[np.int64],
    mean: NDArray[np.float64],
    spread: NDArray[np.float64],
) -> Hits:
    above = scores - mean[:, None]
    spreads = spread[:, None] > _FLAT * (1 + np.abs(mean[:, None]))
    sigmas = np.divide(above, spread[:, None], out=np.zeros_like(above), where=spreads)
    return Hits(scores, positions, sigmas.astype(np.float32))


@torch.inference_mode()
def _score(encoder: VideoEncoder, queries: Embeddings, items: Embeddings) -> NDArray[np.float32]:
    return encoder.score(queries, items).float().cpu().numpy()


def _numpy(part: torch.Tensor) -> NDArray[Any]:
    return (part.float() if part.is_floating_point() else part).cpu().numpy()


def _slices(size: int, step: int) -> Iterator[slice]:
    for begin in range(0, size, step):
        yield slice(begin, min(begin + step, size))
