"""A stable order among equal scores, whatever order the search library leaves them in."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Find = Callable[[Rows, int], tuple[NDArray[Any], NDArray[np.int64]]]
Rescore = Callable[[Rows, NDArray[np.int64]], NDArray[np.float32]]

_SPARE = 6
_GROWTH = 4


def settled_search(
    find: Find,
    rescore: Rescore | None,
    *,
    num_queries: int,
    num_items: int,
    k: int,
    tolerance: NDArray[np.float64],
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The `k` best items of every query, equal scores by position, also across the k-th place.

    Asks for a few more than `k`. If the last of these still ties with the k-th, some of its equals
    may be missing, and the query is asked again for more.

    Args:
        find: Some rows of the queries and a count to scores and positions, best first.
        rescore: Some rows and their candidates to the final scores; None if those of `find` are
            final.
        num_queries: Number of queries.
        num_items: Number of items in the index.
        k: Number of items wanted.
        tolerance: Differences of scores that may be rounding, shape (queries,).

    Returns:
        Scores and positions, both of shape (queries, min(k, num_items)).
    """
    k = min(k, num_items)
    scores = np.empty((num_queries, k), dtype=np.float32)
    positions = np.empty((num_queries, k), dtype=np.int64)
    if k == 0:
        return scores, positions
    open_rows = np.arange(num_queries)
    count = min(num_items, k + _SPARE)
    while len(open_rows):
        found, candidates = find(open_rows, count)
        gap = found[:, k - 1] - found[:, -1]
        settled = (gap > tolerance[open_rows]) | (count == num_items)
        rows, candidates = open_rows[settled], candidates[settled]
        final = found[settled] if rescore is None else rescore(rows, candidates)
        order = np.lexsort((candidates, -final))[:, :k]
        scores[rows] = np.take_along_axis(final, order, axis=1)
        positions[rows] = np.take_along_axis(candidates, order, axis=1)
        open_rows = open_rows[~settled]
        count = min(num_items, _GROWTH * count)
    return scores, positions
