"""The picture part: frames through a vision transformer, and through its upper blocks only.

Works on open_clip's `VisionTransformer`. Only the class token of the last block is used, so only
that row of it is computed; the values are the same.
"""

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn


def tokens_after(
    visual: nn.Module, images: Float[Tensor, "frames 3 rows columns"], blocks: int
) -> Float[Tensor, "frames tokens width"]:
    """The class token and the patches after the first `blocks` blocks."""
    tower: Any = visual
    tokens = tower._embeds(images)
    for block in tower.transformer.resblocks[:blocks]:
        tokens = block(tokens)
    return tokens


def features_from(
    visual: nn.Module, tokens: Float[Tensor, "frames tokens width"], blocks: int
) -> Float[Tensor, "frames d"]:
    """Frame features from the tokens after the first `blocks` blocks; not of unit length."""
    tower: Any = visual
    *middle, last = tower.transformer.resblocks[blocks:]
    for block in middle:
        tokens = block(tokens)
    first = tokens[:, 0] + _class_attention(last.attn, last.ln_1(tokens))
    first = first + last.mlp(last.ln_2(first))
    return tower.ln_post(first) @ tower.proj


def _class_attention(
    attention: Any, tokens: Float[Tensor, "frames tokens width"]
) -> Float[Tensor, "frames width"]:
    """What the class token gathers from all tokens.

    One query per head: it is taken through the keys' weights, instead of all tokens through them,
    and the weighted mean of the tokens through the values' weights. The bias of the keys adds the
    same to all weights of a query and cancels. The values are those of `nn.MultiheadAttention`,
    at a thirtieth of the arithmetic.
    """
    frames, _, width = tokens.shape
    heads = attention.num_heads
    weights = attention.in_proj_weight.view(3, heads, width // heads, width)
    biases = attention.in_proj_bias.view(3, heads, width // heads)
    queries = torch.einsum("nd,hed->nhe", tokens[:, 0], weights[0]) + biases[0]
    looked_for = torch.einsum("nhe,hed->nhd", queries, weights[1])
    logits = looked_for @ tokens.transpose(1, 2) / math.sqrt(width // heads)
    gathered = logits.softmax(-1) @ tokens
    values = torch.einsum("nhd,hed->nhe", gathered, weights[2]) + biases[2]
    return attention.out_proj(values.reshape(frames, width))


def frame_features(
    visual: nn.Module, images: Float[Tensor, "frames 3 rows columns"]
) -> Float[Tensor, "frames d"]:
    """Class token, normalised and projected: the feature of a frame, not of unit length."""
    return features_from(visual, tokens_after(visual, images, 0), 0)


def freeze_below(visual: nn.Module, blocks: int) -> None:
    """Stops the training of everything before block number `blocks`, counted from 0.

    The first LayerNorm of that block is frozen, too: its input is fixed, so nothing needs the
    gradient of all tokens.
    """
    tower: Any = visual
    below, first = tower.transformer.resblocks[:blocks], tower.transformer.resblocks[blocks]
    frozen = [tower.conv1, tower.ln_pre, *below, first.ln_1]
    for parameter in [tower.class_embedding, tower.positional_embedding]:
        parameter.requires_grad_(False)
    for module in frozen:
        module.requires_grad_(False)
