"""Text towers that give one vector per token: a small one of our own, or any BERT."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from tokenizers import Tokenizer
from torch import Tensor, nn

from xmr_core.nn.tokenizer import PAD

TokenIds = tuple[Int[Tensor, "batch length"], Bool[Tensor, "batch length"]]
ToIds = Callable[[Sequence[str]], TokenIds]


class SmallTextTower(nn.Module):
    """A transformer encoder over word ids, trained from nothing.

    Args:
        vocabulary: Number of word ids; id 0 is padding.
        width: Width of the hidden states.
        layers: Number of blocks.
        heads: Attention heads of a block.
        context_length: Longest text in tokens; longer ones are cut by `WordIds`.
        dropout: Inside the blocks, in training.
    """

    def __init__(
        self,
        vocabulary: int,
        width: int = 128,
        layers: int = 2,
        heads: int = 4,
        context_length: int = 32,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.hidden = width
        self.words = nn.Embedding(vocabulary, width, padding_idx=0)
        self.places = nn.Parameter(0.02 * torch.randn(context_length, width))
        block = nn.TransformerEncoderLayer(
            width, heads, 4 * width, dropout, "gelu", batch_first=True, norm_first=True
        )
        # The fast path of nested tensors rounds otherwise than the padded one.
        self.blocks = nn.TransformerEncoder(block, layers, nn.LayerNorm(width), False)

    def forward(
        self, ids: Int[Tensor, "batch length"], mask: Bool[Tensor, "batch length"]
    ) -> Float[Tensor, "batch length hidden"]:
        """Hidden states; those of padding (mask False) are meaningless."""
        states = self.words(ids) + self.places[: ids.shape[1]]
        return self.blocks(states, src_key_padding_mask=~mask)


class BertTower(nn.Module):
    """A BERT-like model of transformers: multilingual BERT, XLM-R, Chinese RoBERTa.

    Args:
        model: A model whose output has `last_hidden_state`.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self.hidden = int(model.config.hidden_size)

    def forward(
        self, ids: Int[Tensor, "batch length"], mask: Bool[Tensor, "batch length"]
    ) -> Float[Tensor, "batch length hidden"]:
        """The last hidden states."""
        return self.model(input_ids=ids, attention_mask=mask.long()).last_hidden_state


class WordIds:
    """Texts to ids of our own vocabulary (`xmr_core.nn.tokenizer`), begin and end marks included.

    Args:
        tokenizer: The vocabulary.
        context_length: Longest text in tokens; the rest is cut.
    """

    def __init__(self, tokenizer: Tokenizer, context_length: int = 32) -> None:
        self.tokenizer = Tokenizer.from_str(tokenizer.to_str())
        self.tokenizer.enable_truncation(context_length)
        self.tokenizer.enable_padding(pad_id=tokenizer.token_to_id(PAD), pad_token=PAD)

    def __call__(self, texts: Sequence[str]) -> TokenIds:
        """Ids and which of them are real, padded to the longest of the batch."""
        found = self.tokenizer.encode_batch(list(texts))
        ids = torch.tensor([encoding.ids for encoding in found])
        return ids, torch.tensor([encoding.attention_mask for encoding in found]).bool()


class BertIds:
    """Texts to ids of a transformers tokenizer.

    Args:
        tokenizer: Of the BERT.
        context_length: Longest text in tokens; the rest is cut.
    """

    def __init__(self, tokenizer: Any, context_length: int = 64) -> None:
        self.tokenizer = tokenizer
        self.context_length = context_length

    def __call__(self, texts: Sequence[str]) -> TokenIds:
        """Ids and which of them are real, padded to the longest of the batch."""
        found = self.tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=self.context_length,
            return_tensors="pt",
        )
        return found["input_ids"], found["attention_mask"].bool()
