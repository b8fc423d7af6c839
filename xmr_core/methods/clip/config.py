"""Settings of the small CLIP and of its training."""

from dataclasses import dataclass, field
from typing import Any

from xmr_core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class ClipModelConfig:
    """The two towers, in open_clip's terms.

    Attributes:
        embed_dim: Width of the shared space.
        image_height: Height of the input image, pixels; a multiple of `patch_size`.
        image_width: Width of the input image, pixels; a multiple of `patch_size`.
        patch_size: Side of a patch, pixels.
        vision_width: Width of the vision transformer.
        vision_layers: Its number of blocks.
        text_width: Width of the text transformer.
        text_layers: Its number of blocks.
        context_length: Longest text in tokens, begin and end marks included.
    """

    embed_dim: int = 256
    image_height: int = 96
    image_width: int = 160
    patch_size: int = 16
    vision_width: int = 192
    vision_layers: int = 4
    text_width: int = 128
    text_layers: int = 3
    context_length: int = 32

    def __post_init__(self) -> None:
        """Refuses sizes that cannot be cut into patches or heads."""
        for name in ("image_height", "image_width"):
            if getattr(self, name) % self.patch_size:
                raise ConfigError(
                    f"{name} {getattr(self, name)} is not a multiple of patch_size"
                    f" {self.patch_size}"
                )
        for name in ("vision_width", "text_width"):
            if getattr(self, name) % HEAD_WIDTH:
                raise ConfigError(f"{name} {getattr(self, name)} is not a multiple of {HEAD_WIDTH}")

    def open_clip(self, vocab_size: int) -> dict[str, Any]:
        """The `model_cfg` that open_clip builds the model from."""
        return {
            "embed_dim": self.embed_dim,
            "vision_cfg": {
                "image_size": [self.image_height, self.image_width],
                "patch_size": self.patch_size,
                "width": self.vision_width,
                "layers": self.vision_layers,
                "head_width": HEAD_WIDTH,
            },
            "text_cfg": {
                "context_length": self.context_length,
                "vocab_size": vocab_size,
                "width": self.text_width,
                "heads": self.text_width // HEAD_WIDTH,
                "layers": self.text_layers,
                "hf_tokenizer_name": "tokenizer",
                "tokenizer_kwargs": {"clean": "whitespace"},
            },
        }

    def preprocess(self) -> dict[str, Any]:
        """The `preprocess_cfg`: the whole frame is squeezed to the input size."""
        return {
            "mean": [0.5, 0.5, 0.5],
            "std": [0.25, 0.25, 0.25],
            "interpolation": "bilinear",
            "resize_mode": "squash",
        }


HEAD_WIDTH = 32


@dataclass(frozen=True, slots=True)
class ClipTrainConfig:
    """How the small CLIP is trained. The defaults are those of the shipped `scenes-clip`.

    Attributes:
        model: The towers.
        steps: Optimiser steps.
        batch_size: Clips per step; each brings one caption, English or Chinese.
        frames_per_clip: Frames drawn from each clip; their embeddings are averaged.
        late_share: Share of the steps, at the end, that use `late_frames_per_clip` instead.
        late_frames_per_clip: See above: a single frame may lack what the sentence speaks of, so
            training ends with averages, which is what search uses.
        lr: Peak learning rate of AdamW; linear warm-up, then cosine decay to zero.
        warmup_steps: Length of the warm-up.
        weight_decay: Of matrices; vectors and scales have none.
        words_weight: Weight of the word-naming loss (see the package docstring).
        seed: The only source of randomness.
        tokenizer_captions: Training clips whose captions the vocabulary is counted on.
        validation_every: Steps between two validations on 500 clips.
        checkpoint_every: Steps between two saved states, from which a killed run resumes.
        loader_workers: Processes that draw the training frames; 0 draws them in this one.
    """

    model: ClipModelConfig = field(default_factory=ClipModelConfig)
    steps: int = 1300
    batch_size: int = 128
    frames_per_clip: int = 1
    late_share: float = 0.15
    late_frames_per_clip: int = 2
    lr: float = 1e-3
    warmup_steps: int = 100
    weight_decay: float = 0.05
    words_weight: float = 0.1
    seed: int = 0
    tokenizer_captions: int = 8000
    validation_every: int = 250
    checkpoint_every: int = 250
    loader_workers: int = 1

    def __post_init__(self) -> None:
        """Refuses settings that cannot train."""
        if self.batch_size < 2:
            raise ConfigError(
                f"batch_size {self.batch_size} leaves nothing to contrast: at least 2"
            )
        if not 0.0 <= self.late_share <= 1.0:
            raise ConfigError(f"late_share {self.late_share} is not a share between 0 and 1")
