"""Losses on hash outputs: triplets by four rules, quantisation, balance. No loop over triplets."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

Outputs = Float[Tensor, "clips bits"]
Labels = Int[Tensor, " clips"]

# The smallest distance whose root still has a usable gradient.
_TINY = 1e-12


def batch_all_loss(
    outputs: Outputs,
    labels: Labels,
    margin: float,
    *,
    violating_only: bool = False,
    by_class_size: bool = False,
) -> Float[Tensor, ""]:
    """The mean hinge over all triplets of the batch: L of the package docstring.

    The anchor is the earlier clip of a pair, so every pair counts once.

    Args:
        outputs: Hash outputs h.
        labels: Action class of every clip.
        margin: m, in squared distance.
        violating_only: Divides by the triplets whose hinge is not zero instead of by all.
        by_class_size: Counts a triplet once per clip of its class in the batch, as the public code
            does.

    Returns:
        0 if there is no triplet.
    """
    squared = _squared_distances(outputs)
    same = labels[:, None] == labels
    anchors, positives = torch.triu(same, diagonal=1).nonzero(as_tuple=True)
    hinge = (margin + squared[anchors, positives, None] - squared[anchors]).clamp(min=0)
    weights = (~same)[anchors].to(outputs.dtype)  # (pairs, clips)
    if by_class_size:
        weights = weights * same.sum(1)[anchors, None]
    if violating_only:
        weights = weights * (hinge > 0)
    return (weights * hinge).sum() / weights.sum().clamp(min=1)


def batch_hard_loss(outputs: Outputs, labels: Labels, margin: float) -> Float[Tensor, ""]:
    """The mean hinge over every clip's farthest positive and nearest negative, unsquared.

    Implements Eq. (5) of Hermans et al., 2017 (arXiv:1703.07737). A clip alone in its class is its
    own positive; clips without a negative are left out.
    """
    distances = _squared_distances(outputs).clamp(min=_TINY).sqrt()
    same = labels[:, None] == labels
    farthest = distances.masked_fill(~same, 0).amax(1)
    nearest = distances.masked_fill(same, torch.inf).amin(1)
    usable = (~same).any(1)
    hinge = (margin + farthest - nearest.where(usable, farthest)).clamp(min=0)
    return (hinge * usable).sum() / usable.sum().clamp(min=1)


def semi_hard_loss(outputs: Outputs, labels: Labels, margin: float) -> Float[Tensor, ""]:
    """The mean hinge over ordered pairs, each with the nearest negative beyond its positive.

    Implements the choice of negatives of Schroff et al., 2015 (arXiv:1503.03832), section 3.2, on
    squared distances. A pair with no negative beyond the positive takes its farthest one.
    """
    squared = _squared_distances(outputs)
    same = labels[:, None] == labels
    pairs = same & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    pairs &= (~same).any(1, keepdim=True)
    anchors, positives = pairs.nonzero(as_tuple=True)
    positive = squared[anchors, positives]
    negatives, allowed = squared[anchors], (~same)[anchors]  # (pairs, clips)
    beyond = allowed & (negatives > positive[:, None])
    nearest = negatives.masked_fill(~beyond, torch.inf).amin(1)
    farthest = negatives.masked_fill(~allowed, 0).amax(1)
    chosen = nearest.where(beyond.any(1), farthest)
    return (margin + positive - chosen).clamp(min=0).sum() / max(len(anchors), 1)


def quantisation_loss(outputs: Outputs) -> Float[Tensor, ""]:
    """The mean of (|h| - 1)^2: how far the outputs are from bits."""
    return (outputs.abs() - 1).square().mean()


def balance_loss(outputs: Outputs) -> Float[Tensor, ""]:
    """The mean square of each bit's mean: 0 if every bit is on for half of the clips."""
    return outputs.mean(0).square().mean()


def centre_loss(
    outputs: Outputs, labels: Labels, centres: Bool[Tensor, "classes bits"]
) -> Float[Tensor, ""]:
    """Binary cross entropy between (h + 1) / 2 and the hash centre of the class.

    Implements Eq. (5) of Yuan et al., 2020 (arXiv:1908.00347).
    """
    targets = centres[labels].to(outputs.dtype)
    return torch.nn.functional.binary_cross_entropy((outputs + 1) / 2, targets)


def _squared_distances(outputs: Outputs) -> Float[Tensor, "clips clips"]:
    # Of differences, not from norms: near codes would lose their digits.
    return (outputs[:, None] - outputs).square().sum(-1)
