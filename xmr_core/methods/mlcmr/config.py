"""Settings of MLCMR and of its training."""

from dataclasses import dataclass, field
from typing import Literal

from xmr_core.errors import ConfigError

TextTower = Literal["small", "bert"]
Corpus = Literal["parallel", "unparallel"]


@dataclass(frozen=True, slots=True)
class MlcmrModelConfig:
    """The two encoders. The defaults are those of the shipped `scenes-mlcmr`.

    The paper's widths are 1024 frame features (I3D), gru_width 512, conv_channels 512, embed_dim
    1536 and multilingual BERT.

    Attributes:
        frame_width: Dimension of the frame features.
        gru_width: States of the GRU per direction.
        conv_channels: Channels of each convolution.
        kernel_sizes: Frames that each convolution sees at once.
        embed_dim: Width of the common space.
        dropout: Of the GRU's mean, the convolutions and the embeddings, in training.
        max_frames: The GRU and the convolutions see the first so many frames; the mean sees all.
        text_tower: "small", a transformer over our own vocabulary, or "bert", any BERT-like model
            of transformers.
        text_width: Width of the small tower.
        text_layers: Its number of blocks.
        text_heads: Attention heads of its blocks.
        context_length: Longest text in tokens, begin and end marks included.
        cleans_english: Texts without Chinese lose everything but letters and digits and end in a
            full stop, as the published checkpoints were trained.
        query_weight_en: Weight w of an English query beside its machine translation.
        query_weight_zh: The same of a Chinese query.
        legacy_padding: Lets padding count, as the public code does.
    """

    frame_width: int = 256
    gru_width: int = 128
    conv_channels: int = 64
    kernel_sizes: tuple[int, ...] = (2, 3, 4, 5)
    embed_dim: int = 256
    dropout: float = 0.2
    max_frames: int = 64
    text_tower: TextTower = "small"
    text_width: int = 128
    text_layers: int = 1
    text_heads: int = 4
    context_length: int = 32
    cleans_english: bool = False
    query_weight_en: float = 0.55
    query_weight_zh: float = 0.55
    legacy_padding: bool = False

    def __post_init__(self) -> None:
        """Refuses widths that do not divide and weights outside 0 to 1."""
        if self.text_width % self.text_heads:
            raise ConfigError(
                f"text_width {self.text_width} is not a multiple of text_heads {self.text_heads}"
            )
        for name in ("query_weight_en", "query_weight_zh"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ConfigError(f"{name} {getattr(self, name)} is not between 0 and 1")

    @property
    def video_width(self) -> int:
        """Dimension of the three levels together."""
        levels = 2 * self.gru_width + len(self.kernel_sizes) * self.conv_channels
        return levels + self.frame_width


@dataclass(frozen=True, slots=True)
class MlcmrTrainConfig:
    """How MLCMR is trained on `scenes`. The defaults are those of the shipped `scenes-mlcmr`.

    Attributes:
        model: The encoders.
        trunk: Id of the checkpoint whose frame features they take; it stays as it is.
        corpus: "parallel": every clip has English and Chinese captions. "unparallel": clips with an
            even number have English ones only, the others Chinese ones only.
        noise: Share of the words of the Chinese training captions that are spoilt, 0 to 1, as by a
            poor machine translation.
        clips: Training clips.
        frames: Frames of each.
        captions_per_clip: English captions that are written for each clip, each with its one
            translation; every step draws one such pair.
        steps: Optimiser steps.
        batch_size: Clips per step; each brings one caption per language.
        lr: Peak learning rate of AdamW; linear warm-up, then cosine decay to zero.
        warmup_steps: Length of the warm-up.
        weight_decay: Of matrices; vectors have none.
        margin: Of the triplet loss.
        temperature: Of the InfoNCE loss.
        all_negatives_steps: First steps, in which the triplet loss takes all negatives instead of
            the hardest.
        mask_share: Share of the tokens that the second view of a text lacks.
        drop_share: Share of the frames that the second view of a video lacks.
        seed: The only source of randomness.
        validation_clips: Clips of the split "val" that choose the best weights.
        validation_every: Steps between two validations.
        checkpoint_every: Steps between two saved states, from which a killed run resumes.
        features_folder: Folder for the frame features of the clips; "" keeps them in the folder of
            the run.
    """

    model: MlcmrModelConfig = field(default_factory=MlcmrModelConfig)
    trunk: str = "scenes-clip"
    corpus: Corpus = "parallel"
    noise: float = 0.3
    clips: int = 6000
    frames: int = 8
    captions_per_clip: int = 6
    steps: int = 1400
    batch_size: int = 64
    lr: float = 1e-3
    warmup_steps: int = 50
    weight_decay: float = 0.01
    margin: float = 0.2
    temperature: float = 0.07
    all_negatives_steps: int = 300
    mask_share: float = 0.15
    drop_share: float = 0.8
    seed: int = 0
    validation_clips: int = 500
    validation_every: int = 200
    checkpoint_every: int = 250
    features_folder: str = ""

    def __post_init__(self) -> None:
        """Refuses settings that cannot train."""
        if not 2 <= self.batch_size <= self.clips:
            raise ConfigError(
                f"batch_size is {self.batch_size}; it must be 2 to {self.clips}, the clips"
            )
        for name in ("noise", "mask_share", "drop_share"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ConfigError(f"{name} {getattr(self, name)} is not a share between 0 and 1")
        if self.model.text_tower != "small":
            raise ConfigError("scenes trains the small text tower: model.text_tower must be small")
