"""Texts to token ids, as the text tower of a checkpoint wants them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from jaxtyping import Int
from tokenizers import Tokenizer
from torch import Tensor

from xmr_core.errors import CheckpointError
from xmr_core.methods.hmmc.config import HmmcModelConfig
from xmr_core.nn.text import TokenIds, WordIds
from xmr_core.nn.tokenizer import known_words, open_words
from xmr_core.types import Word

TOKENIZER, VOCABULARY = "tokenizer.json", "vocab.txt"


class Reader(Protocol):
    """What turns texts into ids."""

    def __call__(self, texts: Sequence[str]) -> TokenIds:
        """Ids and which of them are real, one row per text."""
        ...

    def words(self, text: str) -> tuple[Word, ...]:
        """The words of a text, and which of them the model knows."""
        ...


class ClosedVocabulary:
    """Whole words of `xmr_core.nn.tokenizer`, from a `tokenizer.json`.

    Args:
        tokenizer: The vocabulary.
        context_length: Longest text in tokens.
    """

    def __init__(self, tokenizer: Tokenizer, context_length: int) -> None:
        whole = Tokenizer.from_str(tokenizer.to_str())
        whole.no_truncation()
        whole.no_padding()
        self.tokenizer = whole
        self._ids = WordIds(whole, context_length)

    def __call__(self, texts: Sequence[str]) -> TokenIds:
        """Padded to the longest of the batch."""
        return self._ids(texts)

    def words(self, text: str) -> tuple[Word, ...]:
        """As the vocabulary cuts them."""
        return known_words(self.tokenizer, text)


class ClipWords:
    """CLIP's byte-pair encoding, framed and cut as in the public loaders.

    Args:
        max_words: Length of a row: begin mark, tokens, end mark, zeros.
    """

    def __init__(self, max_words: int = 32) -> None:
        from open_clip.tokenizer import SimpleTokenizer

        self.max_words = max_words
        self._tokenizer = SimpleTokenizer()

    def __call__(self, texts: Sequence[str]) -> TokenIds:
        """All rows have `max_words` ids."""
        start, end = self._tokenizer.sot_token_id, self._tokenizer.eot_token_id
        return framed([self._tokenizer.encode(t) for t in texts], start, end, self.max_words)

    def words(self, text: str) -> tuple[Word, ...]:
        """Runs of letters; all are known."""
        return open_words(text)


class BertWords:
    """BERT's word pieces.

    Args:
        vocabulary: A `vocab.txt`.
        max_words: Length of a row: [CLS], pieces, [SEP], padding.
        legacy_special_tokens: Frame with [UNK] (see `HmmcModelConfig`).
    """

    def __init__(
        self, vocabulary: Path, max_words: int = 32, *, legacy_special_tokens: bool = False
    ) -> None:
        from transformers import BertTokenizer

        self.max_words = max_words
        self._tokenizer: Any = BertTokenizer(str(vocabulary))
        unknown = self._tokenizer.unk_token_id
        self._marks = (
            (unknown, unknown)
            if legacy_special_tokens
            else (self._tokenizer.cls_token_id, self._tokenizer.sep_token_id)
        )

    def __call__(self, texts: Sequence[str]) -> TokenIds:
        """All rows have `max_words` ids."""
        pieces = [self._tokenizer.encode(text, add_special_tokens=False) for text in texts]
        return framed(pieces, *self._marks, self.max_words)

    def words(self, text: str) -> tuple[Word, ...]:
        """Runs of letters and single Han characters; all are known."""
        return open_words(text)


def framed(tokens: Sequence[Sequence[int]], start: int, end: int, max_words: int) -> TokenIds:
    """Rows of ids as in the public loaders: begin mark, tokens, end mark, zeros.

    The begin mark and the tokens are cut to `max_words` - 1, so the end mark always has a place.
    """
    ids: Int[Tensor, "texts length"] = torch.zeros(len(tokens), max_words, dtype=torch.long)
    mask = torch.zeros(len(tokens), max_words, dtype=torch.bool)
    for row, some in enumerate(tokens):
        line = [*[start, *some][: max_words - 1], end]
        ids[row, : len(line)] = torch.tensor(line)
        mask[row, : len(line)] = True
    return ids, mask


def reader(folder: Path, config: HmmcModelConfig) -> Reader:
    """The reader of a checkpoint's folder, by the files in it.

    A `tokenizer.json` is a closed vocabulary; a BERT tower needs a `vocab.txt`; a CLIP tower
    without files reads CLIP's own byte pairs.

    Raises:
        CheckpointError: A file is missing or damaged.
    """
    if (folder / TOKENIZER).exists():
        try:
            tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:  # the tokenizers library raises nothing narrower
            raise CheckpointError(f"{folder / TOKENIZER} is damaged: {error}") from error
        return ClosedVocabulary(tokenizer, config.context_length)
    if config.text == "bert":
        if not (folder / VOCABULARY).exists():
            raise CheckpointError(
                f"{folder} has no {VOCABULARY}; copy that of the BERT which the model was made with"
            )
        return BertWords(folder / VOCABULARY, legacy_special_tokens=config.legacy_special_tokens)
    return ClipWords(min(config.context_length, 32))
