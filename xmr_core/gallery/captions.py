"""Embeddings of a gallery's captions, kept as parts of the gallery.

Describing a video compares it with the first caption in each language of every clip. Ten thousand
captions take a processor minutes with a model of the size of ViT-B/32, so galleries of published
data sets keep them: part "text:LANGUAGE:NAME" is part NAME of the text embedding of each clip's
first caption in that language, zero where a clip has none.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xmr_core.errors import CheckpointError
from xmr_core.progress import Progress, no_progress
from xmr_core.types import Caption, Clip

if TYPE_CHECKING:
    from xmr_core.encoder import Embeddings, VideoEncoder

_PREFIX = "text"


def first_captions(clips: Sequence[Clip]) -> list[tuple[int, Caption]]:
    """The first caption in each language of every clip, with the clip's row."""
    found: list[tuple[int, Caption]] = []
    for row, clip in enumerate(clips):
        first: dict[str, Caption] = {}
        for caption in clip.captions:
            first.setdefault(caption.language, caption)
        found += [(row, caption) for caption in first.values()]
    return found


def caption_parts(
    encoder: "VideoEncoder", clips: Sequence[Clip], progress: Progress = no_progress
) -> dict[str, NDArray[Any]]:
    """Parts for a new gallery; none if there is nothing to read or the encoder cannot.

    Args:
        encoder: What makes the gallery.
        clips: In the gallery's order.
        progress: Counts passes.
    """
    from xmr_core.encoder import DualEncoder, encode_texts

    if not isinstance(encoder, DualEncoder):
        return {}
    parts: dict[str, NDArray[Any]] = {}
    for language in sorted({caption.language for _, caption in first_captions(clips)}):
        rows, texts = zip(
            *((row, c.text) for row, c in first_captions(clips) if c.language == language),
            strict=True,
        )
        try:
            embedded = encode_texts(encoder, list(texts), progress, f"Captions ({language})")
        except CheckpointError:  # imported without its vocabulary, say: it reads no text
            return {}
        for name, part in embedded.parts.items():
            values = part.cpu().numpy()
            whole = np.zeros((len(clips), *values.shape[1:]), values.dtype)
            whole[list(rows)] = values
            parts[f"{_PREFIX}:{language}:{name}"] = whole
    return parts


def stored_captions(
    parts: Mapping[str, NDArray[Any]], rows: Sequence[tuple[int, Caption]]
) -> "Embeddings | None":
    """The embeddings of `first_captions` from a gallery's parts; None if one is not there."""
    import torch

    from xmr_core.encoder import Embeddings

    kept: dict[str, dict[str, NDArray[Any]]] = {}
    for key, part in parts.items():
        prefix, _, rest = key.partition(":")
        language, _, name = rest.partition(":")
        if prefix == _PREFIX and name:
            kept.setdefault(language, {})[name] = part
    languages = {caption.language for _, caption in rows}
    if not languages or not languages <= set(kept):
        return None
    names = set.intersection(*(set(kept[language]) for language in languages))
    return Embeddings(
        {
            name: torch.from_numpy(np.stack([kept[c.language][name][row] for row, c in rows]))
            for name in names
        }
    )


def is_caption_part(name: str) -> bool:
    """Whether a gallery's part holds captions, not clips."""
    return name.startswith(f"{_PREFIX}:")
