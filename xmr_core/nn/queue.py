"""First in, first out: keys of earlier batches as negatives."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


class KeyQueue(nn.Module):
    """The last keys, at unit length, in a ring; starts with random directions.

    As in He et al., "Momentum Contrast", CVPR 2020. It is saved with the module it belongs to.

    Args:
        length: How many keys are kept.
        width: Dimension of a key.
        generator: Source of the random directions.
    """

    keys: Tensor
    pointer: Tensor

    def __init__(self, length: int, width: int, generator: torch.Generator | None = None) -> None:
        super().__init__()
        start = F.normalize(torch.randn(length, width, generator=generator), dim=-1)
        self.register_buffer("keys", start)
        self.register_buffer("pointer", torch.zeros(1, dtype=torch.long))

    @torch.no_grad()
    def push(self, keys: Float[Tensor, "batch width"]) -> None:
        """Writes a batch over the oldest keys.

        The loss of a step may still need the old ones for its gradient: push after `backward`, or
        give the loss a copy (`negatives`).

        Args:
            keys: Any length; all processes' keys in a distributed run, the same on each.

        Raises:
            ValueError: The number of keys does not divide the queue's length.
        """
        length, number = len(self.keys), len(keys)
        if number == 0 or length % number:
            raise ValueError(f"a queue of {length} keys cannot take batches of {number}")
        begin = int(self.pointer)
        self.keys[begin : begin + number] = F.normalize(keys, dim=-1).to(self.keys.dtype)
        self.pointer[0] = (begin + number) % length

    def negatives(self) -> Float[Tensor, "length width"]:
        """A copy of all keys, which later pushes do not change."""
        return self.keys.clone()
