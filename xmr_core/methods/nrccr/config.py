"""Settings of NRCCR and of its training."""

from dataclasses import dataclass, field
from typing import Literal

from xmr_core.errors import ConfigError

Picture = Literal["frames", "image", "image-rectified"]


@dataclass(frozen=True, slots=True)
class NrccrModelConfig:
    """Sizes of the network. The defaults are those of the small model for `scenes`.

    Attributes:
        feature_width: Width of the frame features.
        picture: "frames" attends over frames; "image" maps the mean frame (of an image, its only
            one) linearly; "image-rectified" has a ReLU after that.
        video_width: Width of the video branch.
        video_positions: Learned frame positions.
        video_heads: Attention heads of the video branch.
        text_positions: Learned token positions.
        text_heads: Attention heads of the text branch.
        attention_width: Width of queries and keys in both branches.
        space: Width of the common space.
        dropout: After the mapping into the common space.
        hidden_dropout: Everywhere else in the branches.
        legacy_padding: Means count the padding of a batch, as in the public code.
        max_frames: With `legacy_padding`, a video is cut to its first so many frames.
    """

    feature_width: int = 256
    picture: Picture = "frames"
    video_width: int = 256
    video_positions: int = 8
    video_heads: int = 4
    text_positions: int = 64
    text_heads: int = 4
    attention_width: int = 128
    space: int = 256
    dropout: float = 0.1
    hidden_dropout: float = 0.1
    legacy_padding: bool = False
    max_frames: int = 64

    def __post_init__(self) -> None:
        """Refuses widths that cannot be cut into heads."""
        for heads in ("video_heads", "text_heads"):
            if self.attention_width % getattr(self, heads):
                raise ConfigError(
                    f"attention_width {self.attention_width} is not a multiple of {heads}"
                    f" {getattr(self, heads)}"
                )
        if self.video_width % self.video_heads:
            raise ConfigError(
                f"video_width {self.video_width} is not a multiple of video_heads"
                f" {self.video_heads}"
            )


@dataclass(frozen=True, slots=True)
class NrccrTextConfig:
    """The text tower.

    Attributes:
        pretrained: Name or folder of a BERT or XLM-R for transformers; "" trains a small tower
            over the words of the run from nothing.
        width: Width of the small tower.
        layers: Its number of blocks.
        heads: Its attention heads.
        context_length: Longest text in tokens.
        first_trainable_layer: Layers of a pre-trained tower below this one, and its embeddings,
            stay as they are.
    """

    pretrained: str = ""
    width: int = 128
    layers: int = 1
    heads: int = 4
    context_length: int = 32
    first_trainable_layer: int = 5


@dataclass(frozen=True, slots=True)
class NrccrTrainConfig:
    """How NRCCR is trained on `scenes`. The defaults are those of the shipped `scenes-nrccr`.

    The weights of the losses are the paper's. With `distillation_weight`, `feature_weight`,
    `cycle_weight` and `adversary_weight` at 0 it is a plain triplet model of the same towers, and
    with `source_weight` at 0 as well, one that sees the noisy target language alone.

    Attributes:
        trunk: Checkpoint that gives the frame features.
        model: Sizes of the network.
        text: The text tower.
        noise: Share of the words of the Chinese training captions that translation spoils.
        clips: Training clips.
        captions_per_clip: Caption pairs written for each; every step draws one.
        frames: Frames per clip.
        steps: Optimiser steps.
        batch_size: Clips per step.
        lr: Peak learning rate of Adam; linear warm-up, then cosine decay to zero.
        warmup_steps: Length of the warm-up.
        margin: Of the triplet losses.
        all_negatives_steps: First steps, in which the triplet losses take the mean over all
            negatives: a new network has no hardest ones to learn from.
        temperature: Of the distillation.
        source_weight: Of the triplet loss of English and video.
        target_weight: Of the triplet loss of Chinese and video.
        distillation_weight: Of the cross view's similarities as teacher.
        feature_weight: Of the distance to the cross view.
        cycle_weight: Of the triplet loss of English and its back-translation.
        adversary_weight: Of fooling the language adversary.
        discriminator: The adversary: "weak", "not-so-weak" or "strong".
        adversary_lr: Learning rate of the adversary.
        clip_norm: Largest gradient norm.
        seed: The only source of randomness.
        validation_clips: Clips of the validation split.
        validation_every: Steps between validations.
        checkpoint_every: Steps between saved states, from which a killed run resumes.
        features_folder: Folder for the frame features and captions, for several runs to share; ""
            keeps them in the folder of the run.
    """

    trunk: str = "scenes-clip"
    model: NrccrModelConfig = field(default_factory=NrccrModelConfig)
    text: NrccrTextConfig = field(default_factory=NrccrTextConfig)
    noise: float = 0.3
    clips: int = 6000
    captions_per_clip: int = 3
    frames: int = 8
    steps: int = 600
    batch_size: int = 64
    lr: float = 4e-3
    warmup_steps: int = 60
    margin: float = 0.2
    all_negatives_steps: int = 0
    temperature: float = 0.07
    source_weight: float = 1.0
    target_weight: float = 0.6
    distillation_weight: float = 0.4
    feature_weight: float = 0.1
    cycle_weight: float = 0.5
    adversary_weight: float = 0.001
    discriminator: Literal["weak", "not-so-weak", "strong"] = "not-so-weak"
    adversary_lr: float = 1e-3
    clip_norm: float = 2.0
    seed: int = 0
    validation_clips: int = 500
    validation_every: int = 100
    checkpoint_every: int = 100
    features_folder: str = ""

    def __post_init__(self) -> None:
        """Refuses settings that cannot train."""
        if not 0.0 <= self.noise <= 1.0:
            raise ConfigError(f"noise {self.noise} is not a share between 0 and 1")
        if not 2 <= self.batch_size <= self.clips:
            raise ConfigError(
                f"batch_size {self.batch_size} must be at least 2 and at most clips, {self.clips}"
            )
        views = self.distillation_weight + self.feature_weight + self.cycle_weight
        if self.source_weight == 0 and views + self.adversary_weight > 0:
            raise ConfigError(
                "source_weight is 0, so there are no source sentences for the distillation,"
                " feature, cycle and adversary losses; set their weights to 0 as well"
            )
