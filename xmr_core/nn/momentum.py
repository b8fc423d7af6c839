"""Slow copies of networks: momentum encoders and averaged weights."""

import torch
from torch import nn


@torch.no_grad()
def follow(target: nn.Module, source: nn.Module, momentum: float) -> None:
    """Moves `target` towards `source` in place: theta_t <- m theta_t + (1 - m) theta_s.

    Parameters only: running statistics of normalisation layers come from a copy's own forward
    passes. Implements equation 2 of He et al., "Momentum Contrast", CVPR 2020.

    Args:
        target: The slow copy.
        source: The network that is trained; same architecture.
        momentum: m, between 0 and 1.
    """
    slow, fast = list(target.parameters()), list(source.parameters())
    for to, new in zip(slow, fast, strict=True):
        to.lerp_(new.to(to.dtype), 1 - momentum)
