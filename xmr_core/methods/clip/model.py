"""CLIP as a video encoder: any open_clip model, frames embedded one by one and averaged."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int, UInt8
from open_clip.transform import PreprocessCfg
from torch import Tensor, nn

from xmr_core.encoder import Embeddings, VideoEncoder
from xmr_core.nn.images import fit
from xmr_core.nn.tokenizer import known_words, open_words, whole_text_tokenizer
from xmr_core.types import CheckpointCard, Word

# Frames per forward pass: more gains nothing on a CPU and costs memory with large models.
_FRAMES_PER_PASS = 32


class ClipEncoder:
    """A `DualEncoder` over an open_clip model.

    Args:
        id: Id of the checkpoint.
        model: An open_clip model, in evaluation mode.
        tokenizer: open_clip's tokenizer of the model.
        num_frames: Frames sampled from a clip.
        languages: Languages of the text tower.
        closed_vocabulary: Whether words outside the tokenizer's vocabulary mean nothing to the
            model, as in the small model trained here.
    """

    stores_frames = True

    def __init__(
        self,
        id: str,
        model: nn.Module,
        tokenizer: Callable[..., Int[Tensor, "texts length"]],
        *,
        num_frames: int = 12,
        languages: tuple[str, ...] = ("en",),
        closed_vocabulary: bool = False,
    ) -> None:
        self.id = id
        self.model: Any = model.eval()
        self.num_frames = num_frames
        self.languages = languages
        self._tokenizer = tokenizer
        self._vocabulary = whole_text_tokenizer(tokenizer) if closed_vocabulary else None
        self._preprocess = PreprocessCfg(**open_clip.get_model_preprocess_cfg(model))

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.model.parameters()).device

    @property
    def width(self) -> int:
        """Dimension of the shared space, read off the model."""
        return self.encode_text(["a"])["global"].shape[1]

    def preprocess(
        self, frames: UInt8[np.ndarray, "frames height width 3"]
    ) -> Float[Tensor, "frames 3 input_height input_width"]:
        """Resizes, crops and normalises as the model's own configuration says.

        Resizing runs on the whole batch as tensors (antialiased), which differs from open_clip's
        PIL path by less than one grey level.
        """
        cfg = self._preprocess
        images = torch.from_numpy(np.ascontiguousarray(frames)).to(self.device)
        images = images.permute(0, 3, 1, 2).float() / 255
        size = (cfg.size, cfg.size) if isinstance(cfg.size, int) else (cfg.size[0], cfg.size[1])
        images = fit(images, size, cfg.resize_mode, cfg.interpolation, cfg.fill_color / 255)
        mean, std = (images.new_tensor(v).view(1, 3, 1, 1) for v in (cfg.mean, cfg.std))
        return (images - mean) / std

    @torch.inference_mode()
    def frame_features(
        self, frames: UInt8[np.ndarray, "frames height width 3"]
    ) -> Float[Tensor, "frames d"]:
        """Unit-length image embeddings of single frames."""
        passes = [
            self.model.encode_image(self.preprocess(part), normalize=True)
            for part in np.split(frames, range(_FRAMES_PER_PASS, len(frames), _FRAMES_PER_PASS))
        ]
        return torch.cat(passes).float()

    def encode_video(
        self, features: Float[Tensor, "videos frames d"], mask: Bool[Tensor, "videos frames"]
    ) -> Embeddings:
        """The mean of the unmasked frames' unit vectors, at unit length again.

        A video whose frames are all masked has the zero vector and scores 0 with everything.
        """
        weights = mask.to(features.dtype).unsqueeze(-1)
        mean = (F.normalize(features, dim=-1) * weights).sum(1) / weights.sum(1).clamp(min=1)
        return Embeddings({"global": F.normalize(mean, dim=-1)})

    @torch.inference_mode()
    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        """Unit-length text embeddings."""
        tokens = self._tokenizer(list(texts)).to(self.device)
        return Embeddings({"global": self.model.encode_text(tokens, normalize=True).float()})

    def score(self, queries: Embeddings, gallery: Embeddings) -> Float[Tensor, "queries items"]:
        """Cosine similarity."""
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
) -> ClipEncoder:
    """Loads a checkpoint folder in open_clip's layout; it takes no trunk."""
    return load_open_clip(
        f"local-dir:{folder}",
        id=card.id,
        num_frames=card.num_frames,
        languages=card.languages,
        closed_vocabulary=card.closed_vocabulary,
        device=device,
    )


def load_open_clip(
    name: str,
    *,
    id: str | None = None,
    num_frames: int = 12,
    languages: tuple[str, ...] = ("en",),
    closed_vocabulary: bool = False,
    device: str = "cpu",
) -> ClipEncoder:
    """Loads any open_clip model.

    Args:
        name: `local-dir:FOLDER`, `hf-hub:owner/name`, or `ARCHITECTURE/PRETRAINED_TAG` such as
            "ViT-B-32/laion2b_s34b_b79k".
        id: Id of the checkpoint; `name` by default.
        num_frames: Frames sampled from a clip.
        languages: Languages of the text tower.
        closed_vocabulary: See `ClipEncoder`.
        device: Where to put the weights.
    """
    architecture, tag = name, None
    if not name.startswith(("local-dir:", "hf-hub:")) and "/" in name:
        architecture, tag = name.split("/", 1)
    model = open_clip.create_model(architecture, pretrained=tag, device=device)
    tokenizer = open_clip.get_tokenizer(architecture)
    return ClipEncoder(
        id or name,
        model,
        tokenizer,
        num_frames=num_frames,
        languages=languages,
        closed_vocabulary=closed_vocabulary,
    )


def write_open_clip(
    model: nn.Module, model_config: dict[str, Any], preprocess: dict[str, Any], folder: Path
) -> Path:
    """Writes config and fp16 weights in the layout that open_clip reads; returns the weights file.

    The tokenizer's files are written by `save_tokenizer` into the same folder.
    """
    import json

    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    config = {"model_cfg": model_config, "preprocess_cfg": preprocess}
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=2) + "\n")
    weights = folder / "open_clip_model.safetensors"
    state = {k: v.detach().half().contiguous() for k, v in model.state_dict().items()}
    save_file(state, str(weights.with_suffix(".tmp")))
    weights.with_suffix(".tmp").replace(weights)
    return weights
