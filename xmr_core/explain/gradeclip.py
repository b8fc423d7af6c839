"""Grad-ECLIP: which patches of a frame speak for a text.

Zhao, Wang, Zeng, Zhao, Chan, "Gradient-based Visual Explanation for Transformer-based CLIP", ICML
2024, and its extension arXiv:2502.18816. Written from the published description of the method; no
equation numbers are given because the papers' full text was not at hand. In the last block the
class token gathers the value features of all patches, and what it gathers, o, decides the score. To
first order every channel of o is worth its gradient w = d score / d o, so patch i with
the value feature v_i is worth

    map_i = ReLU(spatial_i * sum_c w_c v_ic).

The true attention of CLIP's class token is so sparse that it hides patches that matter, therefore
`spatial_i` is a loosened weight: the cosine between the query of the class token and the key of
patch i, scaled to 0..1 within the frame.

Deviations: the score that is differentiated is the cosine of a single frame and the text, not of
the mean over frames; the two differ by a factor per frame and by the pull of the other frames, and
a map is only compared within its frame. The cosine of query and key is taken over all heads
together. The bias of the output projection belongs to no patch and is left out.

The loosened weight is not the model's own attention, so the map is evidence and not proof (see
arXiv:2605.12952 for the objection). `occlusion` holds the check that needs no such assumption.

The tokens that enter the last block do not depend on the text. They are the expensive part, and
with them at hand (`last_block_tokens`) every further text costs one row of one block.
"""

from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, UInt8
from open_clip.transformer import ResidualAttentionBlock, VisionTransformer
from torch import Tensor, nn
from torch.nn import functional as F

from xmr_core.encoder import DualEncoder

NAME = "Grad-ECLIP"


@runtime_checkable
class PatchEncoder(DualEncoder, Protocol):
    """A dual encoder over an open_clip image tower.

    Attributes:
        model: Holds the image tower as `visual` and embeds images with `encode_image`. The text
            embeddings of the same space are the part "global" of `encode_text`.
    """

    model: Any

    def preprocess(
        self, frames: UInt8[np.ndarray, "frames height width 3"]
    ) -> Float[Tensor, "frames 3 rows columns"]:
        """Frames as the image tower wants them: resized and normalised."""
        ...


def unsupported_reason(visual: nn.Module) -> str | None:
    """Why Grad-ECLIP cannot explain this image tower, or None if it can."""
    if not isinstance(visual, VisionTransformer):
        return f"the image tower is a {type(visual).__name__}, not open_clip's VisionTransformer"
    if visual.attn_pool is not None:
        return "the image tower pools by attention, not by a class token"
    if visual.pool_type != "tok":
        return f"the image tower pools by {visual.pool_type!r}, not by a class token"
    if len(visual.transformer.resblocks) < 2:
        return "the image tower has fewer than two blocks"
    block = visual.transformer.resblocks[-1]
    if type(block) is not ResidualAttentionBlock:
        return f"its last block is a {type(block).__name__}, not a plain ResidualAttentionBlock"
    return None


def _tower(visual: nn.Module) -> VisionTransformer:
    reason = unsupported_reason(visual)
    if reason is not None:
        raise ValueError(f"{NAME} needs a plain vision transformer: {reason}")
    return cast(VisionTransformer, visual)


def _last_block(visual: VisionTransformer) -> ResidualAttentionBlock:
    return cast(ResidualAttentionBlock, visual.transformer.resblocks[-1])


def last_block_tokens(
    visual: nn.Module, images: Float[Tensor, "frames 3 rows columns"]
) -> Float[Tensor, "frames tokens width"]:
    """What enters the last block: the class token, then the patches row by row.

    Args:
        visual: An open_clip VisionTransformer with a class token.
        images: Preprocessed frames.

    Raises:
        ValueError: The tower is of another kind; `unsupported_reason` tells without raising.
    """
    tower = _tower(visual)
    # The cached tokens meet autograd later, which refuses tensors born in inference mode.
    with torch.inference_mode(False), torch.no_grad():
        output = tower.forward_intermediates(
            images.clone(),
            indices=[len(tower.transformer.resblocks) - 2],
            stop_early=True,
            intermediates_only=True,
            output_fmt="NLC",
            output_extra_tokens=True,
        )
    (patches,) = output["image_intermediates"]
    (prefix,) = output["image_intermediates_prefix"]
    return torch.cat([prefix, patches], dim=1)


