"""Ranks from scores, exact where scores tie.

Scores are (queries, items), higher is better. Where items tie, a metric depends on the order chosen
among them, so every function takes a rule:

* "expected": the exact mean over all orders of the tied items, each equally likely. The rule of
  this product: a constant score over N items gets R@K = K / N, as guessing would.
* "optimistic", "pessimistic": relevant items first, or last.
* "stable": the order of the items in the matrix.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

TieRule = Literal["expected", "optimistic", "pessimistic", "stable"]

Scores = NDArray[Any]
Relevant = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_CHUNK_PAIRS = 1 << 20
"""Pairs handled at once: a few megabytes, which stay in the processor's cache."""


def same_group(query_groups: NDArray[Any], item_groups: NDArray[Any]) -> Relevant:
    """Calls an item relevant to a query if both carry the same group number or label.

    Args:
        query_groups: Shape (queries,).
        item_groups: Shape (items,).

    Returns:
        Shape (queries, items).
    """
    return np.equal.outer(np.asarray(query_groups), np.asarray(item_groups))


@dataclass(frozen=True, slots=True)
class FirstRelevant:
    """Where the best relevant item of each query stands. All shapes (queries,).

    Attributes:
        above: Items that score higher than it; none of them is relevant.
        relevant: Relevant items with its score, itself included.
        irrelevant: Irrelevant items with its score.
        ahead: Irrelevant items with its score that come before it in the matrix.
    """

    above: Ints
    relevant: Ints
    irrelevant: Ints
    ahead: Ints

    def rank(self, ties: TieRule = "expected") -> Floats:
        """Rank of the first relevant item, from 1, shape (queries,).

        The expected rank is 1 + above + irrelevant / (relevant + 1): each tied irrelevant item
        comes before all `relevant` tied ones with probability 1 / (relevant + 1).
        """
        before = {
            "expected": lambda: self.irrelevant / (self.relevant + 1),
            "optimistic": lambda: 0,
            "pessimistic": lambda: self.irrelevant,
            "stable": lambda: self.ahead,
        }[checked_rule(ties)]()
        return 1.0 + self.above + before

    def within(self, k: int, ties: TieRule = "expected") -> Floats:
        """Probability that a relevant item is among the first `k`, shape (queries,).

        In a random order the first t = k - above tied places all hold irrelevant items with
        probability C(n - t, r) / C(n, r), here as a product over these places.
        """
        if ties != "expected":
            return (self.rank(ties) <= k).astype(np.float64)
        places = np.clip(k - self.above, 0, self.relevant + self.irrelevant)
        missed = np.ones(len(self.above))
        for place in range(int(places.max(initial=0))):
            left = np.maximum(self.irrelevant - place, 0)
            chance = left / np.maximum(self.relevant + self.irrelevant - place, 1)
            missed *= np.where(place < places, chance, 1.0)
        return 1.0 - missed


def first_relevant(scores: Scores, relevant: Relevant) -> FirstRelevant:
    """Finds the best relevant item of every query.

    Args:
        scores: Shape (queries, items); higher is better.
        relevant: Same shape.

    Raises:
        ValueError: The shapes differ, a score is not a number, or a query has no relevant item.
    """
    check_matrices(scores, relevant)
    counts = np.empty((4, len(scores)), dtype=np.int64)
    for rows in row_chunks(scores.shape):
        part, wanted = np.ascontiguousarray(scores[rows]), np.ascontiguousarray(relevant[rows])
        if not wanted.any(axis=1).all():
            lonely = rows.start + int(np.argmin(wanted.any(axis=1)))
            raise ValueError(f"query {lonely} has no relevant item, so no rank")
        best = np.max(part, axis=1, keepdims=True, where=wanted, initial=_lowest(part.dtype))
        tied = part == best
        first = np.argmax(tied & wanted, axis=1)
        in_tie = np.count_nonzero(tied, axis=1)
        right = np.count_nonzero(tied & wanted, axis=1)
        earlier = np.arange(part.shape[1]) < first[:, None]
        counts[0, rows] = np.count_nonzero(part > best, axis=1)
        counts[1, rows] = right
        counts[2, rows] = in_tie - right
        counts[3, rows] = np.count_nonzero(tied & earlier, axis=1)
    return FirstRelevant(*counts)


def top_k(scores: Scores, k: int) -> tuple[Scores, Ints]:
    """The `k` best items of every query, equal scores in the order of the items.

    Returns:
        Scores and positions, both of shape (queries, min(k, items)), best first.
    """
    rows, items = scores.shape
    k = min(k, items)
    positions = np.empty((rows, k), dtype=np.int64)
    for row, values in enumerate(scores):
        candidates = np.arange(items)
        if 0 < k < items:
            edge = np.partition(values, items - k)[items - k]
            candidates = np.flatnonzero(values >= edge)
        # A stable sort of the reversed list, reversed again, keeps equal scores in order.
        order = np.argsort(values[candidates][::-1], kind="stable")[::-1]
        positions[row] = candidates[::-1][order][:k]
    return np.take_along_axis(scores, positions, axis=1), positions


def row_chunks(shape: tuple[int, ...]) -> Iterator[slice]:
    """Slices of rows of about `_CHUNK_PAIRS` pairs."""
    step = max(1, _CHUNK_PAIRS // max(shape[1], 1))
    for begin in range(0, shape[0], step):
        yield slice(begin, min(begin + step, shape[0]))


def _lowest(dtype: np.dtype[Any]) -> Any:
    """A value that no score of this type lies below."""
    return -np.inf if np.issubdtype(dtype, np.floating) else np.iinfo(dtype).min


def checked_rule(ties: TieRule) -> TieRule:
    """The rule itself, or `ValueError` naming the rules there are."""
    if ties not in get_args(TieRule):
        raise ValueError(f"tie rule {ties!r} is none of {get_args(TieRule)}")
    return ties


def check_matrices(scores: Scores, relevant: Relevant) -> None:
    """Raises `ValueError` unless both are matrices of one shape and every score is a number."""
    if scores.ndim != 2 or scores.shape != relevant.shape:
        raise ValueError(f"scores {scores.shape} and relevant {relevant.shape} must be one shape")
    if relevant.dtype != np.bool_:
        raise ValueError(f"relevant must be boolean, not {relevant.dtype}")
    if np.issubdtype(scores.dtype, np.floating) and np.isnan(scores).any():
        raise ValueError("a score is NaN: the model's output cannot be ranked")
