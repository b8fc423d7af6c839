"""CMFH behind the contract: what a trunk says of clips and sentences, projected to codes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from xmr_core.encoder import DualEncoder, Embeddings, VideoEncoder
from xmr_core.errors import CheckpointError
from xmr_core.methods.cmfh.codes import packed_codes
from xmr_core.methods.cmfh.model import CmfhModel
from xmr_core.similarity import hamming_scores
from xmr_core.types import CheckpointCard, Word


class CmfhEncoder:
    """A `DualEncoder`: view 1 is the trunk's vector of a clip, view 2 that of a sentence.

    Args:
        id: Id of the checkpoint.
        model: The projections.
        trunk: What embeds clips and sentences.
        hashing: Scores by codes, bit by bit; else by the cosine of the real-valued latents.
    """

    stores_frames = True

    def __init__(self, id: str, model: CmfhModel, trunk: DualEncoder, *, hashing: bool) -> None:
        self.id = id
        self.model = model
        self.trunk = trunk
        self.hashing = hashing
        self.num_frames = trunk.num_frames
        self.languages = trunk.languages

    def frame_features(
        self, frames: UInt8[np.ndarray, "frames height width 3"]
    ) -> Float[Tensor, "frames d"]:
        """The trunk's."""
        return self.trunk.frame_features(frames)

    def encode_video(
        self, features: Float[Tensor, "videos frames d"], mask: Bool[Tensor, "videos frames"]
    ) -> Embeddings:
        """Latents of view 1 and their signs."""
        return self._projected(self.trunk.encode_video(features, mask), 0)

    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        """Latents of view 2 and their signs."""
        return self._projected(self.trunk.encode_text(texts), 1)

    def score(self, queries: Embeddings, gallery: Embeddings) -> Float[Tensor, "queries items"]:
        """Number of bits on which two codes agree, or the cosine of the latents."""
        if not self.hashing:
            return queries["global"] @ gallery["global"].T
        agreeing = hamming_scores(
            queries["code"].numpy(), gallery["code"].numpy(), self.model.config.bits
        )
        return torch.from_numpy(agreeing).float()

    def words(self, text: str) -> tuple[Word, ...]:
        """The trunk's."""
        return self.trunk.words(text)

    def _projected(self, embeddings: Embeddings, view: int) -> Embeddings:
        latents = self.model.latents(embeddings["global"].numpy(), view)
        parts = {"global": F.normalize(torch.from_numpy(latents), dim=1).float()}
        if self.hashing:
            parts["code"] = torch.from_numpy(packed_codes(latents))
        return Embeddings(parts)


def load(
    folder: Path,
    card: CheckpointCard,
    *,
    trunk: VideoEncoder | None = None,
    device: str = "cpu",
) -> CmfhEncoder:
    """Loads a checkpoint folder.

    Raises:
        CheckpointError: It is damaged, or its views are not the embeddings of a trunk.
    """
    if not isinstance(trunk, DualEncoder):
        raise CheckpointError(
            f"{card.id} was made from feature matrices, so it cannot see clips by itself; measure"
            f" it with: xmr evaluate {folder} --features X1.npy X2.npy"
        )
    return CmfhEncoder(card.id, CmfhModel.load(folder), trunk, hashing=card.bits > 0)
