"""The last block of a vision transformer, whichever library built it.

Grad-ECLIP needs what enters that block, the class token's row of its attention, and what follows.
open_clip keeps one matrix for query, key and value, transformers keeps three; all else is names.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import torch
from jaxtyping import Float
from open_clip.transformer import ResidualAttentionBlock, VisionTransformer
from torch import Tensor, nn
from torch.nn import functional as F

from xmr_core.nn.vision import TransformersVision


@dataclass(frozen=True, slots=True)
class LastBlock:
    """See the module.

    Attributes:
        tokens: From preprocessed images to what enters the block, the class token first.
        query_key_value: From what enters the block to the three, heads side by side.
        heads: Number of attention heads.
        output: The output projection of the attention.
        rest: From the class token and what it gathered to the image embedding.
        grid: Rows and columns of patches.
    """

    tokens: Callable[[Tensor], Tensor]
    query_key_value: Callable[[Tensor], tuple[Tensor, Tensor, Tensor]]
    heads: int
    output: nn.Linear
    rest: Callable[[Tensor, Tensor], Tensor]
    grid: tuple[int, int]


def unsupported_reason(visual: nn.Module) -> str | None:
    """Why Grad-ECLIP cannot explain this image tower, or None if it can."""
    if isinstance(visual, TransformersVision):
        return _transformers_reason(visual)
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


def last_block(visual: nn.Module) -> LastBlock:
    """The last block of a tower.

    Raises:
        ValueError: The tower is of another kind; `unsupported_reason` tells without raising.
    """
    reason = unsupported_reason(visual)
    if reason is not None:
        raise ValueError(f"Grad-ECLIP needs a plain vision transformer: {reason}")
    if isinstance(visual, TransformersVision):
        return _of_transformers(visual)
    return _of_open_clip(cast(VisionTransformer, visual))


def _of_open_clip(tower: VisionTransformer) -> LastBlock:
    block = cast(ResidualAttentionBlock, tower.transformer.resblocks[-1])
    attention = block.attn

    def tokens(images: Float[Tensor, "frames 3 rows columns"]) -> Tensor:
        output = tower.forward_intermediates(
            images,
            indices=[len(tower.transformer.resblocks) - 2],
            stop_early=True,
            intermediates_only=True,
            output_fmt="NLC",
            output_extra_tokens=True,
        )
        (patches,) = output["image_intermediates"]
        (prefix,) = output["image_intermediates_prefix"]
        return torch.cat([prefix, patches], dim=1)

    def query_key_value(entering: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        weight, bias = attention.in_proj_weight, attention.in_proj_bias
        query, key, value = F.linear(block.ln_1(entering), weight, bias).chunk(3, dim=-1)
        return query, key, value

    def rest(class_tokens: Tensor, gathered: Tensor) -> Tensor:
        row = class_tokens + block.ls_1(gathered)
        row = row + block.ls_2(block.mlp(block.ln_2(row)))
        embedding = tower.ln_post(row)
        return embedding if tower.proj is None else embedding @ tower.proj

    rows, columns = tower.grid_size
    return LastBlock(
        tokens, query_key_value, attention.num_heads, attention.out_proj, rest, (rows, columns)
    )


def _transformers_reason(visual: TransformersVision) -> str | None:
    tower = visual.tower
    tower = getattr(tower, "vision_model", tower)
    if not hasattr(getattr(tower, "embeddings", None), "class_embedding"):
        return "the image tower pools by attention, not by a class token"
    if len(tower.encoder.layers) < 2:
        return "the image tower has fewer than two blocks"
    return None


def _of_transformers(visual: TransformersVision) -> LastBlock:
    tower: Any = getattr(visual.tower, "vision_model", visual.tower)
    block = tower.encoder.layers[-1]
    attention = block.self_attn

    def tokens(images: Float[Tensor, "frames 3 rows columns"]) -> Tensor:
        entered: list[Tensor] = []

        def keep(module: nn.Module, args: tuple, kwargs: dict[str, Any]) -> None:
            entered.append(args[0] if args else kwargs["hidden_states"])

        # Versions of transformers differ in what a layer is called with; all give it the tokens.
        handle = block.register_forward_pre_hook(keep, with_kwargs=True)
        try:
            visual(images)
        finally:
            handle.remove()
        return entered[0]

    def query_key_value(entering: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = block.layer_norm1(entering)
        return attention.q_proj(x), attention.k_proj(x), attention.v_proj(x)

    def rest(class_tokens: Tensor, gathered: Tensor) -> Tensor:
        row = class_tokens + gathered
        row = row + block.mlp(block.layer_norm2(row))
        return visual.projection(tower.post_layernorm(row))

    side = tower.embeddings.image_size // tower.embeddings.patch_size
    return LastBlock(
        tokens, query_key_value, attention.num_heads, attention.out_proj, rest, (side, side)
    )
