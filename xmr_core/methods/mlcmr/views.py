"""Second views of texts and videos: tokens masked, frames left out. All draws are vectorised."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def mask_tokens(
    ids: Int[Tensor, "batch length"],
    mask: Bool[Tensor, "batch length"],
    share: float,
    mask_id: int,
    generator: torch.Generator,
) -> Int[Tensor, "batch length"]:
    """Replaces int(share * length) tokens of each text; never its begin and end marks.

    Args:
        ids: Token ids, padded at the end.
        mask: True for tokens, marks included.
        share: Of the length, marks included.
        mask_id: What the tokens become.
        generator: Draws them.
    """
    lengths = mask.sum(1, keepdim=True)
    places = torch.arange(ids.shape[1], device=ids.device)
    inside = (places > 0) & (places < lengths - 1)
    return ids.masked_fill(_drawn(inside, _floor(share * lengths.double()), generator), mask_id)


def drop_frames(
    frames: Float[Tensor, "batch frames d"],
    mask: Bool[Tensor, "batch frames"],
    share: float,
    generator: torch.Generator,
) -> tuple[Float[Tensor, "batch kept d"], Bool[Tensor, "batch kept"]]:
    """Takes int(share * frames) frames out of each video; the others stay in order.

    Returns:
        What is left, padded at the end, and which of it is real.
    """
    counts = mask.sum(1, keepdim=True)
    dropped = _drawn(mask, _floor(share * counts.double()), generator)
    return front(frames, mask & ~dropped)


def front(
    frames: Float[Tensor, "batch frames d"], mask: Bool[Tensor, "batch frames"]
) -> tuple[Float[Tensor, "batch kept d"], Bool[Tensor, "batch kept"]]:
    """Moves the real frames of each video to its front, and cuts off columns of padding only."""
    kept = max(1, int(mask.sum(1).max()))
    order = (~mask).to(torch.uint8).argsort(dim=1, stable=True)[:, :kept]
    moved = frames.gather(1, order.unsqueeze(-1).expand(-1, -1, frames.shape[-1]))
    return moved, mask.gather(1, order)


def _drawn(
    allowed: Bool[Tensor, "batch places"],
    counts: Int[Tensor, "batch 1"],
    generator: torch.Generator,
) -> Bool[Tensor, "batch places"]:
    """Draws `counts` of the allowed places in each row, each set of places equally likely."""
    noise = torch.rand(allowed.shape, generator=generator).to(allowed.device)
    ranks = noise.masked_fill(~allowed, 2.0).argsort(1).argsort(1)
    return allowed & (ranks < counts)


def _floor(values: Float[Tensor, "batch 1"]) -> Int[Tensor, "batch 1"]:
    return values.floor().long()
