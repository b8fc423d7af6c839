"""The losses of NRCCR but for Tri, `xmr_core.nn.ranking_loss`; embeddings have unit length."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


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
