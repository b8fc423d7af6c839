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

from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn import functional as F

from xmr_core.encoder import DualEncoder
from xmr_core.explain.last_block import LastBlock, last_block

NAME = "Grad-ECLIP"


@runtime_checkable
class PatchEncoder(DualEncoder, Protocol):
    """A dual encoder over an image tower of open_clip or transformers.

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


def last_block_tokens(
    visual: nn.Module, images: Float[Tensor, "frames 3 rows columns"]
) -> Float[Tensor, "frames tokens width"]:
    """What enters the last block: the class token, then the patches row by row.

    Args:
        visual: A vision transformer with a class token.
        images: Preprocessed frames.

    Raises:
        ValueError: The tower is of another kind; `unsupported_reason` tells without raising.
    """
    block = last_block(visual)
    # The cached tokens meet autograd later, which refuses tensors born in inference mode.
    with torch.inference_mode(False), torch.no_grad():
        return block.tokens(images.clone())


def class_row(
    block: LastBlock, tokens: Float[Tensor, "frames tokens width"]
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
    frames, _, width = tokens.shape
    query, key, value = block.query_key_value(tokens)
    query = query[:, :1]

    heads = (frames, -1, block.heads, width // block.heads)
    q, k, v = (part.reshape(heads).transpose(1, 2) for part in (query, key, value))
    gathered = F.scaled_dot_product_attention(q, k, v)
    gathered = block.output(gathered.transpose(1, 2).reshape(frames, width))

    closeness = F.cosine_similarity(query, key[:, 1:], dim=-1)
    low, high = closeness.amin(1, keepdim=True), closeness.amax(1, keepdim=True)
    spatial = (closeness - low) / (high - low).clamp_min(1e-6)
    return gathered, spatial, F.linear(value[:, 1:], block.output.weight)


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
    block = last_block(visual)
    with torch.inference_mode(False):
        tokens, texts = tokens.clone(), texts.clone().to(tokens.dtype)
        with torch.no_grad():
            gathered, spatial, values = class_row(block, tokens)
        with torch.enable_grad():
            pairs = (len(texts), *gathered.shape)
            probe = gathered.expand(pairs).clone().requires_grad_()
            embeddings = block.rest(tokens[:, 0].expand(pairs), probe)
            scores = F.cosine_similarity(embeddings, texts[:, None], dim=-1)
            # Every entry of `probe` reaches only its own score: one sum gives all gradients.
            (weights,) = torch.autograd.grad(scores.sum(), probe)
    maps = (torch.einsum("tfd,fpd->tfp", weights, values) * spatial).relu()
    maps = maps / maps.amax(-1, keepdim=True).clamp_min(torch.finfo(maps.dtype).tiny)
    return maps.reshape(len(texts), len(tokens), *block.grid)
