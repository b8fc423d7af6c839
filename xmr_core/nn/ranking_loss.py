"""Losses that rank right pairs before wrong ones."""

import torch
from jaxtyping import Float
from torch import Tensor


def triplet_loss(
    a: Float[Tensor, "batch d"],
    b: Float[Tensor, "batch d"],
    margin: float = 0.2,
    *,
    hardest: bool = True,
) -> Float[Tensor, ""]:
    """How far wrong pairs come within `margin` of the right ones, in both directions, summed.

    Implements Faghri et al., "VSE++", BMVC 2018 (arXiv:1707.05612), eq. (6); with all negatives
    eq. (5), averaged. Row i of `a` belongs to row i of `b`; every other pair is a negative.

    Args:
        a: Unit-length embeddings of one view.
        b: Of the other.
        margin: By how much the right pair has to win, in cosine.
        hardest: Counts only the worst negative of each row and each column; else the mean over
            all negatives, from which a new network learns first.
    """
    scores = a @ b.T
    right = scores.diagonal()
    own = torch.eye(len(scores), dtype=torch.bool, device=scores.device)
    by_row = (margin + scores - right[:, None]).clamp(min=0).masked_fill(own, 0)
    by_column = (margin + scores - right[None, :]).clamp(min=0).masked_fill(own, 0)
    if hardest:
        return by_row.max(1).values.sum() + by_column.max(0).values.sum()
    return (by_row.sum() + by_column.sum()) / max(1, len(scores) - 1)
