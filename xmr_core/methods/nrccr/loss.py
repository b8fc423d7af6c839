"""The losses of NRCCR. Symbols as in the package docstring; all embeddings have unit length."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def triplet_loss(
    a: Float[Tensor, "batch d"], b: Float[Tensor, "batch d"], margin: float = 0.2
) -> Float[Tensor, ""]:
    """Hinge on the hardest negative of every row and every column, summed over the batch.

    Implements Faghri et al., "VSE++", 2018 (arXiv:1707.05612), eq. (6), as NRCCR uses it. Row i of
    `a` belongs to row i of `b`; every other pair of the batch is a negative.

    Args:
        a: One view.
        b: The other.
        margin: By how much the right pair has to win, in cosine.
    """
    scores = a @ b.T
    right = scores.diagonal()
    own = torch.eye(len(scores), dtype=torch.bool, device=scores.device)
    wrong = scores.masked_fill(own, -torch.inf)
    by_row = (margin + wrong.max(1).values - right).clamp(min=0)
    by_column = (margin + wrong.max(0).values - right).clamp(min=0)
    return by_row.sum() + by_column.sum()


def distillation_loss(
    teacher: Float[Tensor, "batch d"],
    student: Float[Tensor, "batch d"],
    video: Float[Tensor, "batch d"],
    temperature: float = 0.07,
) -> Float[Tensor, ""]:
    """Cross entropy of the student's similarities to the videos under those of the teacher.

    Implements the similarity view of NRCCR's multi-view self-distillation: both directions, the
    mean over the batch of each, averaged. No gradient reaches `teacher`; `video` gets it from both
    sides, as in the public code.
    """
    taught = video @ teacher.detach().T / temperature
    given = video @ student.T / temperature

    def cross_entropy(axis: int) -> Tensor:
        return -(taught.softmax(axis) * given.log_softmax(axis)).sum(axis).mean()

    return (cross_entropy(1) + cross_entropy(0)) / 2


def feature_loss(
    student: Float[Tensor, "batch d"], teacher: Float[Tensor, "batch d"]
) -> Float[Tensor, ""]:
    """Smooth L1 between the target and the cross view (the feature view); both get gradients."""
    return F.smooth_l1_loss(student, teacher, beta=4.0)


def language_loss(logits: Float[Tensor, "batch 2"], *, source: bool) -> Float[Tensor, ""]:
    """Binary cross entropy of the adversary's two units, which share one label.

    Args:
        logits: What the adversary says of some sentences.
        source: Whether the label is "source language" (1) or "target language" (0).
    """
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, float(source)))
