"""CLIP as a video encoder: frames embedded one by one and averaged.

The towers are those of an open_clip model, or of a transformers model that answers to the same
names (`transformers_folder`). The score is the cosine. A SigLIP model was trained with the sigmoid
of a scaled and shifted cosine; both rise with the cosine, so the ranking is the same.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, UInt8
from open_clip.transform import PreprocessCfg
from torch import Tensor, nn

from xmr_core.encoder import Embeddings
from xmr_core.nn.images import fit
from xmr_core.nn.tokenizer import known_words, open_words, whole_text_tokenizer
from xmr_core.types import Word

# Frames per forward pass: more gains nothing on a CPU and costs memory with large models.
_FRAMES_PER_PASS = 32


class ClipEncoder:
    """A `DualEncoder` over an open_clip model or what answers to the same names.

    Args:
        id: Id of the checkpoint.
        model: Has `encode_image`, `encode_text`, `logit_scale` and `visual`.
        tokenizer: From sentences to what `encode_text` takes.
        preprocess: How frames become images; what open_clip keeps with the model by default.
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
        tokenizer: Callable[[list[str]], Any],
        *,
        preprocess: PreprocessCfg | None = None,
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
        if preprocess is None:
            preprocess = PreprocessCfg(**open_clip.get_model_preprocess_cfg(model))
        self._preprocess = preprocess

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.model.parameters()).device

    @property
    def width(self) -> int:
        """Dimension of the shared space, read off the model."""
        return self.encode_text(["a"])["global"].shape[1]

    @property
    def scale(self) -> float:
        """Factor of the cosine in training, read off the model."""
        return float(self.model.logit_scale.detach().exp())

    @property
    def image_size(self) -> tuple[int, int]:
        """Height and width of the images that the tower takes, pixels."""
        size = self._preprocess.size
        return (size, size) if isinstance(size, int) else (size[0], size[1])

    def preprocess(
        self, frames: UInt8[np.ndarray, "frames height width 3"]
    ) -> Float[Tensor, "frames 3 input_height input_width"]:
        """Resizes, crops and normalises as the model's own configuration says.

        Resizing runs on the whole batch as tensors (antialiased), which differs from open_clip's
        PIL path by about one grey level; more beside hard edges, where PIL cuts off what bicubic
        weights overshoot between its two passes.
        """
        cfg = self._preprocess
        images = torch.from_numpy(np.ascontiguousarray(frames)).to(self.device)
        images = images.permute(0, 3, 1, 2).float() / 255
        images = fit(
            images, self.image_size, cfg.resize_mode, cfg.interpolation, cfg.fill_color / 255
        )
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
