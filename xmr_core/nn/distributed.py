"""Contrast over all processes of a distributed run as if it were one large batch."""

from typing import Any

import torch
import torch.distributed as dist
from jaxtyping import Float
from torch import Tensor


def is_distributed() -> bool:
    """Whether several processes train together."""
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1


class _Gather(torch.autograd.Function):
    """Rows of all processes; the gradient of a row is summed over all of them."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:
        ctx.number = len(rows)
        parts = [torch.empty_like(rows) for _ in range(dist.get_world_size())]
        dist.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        gradient = gradients[0].contiguous()
        dist.all_reduce(gradient)
        begin = dist.get_rank() * ctx.number
        return gradient[begin : begin + ctx.number]


def gather(rows: Float[Tensor, "here ..."]) -> Float[Tensor, "all ..."]:
    """The rows of all processes in the order of their ranks, with gradients.

    Every process then computes the loss of the whole batch. Its rows get the gradients of all
    processes' losses, world size times the true one; the mean over processes that
    DistributedDataParallel takes makes it exact. Without other processes the rows themselves.

    Args:
        rows: The same number on every process.
    """
    return _Gather.apply(rows) if is_distributed() else rows  # type: ignore[return-value]


@torch.no_grad()
def gather_keys(rows: Float[Tensor, "here ..."]) -> Float[Tensor, "all ..."]:
    """As `gather`, without gradients."""
    return gather(rows.detach())
