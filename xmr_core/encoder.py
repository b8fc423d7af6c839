"""The contract that every retrieval system fulfils.

A video becomes frame features, frame features become embeddings, a text becomes embeddings, and
the method scores one against the other: higher is better, always. A gallery stores frame features,
so it can be searched with another head of the same trunk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from xmr_core.progress import Progress, no_progress
from xmr_core.types import Word


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Named parts of the embeddings of some items; axis 0 of every part is the items.

    Usual parts: "global" (items, d), unit length, for an inner-product index; "frames"
    (items, frames, d) with "mask" (items, frames); "code" (items, bytes), packed bits as uint8.
    """

    parts: dict[str, Tensor]

    def __post_init__(self) -> None:
        """Checks that all parts hold the same number of items."""
        sizes = {name: len(part) for name, part in self.parts.items()}
        if len(set(sizes.values())) != 1:
            raise ValueError(f"parts of embeddings differ in their number of items: {sizes}")

    def __len__(self) -> int:
        return len(next(iter(self.parts.values())))

    def __getitem__(self, part: str) -> Tensor:
        return self.parts[part]

    def select(self, items: Sequence[int] | Tensor) -> "Embeddings":
        """The embeddings of some of the items, in the order given."""
        return Embeddings({name: part[items] for name, part in self.parts.items()})


@runtime_checkable
class VideoEncoder(Protocol):
    """A system that can compare videos with videos."""

    id: str
    num_frames: int
    stores_frames: bool
    """Whether a gallery keeps the frame features: not where they are as large as the video."""

    def frame_features(
        self, frames: UInt8[np.ndarray, "frames height width 3"]
    ) -> Float[Tensor, "frames d"]:
        """Features of single frames, RGB, any size; the trunk's work."""
        ...

    def encode_video(
        self, features: Float[Tensor, "videos frames d"], mask: Bool[Tensor, "videos frames"]
    ) -> Embeddings:
        """Embeddings of videos from their frame features; masked frames count for nothing."""
        ...

    def score(self, queries: Embeddings, gallery: Embeddings) -> Float[Tensor, "queries items"]:
        """The method's own score of every query against every item; higher is better."""
        ...


@runtime_checkable
class DualEncoder(VideoEncoder, Protocol):
    """A system that also reads text."""

    languages: tuple[str, ...]

    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        """Embeddings of sentences."""
        ...

    def words(self, text: str) -> tuple[Word, ...]:
        """The words of `text` in order, each with its place and whether the model knows it."""
        ...


TEXTS_AT_ONCE = 256
"""Memory grows with the number of sentences in one pass."""


def encode_texts(
    encoder: DualEncoder, texts: Sequence[str], progress: Progress = no_progress, desc: str = ""
) -> Embeddings:
    """Embeddings of any number of sentences, some at a time.

    Args:
        encoder: What reads them.
        texts: At least one sentence.
        progress: Called like tqdm.
        desc: What the progress is called.
    """
    batches = [texts[i : i + TEXTS_AT_ONCE] for i in range(0, len(texts), TEXTS_AT_ONCE)]
    with torch.inference_mode():
        parts = [
            encoder.encode_text(batch).parts
            for batch in progress(batches, desc=desc, total=len(batches))
        ]
        return Embeddings({name: torch.cat([some[name] for some in parts]) for name in parts[0]})
