"""The evaluation on `scenes`: the same action, shown by others."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from xmr_core.precision import average_precision
from xmr_core.ranking import TieRule

PROTOCOL = (
    "every clip is a query over all clips that share no subject with it;"
    " relevant: the same action class; mAP over full lists, expected over ties"
)


def other_cast_precision(
    scores: NDArray[np.generic],
    actions: Sequence[str],
    casts: Sequence[frozenset[str]],
    ties: TieRule = "expected",
) -> NDArray[np.float64]:
    """Average precision of every query by `PROTOCOL`, 0 to 1; NaN where nothing is relevant.

    Args:
        scores: Every clip against every clip, shape (clips, clips); higher is better.
        actions: Action class of every clip.
        casts: Subjects of every clip.
        ties: How equal scores are ordered.
    """
    names = sorted(set().union(*casts))
    plays = np.array([[name in cast for name in names] for cast in casts], dtype=np.int32)
    shared = plays @ plays.T > 0
    found = np.asarray(actions)
    relevant = (found[:, None] == found) & ~shared
    # Last in the list, below everything else, what is left out takes part in no precision.
    values = np.asarray(scores, dtype=np.float32)
    ranked = np.where(shared, values.min() - 1, values)
    return average_precision(ranked, relevant, ties)


def other_cast_map(
    scores: NDArray[np.generic], actions: Sequence[str], casts: Sequence[frozenset[str]]
) -> float:
    """Mean average precision of `PROTOCOL`, 0 to 1; queries without a right answer are left out."""
    return float(np.nanmean(other_cast_precision(scores, actions, casts)))
