"""NRCCR as a dual encoder: loading, saving, embedding, and fusing a query with its translation."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8
from safetensors.torch import load_file, save_file
from torch import Tensor

from xmr_core.encoder import Embeddings, VideoEncoder
from xmr_core.errors import CheckpointError
from xmr_core.methods.nrccr.config import NrccrModelConfig, NrccrTextConfig
from xmr_core.methods.nrccr.network import NrccrNetwork, Sentences
from xmr_core.methods.nrccr.text import FOLDER, TextSide, clean_english, open_text
from xmr_core.types import CheckpointCard, Word

CONFIG, WEIGHTS = "config.json", "model.safetensors"


class NrccrEncoder:
    """A `DualEncoder` over the frame features of a trunk.

    Args:
        id: Id of the checkpoint.
        network: Set to evaluation mode.
        text: The text tower that `network` holds, with its tokenizer.
        trunk: What makes frame features; None for a model of pre-extracted features, which embeds
            features but no pictures.
        num_frames: Frames sampled from a clip.
        languages: Languages of the text tower.
    """

    stores_frames = True

    def __init__(
        self,
        id: str,
        network: NrccrNetwork,
        text: TextSide,
        *,
        trunk: VideoEncoder | None = None,
        num_frames: int = 12,
        languages: tuple[str, ...] = ("en", "zh"),
    ) -> None:
        self.id = id
        self.network = network.eval()
        self.num_frames = num_frames
        self.languages = languages
        self._text, self._trunk = text, trunk

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.network.text_mapping.linear.weight.device

    @property
    def frame_width(self) -> int:
        """Dimension of the frame features that the network takes."""
        return self.network.config.feature_width

    def frame_features(
        self, frames: UInt8[np.ndarray, "frames height width 3"]
    ) -> Float[Tensor, "frames d"]:
        """Those of the trunk.

        Raises:
            CheckpointError: The model was made for features that were extracted elsewhere.
        """
        if self._trunk is None:
            width = self.network.config.feature_width
            raise CheckpointError(
                f"{self.id} reads features of width {width} that were extracted elsewhere, not"
                " pictures"
            )
        return self._trunk.frame_features(frames)

    @torch.inference_mode()
    def encode_video(
        self, features: Float[Tensor, "videos frames d"], mask: Bool[Tensor, "videos frames"]
    ) -> Embeddings:
        """Unit-length embeddings of videos, or of images: videos of one frame."""
        features, mask = features.float().to(self.device), mask.bool().to(self.device)
        return Embeddings({"global": self.network.embed_video(features, mask)})

    @torch.inference_mode()
    def encode_text(self, texts: Sequence[str], *, translated: bool = False) -> Embeddings:
        """Unit-length embeddings of sentences.

        Args:
            texts: In any language of the model.
            translated: Whether these are the English translations of queries and are to be cleaned
                as the public loader does it; only published checkpoints want that.
        """
        ids, mask = self._text.to_ids([clean_english(t) for t in texts] if translated else texts)
        sentences = Sentences(ids.to(self.device), mask.to(self.device))
        return Embeddings({"global": self.network.embed_text(sentences)})

    def score(self, queries: Embeddings, gallery: Embeddings) -> Float[Tensor, "queries items"]:
        """Cosine similarity."""
        return queries["global"] @ gallery["global"].T

    def words(self, text: str) -> tuple[Word, ...]:
        """The words of `text`; unknown ones only with the small tower."""
        return self._text.words(text)


def load(
    folder: Path,
    card: CheckpointCard,
    *,
    trunk: VideoEncoder | None = None,
    device: str = "cpu",
) -> NrccrEncoder:
    """Loads a checkpoint folder: `config.json`, `model.safetensors`, `text/`.

    Raises:
        CheckpointError: Files are missing or do not belong together.
    """
    network, text = load_network(folder)
    return NrccrEncoder(
        card.id,
        network.to(device),
        text,
        trunk=trunk,
        num_frames=card.num_frames,
        languages=card.languages,
    )


def load_network(folder: Path) -> tuple[NrccrNetwork, TextSide]:
    """The network of a checkpoint folder, in evaluation mode, with its text tower."""
    try:
        settings = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        model, words = NrccrModelConfig(**settings["model"]), NrccrTextConfig(**settings["text"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{folder / CONFIG} cannot be read: {error}") from error
    text = open_text(words, folder / FOLDER)
    network = NrccrNetwork(model, text.tower)
    try:
        state = load_file(folder / WEIGHTS)
        network.load_state_dict(
            {k: v.float() if v.is_floating_point() else v for k, v in state.items()}
        )
    except (OSError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise CheckpointError(f"{folder / WEIGHTS} does not fit its {CONFIG}: {reason}") from error
    return network.eval(), text


def save_network(
    network: NrccrNetwork,
    text: NrccrTextConfig,
    folder: Path,
    dtype: torch.dtype = torch.float16,
) -> None:
    """Writes what `load` reads, but for the files of the folder `text`."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"model": asdict(network.config), "text": {**asdict(text), "pretrained": ""}}
    (folder / CONFIG).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    state = {
        name: (value.to(dtype) if value.is_floating_point() else value).contiguous()
        for name, value in network.state_dict().items()
    }
    temporary = folder / (WEIGHTS + ".tmp")
    save_file(state, temporary)
    temporary.replace(folder / WEIGHTS)