def class_row(
    visual: VisionTransformer, tokens: Float[Tensor, "frames tokens width"]
) -> tuple[
    Float[Tensor, "frames width"],
    Float[Tensor, "frames patches"],
    Float[Tensor, "frames patches width"],
]:
    """The class token's row of the last attention.

    Returns:
        What the class token gathers (after the output projection); the loosened spatial weight of
        every patch, 0 to 1; the value feature of every patch, in the space of what is gathered.
    """
    block = _last_block(visual)
    attention = block.attn
    frames, _, width = tokens.shape
    qkv = F.linear(block.ln_1(tokens), attention.in_proj_weight, attention.in_proj_bias)
    query, key, value = qkv.chunk(3, dim=-1)
    query = query[:, :1]

    heads = (frames, -1, attention.num_heads, width // attention.num_heads)
    q, k, v = (part.reshape(heads).transpose(1, 2) for part in (query, key, value))
    gathered = F.scaled_dot_product_attention(q, k, v)
    gathered = attention.out_proj(gathered.transpose(1, 2).reshape(frames, width))

    closeness = F.cosine_similarity(query, key[:, 1:], dim=-1)
    low, high = closeness.amin(1, keepdim=True), closeness.amax(1, keepdim=True)
    spatial = (closeness - low) / (high - low).clamp_min(1e-6)
    return gathered, spatial, F.linear(value[:, 1:], attention.out_proj.weight)


def finish(
    visual: VisionTransformer,
    class_tokens: Float[Tensor, "*batch width"],
    gathered: Float[Tensor, "*batch width"],
) -> Float[Tensor, "*batch d"]:
    """The frame embedding from the class token and what it gathered in the last attention."""
    block = _last_block(visual)
    row = class_tokens + block.ls_1(gathered)
    row = row + block.ls_2(block.mlp(block.ln_2(row)))
    embedding = visual.ln_post(row)
    return embedding if visual.proj is None else embedding @ visual.proj


def grad_eclip(
    visual: nn.Module,
    tokens: Float[Tensor, "frames tokens width"],
    texts: Float[Tensor, "texts d"],
) -> Float[Tensor, "texts frames rows columns"]:
    """A map for every pair of a text and a frame, all in one batch.

    Args:
        visual: The image tower that made the tokens.
        tokens: From `last_block_tokens`.
        texts: Text embeddings; only their direction counts.

    Returns:
        Maps from 0 to 1, each divided by its own maximum. A map is 0 everywhere if no patch
        speaks for the text.

    Raises:
        ValueError: The tower is of a kind that Grad-ECLIP does not explain.
    """
    tower = _tower(visual)
    with torch.inference_mode(False):
        tokens, texts = tokens.clone(), texts.clone().to(tokens.dtype)
        with torch.no_grad():
            gathered, spatial, values = class_row(tower, tokens)
        with torch.enable_grad():
            pairs = (len(texts), *gathered.shape)
            probe = gathered.expand(pairs).clone().requires_grad_()
            embeddings = finish(tower, tokens[:, 0].expand(pairs), probe)
            scores = F.cosine_similarity(embeddings, texts[:, None], dim=-1)
            # Every entry of `probe` reaches only its own score: one sum gives all gradients.
            (weights,) = torch.autograd.grad(scores.sum(), probe)
    maps = (torch.einsum("tfd,fpd->tfp", weights, values) * spatial).relu()
    maps = maps / maps.amax(-1, keepdim=True).clamp_min(torch.finfo(maps.dtype).tiny)
    return maps.reshape(len(texts), len(tokens), *tower.grid_size)
