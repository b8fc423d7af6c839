"""The text towers: CLIP's, and BERT with its pooler."""

from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from open_clip.transformer import QuickGELU, Transformer
from torch import Tensor, nn

from xmr_core.methods.hmmc.config import BertSizes


class ClipText(nn.Module):
    """CLIP's causal text transformer; its state has open_clip's own names.

    Args:
        vocab_size: Number of tokens.
        width: Of the transformer.
        layers: Number of blocks.
        heads: Attention heads.
        context_length: Longest text in tokens.
        embed_dim: Width of the shared space.
        quick_gelu: Whether the activation is x * sigmoid(1.702 x), as in OpenAI's weights.
    """

    def __init__(
        self,
        *,
        vocab_size: int,
        width: int,
        layers: int,
        heads: int,
        context_length: int,
        embed_dim: int,
        quick_gelu: bool,
    ) -> None:
        super().__init__()
        activation = QuickGELU if quick_gelu else nn.GELU
        self.token_embedding = nn.Embedding(vocab_size, width)
        self.positional_embedding = nn.Parameter(0.01 * torch.randn(context_length, width))
        self.transformer = Transformer(width, layers, heads, act_layer=activation)
        self.ln_final = nn.LayerNorm(width)
        self.text_projection = nn.Parameter(width**-0.5 * torch.randn(width, embed_dim))
        nn.init.normal_(self.token_embedding.weight, std=0.02)

    def forward(
        self, ids: Int[Tensor, "texts length"], mask: Bool[Tensor, "texts length"]
    ) -> tuple[Float[Tensor, "texts d"], Float[Tensor, "texts length d"]]:
        """The sentence feature and the projected states of all tokens, neither of unit length.

        The sentence is read at its end mark, which has the largest id. What follows it changes
        nothing, since a token sees only those before it; so the mask is not needed.
        """
        length = ids.shape[1]
        hidden = self.token_embedding(ids) + self.positional_embedding[:length]
        future = torch.full((length, length), float("-inf"), device=ids.device).triu(1)
        hidden = self.transformer(hidden, attn_mask=future)
        states = self.ln_final(hidden) @ self.text_projection
        return states[torch.arange(len(ids)), ids.argmax(-1)], states


class BertText(nn.Module):
    """BERT and a linear map of its pooled first token, as in the published Chinese models.

    Args:
        sizes: Of the BERT.
        embed_dim: Width of the shared space.
    """

    def __init__(self, sizes: BertSizes, embed_dim: int) -> None:
        from transformers import BertConfig, BertModel

        super().__init__()
        config = BertConfig(
            vocab_size=sizes.bert_vocabulary,
            hidden_size=sizes.bert_width,
            num_hidden_layers=sizes.bert_layers,
            num_attention_heads=sizes.bert_heads,
            intermediate_size=sizes.bert_inner,
            max_position_embeddings=sizes.bert_positions,
            type_vocab_size=sizes.bert_types,
        )
        self.bert: Any = BertModel(config)
        self.text_proj = nn.Linear(sizes.bert_width, embed_dim)

    def forward(
        self, ids: Int[Tensor, "texts length"], mask: Bool[Tensor, "texts length"]
    ) -> tuple[Float[Tensor, "texts d"], Float[Tensor, "texts length d"]]:
        """The sentence feature and the projected states of all tokens, neither of unit length."""
        found = self.bert(input_ids=ids, attention_mask=mask.long())
        return self.text_proj(found.pooler_output), self.text_proj(found.last_hidden_state)
