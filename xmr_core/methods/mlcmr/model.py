"""MLCMR as a `DualEncoder` over stored frame features."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8
from tokenizers import Tokenizer
from torch import Tensor

from xmr_core.encoder import Embeddings, VideoEncoder
from xmr_core.errors import CheckpointError
from xmr_core.methods.mlcmr.files import read_mlcmr
from xmr_core.methods.mlcmr.network import MlcmrNetwork
from xmr_core.nn.text import ToIds
from xmr_core.nn.tokenizer import known_words, open_words
from xmr_core.types import CheckpointCard, Word

_HAN = re.compile(r"[\u3400-\u9fff]")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9]+")


class MlcmrEncoder:
    """A `DualEncoder`: frame features of a trunk, sentences of any language of the text tower.

    Args:
        id: Id of the checkpoint.
        network: In evaluation mode.
        to_ids: From texts to the ids that the text tower takes.
        trunk: Whose frame features the network takes; None if they come from elsewhere.
        num_frames: Frames sampled from a clip.
        languages: Languages of the text tower.
        vocabulary: The words of a text tower of our own; None for an open vocabulary.
    """

    stores_frames = True

    def __init__(
        self,
        id: str,
        network: MlcmrNetwork,
        to_ids: ToIds,
        *,
        trunk: VideoEncoder | None = None,
        num_frames: int = 12,
        languages: tuple[str, ...] = ("en", "zh"),
        vocabulary: Tokenizer | None = None,
    ) -> None:
        self.id = id
        self.network = network.eval()
        self.trunk = trunk
        self.num_frames = num_frames
        self.languages = languages
        self._to_ids = to_ids
        self._vocabulary = vocabulary

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.network.parameters()).device

    @property
    def frame_width(self) -> int:
        """Dimension of the frame features that the network takes."""
        return self.network.config.frame_width

    def frame_features(
        self, frames: UInt8[np.ndarray, "frames height width 3"]
    ) -> Float[Tensor, "frames d"]:
        """Features of single frames: the trunk's work.

        Raises:
            CheckpointError: The network takes features that come from elsewhere.
        """
        if self.trunk is None:
            raise CheckpointError(
                f"{self.id} has no picture part: it takes frame features of width"
                f" {self.network.config.frame_width} from files, not pictures"
            )
        return self.trunk.frame_features(frames)

    @torch.inference_mode()
    def encode_video(
        self, features: Float[Tensor, "videos frames d"], mask: Bool[Tensor, "videos frames"]
    ) -> Embeddings:
        """Unit-length embeddings; the zero vector for a video whose frames are all masked."""
        features, mask = features.to(self.device).float(), mask.to(self.device)
        embedded = self.network.videos(features, mask)
        return Embeddings({"global": embedded * mask.any(1, keepdim=True)})

    @torch.inference_mode()
    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        """Unit-length text embeddings."""
        if self.network.config.cleans_english:
            texts = [plain_english(text) for text in texts]
        ids, mask = self._to_ids(texts)
        return Embeddings({"global": self.network.texts(ids.to(self.device), mask.to(self.device))})

    def score(self, queries: Embeddings, gallery: Embeddings) -> Float[Tensor, "queries items"]:
        """Cosine similarity; for queries made by `fusion.fuse`, the weighted sum of two."""
        return queries["global"] @ gallery["global"].T

    def words(self, text: str) -> tuple[Word, ...]:
        """The words of `text`; unknown ones only where the vocabulary is closed."""
        return open_words(text) if self._vocabulary is None else known_words(self._vocabulary, text)


def load(
    folder: Path,
    card: CheckpointCard,
    *,
    trunk: VideoEncoder | None = None,
    device: str = "cpu",
) -> MlcmrEncoder:
    """Loads a checkpoint folder.

    Args:
        folder: Written by `files.write_mlcmr`.
        card: Of the checkpoint.
        trunk: The checkpoint that the card names as its trunk.
        device: Where to put the weights.

    Raises:
        CheckpointError: A file is missing or does not fit the others.
    """
    network, to_ids, vocabulary = read_mlcmr(folder)
    return MlcmrEncoder(
        card.id,
        network.to(device),
        to_ids,
        trunk=trunk,
        num_frames=card.num_frames,
        languages=card.languages,
        vocabulary=vocabulary,
    )


def plain_english(text: str) -> str:
    """English as the published checkpoints were fed: letters and digits, and a full stop.

    A text with a Chinese character stays as it is.
    """
    if _HAN.search(text):
        return text
    return (_NOT_PLAIN.sub(" ", text).strip().lower() + ".").capitalize()
