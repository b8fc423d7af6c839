"""CMPL as a dual encoder: texts against frames, videos by their frames."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int, UInt8
from tokenizers import Tokenizer
from torch import Tensor, nn

from xmr_core.encoder import Embeddings, VideoEncoder
from xmr_core.errors import CheckpointError
from xmr_core.methods.cmpl.config import CmplModelConfig, Pooling
from xmr_core.methods.cmpl.towers import Adapter, BiLstm, CaptionIds, ImageTower, image_tower
from xmr_core.nn.tokenizer import known_words
from xmr_core.types import CheckpointCard, Word

CONFIG, WEIGHTS, TOKENIZER = "config.json", "model.safetensors", "tokenizer.json"


class CmplModel(nn.Module):
    """Both towers and their joint heads.

    Args:
        config: The towers.
        vocabulary: Number of word ids.
        features: Width of the image features.
        backbone: The image network; None where the features come from a trunk.
    """

    def __init__(
        self,
        config: CmplModelConfig,
        vocabulary: int,
        features: int,
        backbone: ImageTower | None = None,
    ) -> None:
        super().__init__()
        self.config = config
        self.backbone = backbone
        self.adapter = Adapter(features, config.adapter_width)
        self.text = BiLstm(vocabulary, config.word_width, config.lstm_width, config.dropout)
        self.image_head = _joint_head(features, config)
        self.text_head = _joint_head(self.text.width, config)

    def embed_images(self, features: Float[Tensor, "images features"]) -> Float[Tensor, "images d"]:
        """Joint embeddings of image features, of any length."""
        return self.image_head(self.adapter(features))

    def embed_texts(
        self, ids: Int[Tensor, "texts length"], mask: Bool[Tensor, "texts length"]
    ) -> Float[Tensor, "texts d"]:
        """Joint embeddings of texts, of any length."""
        return self.text_head(self.text(ids, mask))


class CmplEncoder:
    """A `DualEncoder` over a CMPL model.

    Args:
        id: Id of the checkpoint.
        model: The model.
        tokenizer: Its vocabulary.
        trunk: What makes the frame features, where the model has no image network.
        num_frames: Frames sampled from a clip.
        languages: Languages of the training captions.
    """

    stores_frames = True

    def __init__(
        self,
        id: str,
        model: CmplModel,
        tokenizer: Tokenizer,
        *,
        trunk: VideoEncoder | None = None,
        num_frames: int = 12,
        languages: tuple[str, ...] = ("en", "zh"),
    ) -> None:
        self.id = id
        self.model = model.eval()
        self.num_frames = num_frames
        self.languages = languages
        self.pooling: Pooling = model.config.pooling
        self._trunk = trunk
        self.tokenizer = tokenizer
        self._ids = CaptionIds(tokenizer)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.model.parameters()).device

    @property
    def width(self) -> int:
        """Dimension of the joint space."""
        return self.model.config.embed_dim

    def frame_features(
        self, frames: UInt8[np.ndarray, "frames height width 3"]
    ) -> Float[Tensor, "frames d"]:
        """Image features below the joint head, of the trunk or the own network."""
        if self.model.backbone is not None:
            return self.model.backbone.in_passes(frames)
        if self._trunk is None:
            raise CheckpointError(f"{self.id} takes frame features of a trunk, and has none")
        return self._trunk.frame_features(frames)

    @torch.inference_mode()
    def encode_video(
        self, features: Float[Tensor, "videos frames d"], mask: Bool[Tensor, "videos frames"]
    ) -> Embeddings:
        """Unit-length joint embeddings of the frames, and their mean at unit length.

        With `pooling` "max" the frames' own embeddings are kept too, as "frames" with "mask". A
        video whose frames are all masked has zero vectors and scores 0 with everything.
        """
        features, mask = features.to(self.device), mask.to(self.device).bool()
        images = F.normalize(self.model.embed_images(features.flatten(0, 1).float()), dim=1)
        frames = images.view(*mask.shape, -1).masked_fill(~mask.unsqueeze(-1), 0.0)
        parts = {"global": F.normalize(frames.sum(1), dim=-1)}
        if self.pooling == "max":
            parts |= {"frames": frames, "mask": mask}
        return Embeddings(parts)

    @torch.inference_mode()
    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        """Unit-length joint embeddings of texts."""
        ids, mask = (each.to(self.device) for each in self._ids(texts))
        return Embeddings({"global": F.normalize(self.model.embed_texts(ids, mask), dim=1)})

    def score(self, queries: Embeddings, gallery: Embeddings) -> Float[Tensor, "queries items"]:
        """Cosine with the video's mean frame, or, with `pooling` "max", with its best frame."""
        if self.pooling == "mean":
            return queries["global"] @ gallery["global"].T
        frames, mask = gallery["frames"], gallery["mask"].bool()
        scores = torch.einsum("qd,vfd->qvf", queries["global"], frames)
        best = scores.masked_fill(~mask, -torch.inf).amax(-1)
        return best.masked_fill(~mask.any(1), 0.0)

    def words(self, text: str) -> tuple[Word, ...]:
        """The words of `text`, and whether the vocabulary has them."""
        return known_words(self.tokenizer, text)


def load(
    folder: Path,
    card: CheckpointCard,
    *,
    trunk: VideoEncoder | None = None,
    device: str = "cpu",
) -> CmplEncoder:
    """Loads a folder written by `write_model`.

    Raises:
        CheckpointError: A file is missing or damaged, the weights are not those of the config, or
            a trunk is needed and not given.
    """
    from safetensors.torch import load_file

    try:
        record = json.loads((folder / CONFIG).read_text())
        config = CmplModelConfig(**record["model"])
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        backbone = None
        if config.image != "features":
            backbone = image_tower(config, pretrained=False)
        elif trunk is None:
            raise CheckpointError(f"{card.id} takes frame features of a trunk; its card names none")
        model = CmplModel(config, record["vocabulary"], record["features"], backbone)
        model.load_state_dict(load_file(folder / WEIGHTS))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise CheckpointError(f"{folder} is no CMPL checkpoint: {error}") from error
    return CmplEncoder(
        card.id,
        model.to(device),
        tokenizer,
        trunk=trunk if backbone is None else None,
        num_frames=card.num_frames,
        languages=card.languages,
    )


def write_model(model: CmplModel, tokenizer: Tokenizer, folder: Path) -> Path:
    """Writes config, vocabulary and fp16 weights; returns the weights file."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    record = {
        "model": asdict(model.config),
        "vocabulary": model.text.words.num_embeddings,
        "features": model.image_head[0].in_features,
    }
    _replace(folder / CONFIG, json.dumps(record, indent=2) + "\n")
    _replace(folder / TOKENIZER, tokenizer.to_str())
    state = {
        name: (values.half() if values.is_floating_point() else values).contiguous()
        for name, values in model.state_dict().items()
    }
    weights = folder / WEIGHTS
    save_file(state, weights.with_suffix(".tmp"))
    weights.with_suffix(".tmp").replace(weights)
    return weights


def _joint_head(width: int, config: CmplModelConfig) -> nn.Sequential:
    """Linear without bias, batch normalisation, no activation."""
    linear = nn.Linear(width, config.embed_dim, bias=False)
    nn.init.kaiming_normal_(linear.weight, nonlinearity="linear")
    norm = nn.BatchNorm1d(config.embed_dim, config.norm_epsilon, config.norm_momentum)
    return nn.Sequential(linear, norm)


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
