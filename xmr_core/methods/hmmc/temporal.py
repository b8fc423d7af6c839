"""The temporal transformer: frames of one video look at each other, in their order."""

import math
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from open_clip.transformer import QuickGELU, ResidualAttentionBlock
from torch import Tensor, nn

from xmr_core.errors import XmrError


class TemporalTransformer(nn.Module):
    """Learned places of frames and pre-norm blocks with full attention, around them a residual.

    Implements the temporal part of Shen et al., 2023, as in the public code: no last LayerNorm,
    QuickGELU, and the output is added to the frame features that came in.

    Deviation: masked frames are not looked at and the others keep the places they would have
    without them, so masking a frame is removing it. Videos without masked frames give the
    published values.

    Args:
        width: Dimension of the frame features.
        layers: Number of blocks.
        heads: Attention heads.
        positions: Longest video in frames.
        eps: Of the LayerNorms; 1e-12 in the published checkpoints.
        waves: Whether the places begin as sines and cosines instead of as random numbers: early
            and late frames are told apart sooner.
    """

    def __init__(
        self,
        width: int,
        layers: int,
        heads: int,
        *,
        positions: int = 48,
        eps: float = 1e-12,
        waves: bool = False,
    ) -> None:
        super().__init__()
        self.places = nn.Embedding(positions, width)
        self.blocks = nn.ModuleList(
            ResidualAttentionBlock(width, heads, act_layer=QuickGELU, norm_layer=nn.LayerNorm)
            for _ in range(layers)
        )
        for module in self.modules():
            if isinstance(module, nn.LayerNorm):
                module.eps = eps
        if waves:
            with torch.no_grad():
                self.places.weight.copy_(_waves(positions, width))

    def forward(
        self,
        features: Float[Tensor, "videos frames d"],
        mask: Bool[Tensor, "videos frames"] | None = None,
    ) -> Float[Tensor, "videos frames d"]:
        """The frame features with what the temporal transformer adds to them.

        Raises:
            XmrError: A video has more frames than there are places.
        """
        return features + self.change(features, mask)

    def change(
        self,
        features: Float[Tensor, "videos frames d"],
        mask: Bool[Tensor, "videos frames"] | None = None,
    ) -> Float[Tensor, "videos frames d"]:
        """The output of the last block, before the outer residual."""
        longest = features.shape[1] if mask is None else int(mask.sum(1).max())
        if longest > self.places.num_embeddings:
            raise XmrError(
                f"a video of {longest} frames is too long for this model:"
                f" at most {self.places.num_embeddings}"
            )
        hidden = features + self.places(_places(features, mask))
        ignored = None
        if mask is not None and not bool(mask.all()):
            # A video without any frame may look at all of them, or its softmax is empty.
            ignored = ~mask & mask.any(1, keepdim=True)
        blocks: Any = self.blocks
        for block in blocks:
            normed = block.ln_1(hidden)
            looked = block.attn(
                normed, normed, normed, key_padding_mask=ignored, need_weights=False
            )[0]
            hidden = hidden + looked
            hidden = hidden + block.mlp(block.ln_2(hidden))
        return hidden


def pool_frames(
    states: Float[Tensor, "videos frames d"], mask: Bool[Tensor, "videos frames"] | None = None
) -> Float[Tensor, "videos d"]:
    """The mean of the unmasked frames' unit vectors; zero where all are masked."""
    unit = F.normalize(states, dim=-1)
    if mask is None:
        return unit.mean(1)
    weights = mask.to(unit.dtype).unsqueeze(-1)
    return (unit * weights).sum(1) / weights.sum(1).clamp(min=1)


def _places(
    features: Float[Tensor, "videos frames d"], mask: Bool[Tensor, "videos frames"] | None
) -> Int[Tensor, "videos frames"] | Int[Tensor, " frames"]:
    if mask is None:
        return torch.arange(features.shape[1], device=features.device)
    return (mask.long().cumsum(1) - 1).clamp(min=0)


def _waves(positions: int, width: int) -> Float[Tensor, "positions width"]:
    """Sines and cosines of every wavelength (Vaswani et al., 2017), with values of variance 1.

    Features of a CLIP have about this variance before they are normalised.
    """
    speeds = torch.exp(-math.log(10_000.0) * torch.arange(0, width, 2) / width)
    angles = torch.arange(positions).unsqueeze(1) * speeds
    return math.sqrt(2) * torch.stack([angles.sin(), angles.cos()], -1).flatten(1)[:, :width]


def temporal_layers(keys: Sequence[str], prefix: str) -> int:
    """How many blocks a state has, by its keys; the published config does not tell reliably."""
    numbers = {
        int(key.removeprefix(prefix).split(".")[0]) for key in keys if key.startswith(prefix)
    }
    return max(numbers, default=-1) + 1
