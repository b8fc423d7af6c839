"""Precision and average precision from scores, exact where scores tie.

The rules for equal scores are those of `ranking`. Implements the expectation over random orders of
McSherry and Najork, "Computing information retrieval performance measures efficiently in the
presence of tied scores", 2008, and extends it to a cutoff that is normalised by what was found.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from xmr_core.ranking import (
    Floats,
    Relevant,
    Scores,
    TieRule,
    check_matrices,
    checked_rule,
    row_chunks,
)

Counts = NDArray[np.int32]
Normalisation = Literal["hits", "min", "all"]

_FEW = 16
"""Up to so many relevant items per query, counting is faster than sorting."""


def average_precision(
    scores: Scores,
    relevant: Relevant,
    ties: TieRule = "expected",
    *,
    cutoff: int | None = None,
    normalisation: Normalisation = "all",
) -> Floats:
    """Average precision of every query.

    Args:
        scores: Shape (queries, items); higher is better.
        relevant: Same shape.
        ties: How tied items are ordered.
        cutoff: Looks only at the first `cutoff` items (mAP@R); None for the whole list.
        normalisation: What the sum of precisions is divided by: "hits", the relevant items found
            up to the cutoff (usual in deep hashing); "min", the most that could be found,
            min(cutoff, relevant items); "all", all relevant items. The same without a cutoff.

    Returns:
        Shape (queries,), 0 to 1; NaN for a query without relevant items.

    Raises:
        ValueError: The shapes differ or a score is not a number.
    """
    check_matrices(scores, relevant)
    if normalisation not in get_args(Normalisation):
        raise ValueError(f"normalisation {normalisation!r} is none of {get_args(Normalisation)}")
    end = scores.shape[1] if cutoff is None else min(cutoff, scores.shape[1])
    most = int(np.count_nonzero(relevant, axis=1).max(initial=0))
    if end == scores.shape[1] and most <= _FEW and checked_rule(ties) != "stable":
        return _precision_of_few(scores, relevant, ties, most)
    result = np.empty(len(scores))
    for rows in row_chunks(scores.shape):
        ranked = _RankedRows.of(scores[rows], relevant[rows], ties)
        total = np.count_nonzero(relevant[rows], axis=1)
        if normalisation == "hits" and end < scores.shape[1]:
            precision = ranked.precision_per_hit(end)
        else:
            bound = np.minimum(end, total) if normalisation == "min" else total
            precision = ranked.terms()[:, :end].sum(axis=1) / np.maximum(bound, 1)
        result[rows] = np.where(total > 0, precision, np.nan)
    return result


def _precision_of_few(scores: Scores, relevant: Relevant, ties: TieRule, most: int) -> Floats:
    """Average precision over whole lists by counting, where no query has many relevant items.

    It needs no sorting: for a relevant item, the items above it and those it ties with say where
    it may stand. Over the n places of a tie from s + 1 on, of which the relevant items take all or
    their share, the mean of (b + 1 + j c) / (s + 1 + j), j from 0, is a difference of harmonic
    numbers.
    """
    items = scores.shape[1]
    harmonic = np.concatenate([[0.0], np.cumsum(1.0 / np.arange(1, items + 1))])
    result = np.empty(len(scores))
    for rows in row_chunks(scores.shape):
        part, wanted = np.ascontiguousarray(scores[rows]), relevant[rows]
        total = np.count_nonzero(wanted, axis=1)
        row, column = np.nonzero(wanted)
        slot = np.arange(len(row)) - np.repeat(np.cumsum(total) - total, total)
        own = np.zeros((len(part), most), dtype=part.dtype)  # scores of the relevant items
        own[row, slot] = part[row, column]
        there = np.arange(most) < total[:, None]
        summed = np.zeros(len(part))
        for place in range(most):
            score = own[:, place, None]
            start = np.count_nonzero(part > score, axis=1)
            places = np.count_nonzero(part == score, axis=1)
            before = np.count_nonzero((own > score) & there, axis=1)
            right = np.maximum(np.count_nonzero((own == score) & there, axis=1), 1)
            if ties == "pessimistic":
                start = start + np.maximum(places - right, 0)
            if ties == "expected":
                places = np.maximum(places, 1)
                share = (right - 1) / np.maximum(places - 1, 1)
            else:
                places, share = right, np.ones(len(part))
            ones = harmonic[np.minimum(start + places, items)] - harmonic[start]
            spread = ((before + 1 - share * (start + 1)) * ones + share * places) / places
            value = np.where(places == 1, (before + 1) / (start + 1), spread)
            summed += np.where(there[:, place], value, 0.0)
        result[rows] = np.where(total > 0, summed / np.maximum(total, 1), np.nan)
    return result


def precision_at(scores: Scores, relevant: Relevant, k: int, ties: TieRule = "expected") -> Floats:
    """Part of the first `k` items that is relevant, shape (queries,)."""
    check_matrices(scores, relevant)
    result = np.empty(len(scores))
    for rows in row_chunks(scores.shape):
        ranked = _RankedRows.of(scores[rows], relevant[rows], ties)
        result[rows] = ranked.chance[:, :k].sum(axis=1) / k
    return result


@dataclass(frozen=True, slots=True)
class _RankedRows:
    """Some queries with their items sorted by score. All shapes (queries, items).

    Attributes:
        chance: Probability that the item in this place is relevant; 0 or 1 in a fixed order.
        before: Relevant items in better ties than the one of this place.
        start: First place of the tie.
        tied: Items in the tie.
        tied_relevant: Relevant items in the tie.
    """

    chance: Floats
    before: Counts
    start: Counts
    tied: Counts
    tied_relevant: Counts

    @classmethod
    def of(cls, scores: Scores, relevant: Relevant, ties: TieRule) -> "_RankedRows":
        """Sorts, finds the ties and spreads the relevant items over them by the rule."""
        rows, items = scores.shape
        # Negated in a signed type: bits and counts may come unsigned.
        falling = -scores.astype(np.promote_types(scores.dtype, np.int8), copy=False)
        kind = "stable" if checked_rule(ties) == "stable" else None
        order = np.argsort(falling, axis=1, kind=kind)
        falling = np.take_along_axis(falling, order, axis=1)
        hits = np.take_along_axis(relevant, order, axis=1)
        if ties == "stable":
            return cls._in_order(hits)
        opens = np.ones((rows, items), dtype=bool)
        opens[:, 1:] = falling[:, 1:] != falling[:, :-1]
        first = np.flatnonzero(opens)
        sizes = np.diff(first, append=opens.size)
        right = np.add.reduceat(hits.ravel(), first, dtype=np.int32)
        ahead = (np.cumsum(hits, axis=1, dtype=np.int32) - hits).ravel()[first]
        tied, tied_relevant, before, start = (
            np.repeat(values.astype(np.int32), sizes).reshape(rows, items)
            for values in (sizes, right, ahead, first % items)
        )
        if ties == "expected":
            return cls(tied_relevant / tied, before, start, tied, tied_relevant)
        inside = np.arange(items) - start
        lead = 0 if ties == "optimistic" else tied - tied_relevant
        return cls._in_order((inside >= lead) & (inside < lead + tied_relevant))

    @classmethod
    def _in_order(cls, hits: Relevant) -> "_RankedRows":
        """Ranked lists without any tie left."""
        before = np.cumsum(hits, axis=1, dtype=np.int32) - hits
        place = np.broadcast_to(np.arange(hits.shape[1], dtype=np.int32), hits.shape)
        alone = np.broadcast_to(np.int32(1), hits.shape)
        return cls(hits.astype(np.float64), before, place, alone, hits.astype(np.int32))

    def terms(self) -> Floats:
        """Expected precision at each place, counted where the item is relevant.

        Given a relevant item in the j-th place of a tie of n with r relevant, each of the j - 1
        places before it is relevant with probability (r - 1) / (n - 1).
        """
        place = np.arange(self.chance.shape[1])
        share = (self.tied_relevant - 1) / np.maximum(self.tied - 1, 1)
        return self.chance * (self.before + 1 + (place - self.start) * share) / (place + 1)

    def precision_per_hit(self, end: int) -> Floats:
        """Mean precision over the relevant items among the first `end`, 0 if there are none.

        Their number is random if a tie crosses the end, so the mean goes over h, the relevant
        items among the c places of that tie before the end: hypergeometric, and given h the tie
        before the end is itself a tie of c with h relevant.
        """
        rows = np.arange(len(self.chance))
        last = end - 1
        before, start = self.before[:, last], self.start[:, last]
        tied, right = self.tied[:, last], self.tied_relevant[:, last]
        inside = end - start
        summed = np.pad(np.cumsum(self.terms()[:, :end], axis=1), ((0, 0), (1, 0)))
        ahead = summed[rows, start]
        harmonic = np.concatenate([[0.0], np.cumsum(1.0 / np.arange(1, end + 1))])
        ones = harmonic[end] - harmonic[start]  # sum over the tie's places of 1 / place
        steps = inside - (start + 1) * ones  # and of (j - 1) / place, j the place in the tie
        result = np.zeros(len(rows))
        for h in range(int(np.minimum(inside, right).max(initial=0)) + 1):
            chance = _hypergeometric(h, tied, right, inside)
            share = (h - 1) / np.maximum(inside - 1, 1)
            own = h / inside * ((before + 1) * ones + share * steps)
            result += chance * (ahead + own) / np.maximum(before + h, 1)
        return result


def _hypergeometric(h: int, total: Counts, marked: Counts, drawn: Counts) -> Floats:
    """Probability of `h` marked ones among `drawn` of `total` with `marked` marked ones."""
    log_factorial = np.concatenate(
        [[0.0], np.cumsum(np.log(np.arange(1, int(total.max(initial=1)) + 1)))]
    )

    def log_choose(n: Counts, k: Counts) -> Floats:
        return log_factorial[n] - log_factorial[k] - log_factorial[n - k]

    possible = (h <= marked) & (h <= drawn) & (drawn - h <= total - marked)
    some = np.where(possible, h, np.maximum(drawn - (total - marked), 0))  # any valid number
    log_chance = (
        log_choose(marked, some)
        + log_choose(total - marked, drawn - some)
        - log_choose(total, drawn)
    )
    return np.where(possible, np.exp(log_chance), 0.0)
