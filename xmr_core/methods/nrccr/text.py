"""The text towers of NRCCR: the small one with words of its own, or a BERT or XLM-R.

A checkpoint's folder has a folder `text` with the tokenizer's files; for a BERT the `config.json`
of transformers is there too, which tells the two kinds apart.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from xmr_core.errors import CheckpointError
from xmr_core.methods.nrccr.config import NrccrTextConfig
from xmr_core.nn.text import BertIds, BertTower, SmallTextTower, ToIds, WordIds
from xmr_core.nn.tokenizer import known_words, open_words
from xmr_core.types import Word

FOLDER = "text"

_NOT_ENGLISH = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class TextSide:
    """A text tower with all that it needs.

    Attributes:
        tower: From ids to states.
        to_ids: From texts to ids.
        words: The words of a text.
    """

    tower: nn.Module
    to_ids: ToIds
    words: Callable[[str], tuple[Word, ...]]


def open_text(config: NrccrTextConfig, folder: Path, *, pretrained: bool = False) -> TextSide:
    """The text tower of a checkpoint or run.

    Args:
        config: Its settings.
        folder: Of the tokenizer, and of a BERT's configuration.
        pretrained: Whether a BERT gets the published weights of `config.pretrained`, for
            training, instead of random ones.

    Raises:
        CheckpointError: The folder lacks files or they cannot be read.
    """
    if (folder / "config.json").is_file() or config.pretrained:
        return _bert(config, folder, pretrained)
    from tokenizers import Tokenizer

    path = folder / "tokenizer.json"
    if not path.is_file():
        raise CheckpointError(f"{path} is missing: the text tower has no vocabulary")
    tokenizer = Tokenizer.from_file(str(path))
    tower = SmallTextTower(
        tokenizer.get_vocab_size(),
        config.width,
        config.layers,
        config.heads,
        config.context_length,
    )
    return TextSide(
        tower,
        WordIds(tokenizer, config.context_length),
        lambda text: known_words(tokenizer, text),
    )


def freeze_lower_layers(tower: nn.Module, first_trainable: int) -> None:
    """Leaves only the encoder layers from `first_trainable` on to be trained."""
    model: Any = tower.model
    model.requires_grad_(False)
    for layer in model.encoder.layer[first_trainable:]:
        layer.requires_grad_(True)


def clean_english(text: str) -> str:
    """A source sentence as the public loader gives it to the tokenizer.

    Everything but letters and digits becomes a space; lower case, a full stop, a capital.
    """
    return (_NOT_ENGLISH.sub(" ", text).strip().lower() + ".").capitalize()


def _bert(config: NrccrTextConfig, folder: Path, pretrained: bool) -> TextSide:
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    source = config.pretrained if pretrained else str(folder)
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
        if pretrained:
            model = AutoModel.from_pretrained(
                source, add_pooling_layer=False, trust_remote_code=False
            )
        else:
            model = AutoModel.from_config(
                AutoConfig.from_pretrained(source, trust_remote_code=False), add_pooling_layer=False
            )
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise CheckpointError(f"the text tower {source!r} cannot be read: {reason}") from error
    return TextSide(BertTower(model), BertIds(tokenizer, config.context_length), open_words)
