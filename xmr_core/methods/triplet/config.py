"""Settings of the video hashing network and of its training."""

from dataclasses import dataclass, field
from typing import Any, Literal

from xmr_core.errors import ConfigError

Backbone = Literal["3d-resnet", "r3d_18"]
Shortcut = Literal["A", "B"]
TripletLoss = Literal["batch-all", "batch-all-nonzero", "batch-hard", "semi-hard", "none"]


@dataclass(frozen=True, slots=True)
class BackboneConfig:
    """The 3D network.

    Attributes:
        kind: "3d-resnet", the layout of Hara et al., or "r3d_18" of torchvision.
        depth: Layers, 18 or 34.
        shortcut: Where a block halves the picture: "A" takes every second value and fills the new
            channels with zeros, "B" is a convolution.
        width: Channels of the first stage; the last has eight times as many. Published: 64.
        stem_frames: Frames that the first convolution sees, odd.
        stem_pool: Whether a max pooling follows it, which halves time, height and width.
        legacy_detached_shortcut: Cuts the gradient in shortcuts of type A, as the public code does.
    """

    kind: Backbone = "3d-resnet"
    depth: int = 18
    shortcut: Shortcut = "B"
    width: int = 64
    stem_frames: int = 7
    stem_pool: bool = True
    legacy_detached_shortcut: bool = False

    def __post_init__(self) -> None:
        """Refuses networks that do not exist."""
        if self.depth not in (18, 34):
            raise ConfigError(f"depth {self.depth} is not 18 or 34, the networks of basic blocks")
        if self.shortcut not in ("A", "B"):
            raise ConfigError(f"shortcut {self.shortcut!r} is not 'A' or 'B'")
        if self.stem_frames % 2 == 0 or self.stem_frames < 1:
            raise ConfigError(f"stem_frames {self.stem_frames} is not odd")
        if self.kind == "r3d_18" and (self.depth, self.width, self.shortcut) != (18, 64, "B"):
            raise ConfigError("r3d_18 of torchvision has depth 18, width 64 and shortcut B")

    @property
    def features(self) -> int:
        """Width of the pooled features."""
        return 8 * self.width


@dataclass(frozen=True, slots=True)
class PictureConfig:
    """How a frame is brought to the network: resized, cut out of the centre, normalised.

    Attributes:
        resize_height: Pixels.
        resize_width: Pixels.
        keep_aspect: Resizes until the picture just covers the size instead of squeezing it.
        crop_height: Pixels of the centre that are kept.
        crop_width: Pixels of the centre that are kept.
        white: What 255 becomes before normalisation, usually 1.
        mean: Subtracted, by channel.
        std: Divided by, by channel.
    """

    resize_height: int = 128
    resize_width: int = 171
    keep_aspect: bool = False
    crop_height: int = 112
    crop_width: int = 112
    white: float = 1.0
    mean: tuple[float, float, float] = (0.434, 0.405, 0.378)
    std: tuple[float, float, float] = (0.152, 0.149, 0.157)


@dataclass(frozen=True, slots=True)
class TripletModelConfig:
    """A checkpoint's `config.json`.

    Attributes:
        backbone: The network.
        picture: Its input.
        bits: Length of the code; 0 for a network without a hash layer, which gives its pooled
            features.
        num_frames: Frames that the network sees of a clip; any other number is resampled to it.
        backbone_from: Name of the folder beside this one that holds the weights of the network, if
            several lengths of code share it.
        backbone_sha256: Of the weights there.
    """

    backbone: BackboneConfig = field(default_factory=BackboneConfig)
    picture: PictureConfig = field(default_factory=PictureConfig)
    bits: int = 48
    num_frames: int = 16
    backbone_from: str = ""
    backbone_sha256: str = ""

    def __post_init__(self) -> None:
        """Refuses counts below one, and names that lead elsewhere."""
        if self.bits < 0 or self.num_frames < 1:
            raise ConfigError(f"bits {self.bits} and num_frames {self.num_frames} do not fit")
        if self.backbone_from != self.backbone_from.strip("./\\") or any(
            mark in self.backbone_from for mark in "/\\"
        ):
            raise ConfigError(f"backbone_from {self.backbone_from!r} is not a folder's plain name")


@dataclass(frozen=True, slots=True)
class TripletTrainConfig:
    """How the small network is trained on `scenes`. The defaults are those of `scenes-triplet-*`.

    Attributes:
        bits: Lengths of code; all are trained together on one network.
        width: Channels of the network's first stage.
        depth: Its layers, 18 or 34.
        shortcut: See `BackboneConfig`.
        stem_frames: See `BackboneConfig`; 3 as in torchvision's r3d_18 takes two thirds of the
            time of the published 7.
        num_frames: Frames of a clip.
        height: Of the input, pixels.
        picture_width: Of the input, pixels.
        clips: Training clips that are drawn before the first step.
        classes_per_batch: Action classes in a batch.
        clips_per_class: Clips of each.
        loss: Which triplets count; "none" for hash centres alone.
        margin_share: Margin of the squared distance as a share of the bits, plus 4; for
            "batch-hard", whose distance is not squared, the margin is its root.
        quantisation_weight: Weight of the mean of (|h| - 1)^2.
        balance_weight: Weight of the mean square of each bit's mean.
        centre_weight: Weight of the distance to the Hadamard centre of the class.
        steps: Optimiser steps.
        small_share: Share of the steps, at the beginning, that see pictures of half the height and
            width, for a quarter of the time: most of what moves is learned from them.
        lr: Peak learning rate of AdamW; linear warm-up, then cosine decay to zero.
        warmup_steps: Length of the warm-up.
        weight_decay: Of matrices and kernels.
        colour_jitter: Largest change of a colour channel's gain and offset, the same in a clip.
        shift: Largest shift and zoom of a clip, share of the picture.
        seed: The only source of randomness.
        validation_clips: Clips of the validation split that are measured.
        validation_every: Steps between two validations.
        checkpoint_every: Steps between two saved states, from which a killed run resumes.
    """

    bits: tuple[int, ...] = (16, 32, 48, 64)
    width: int = 16
    depth: int = 18
    shortcut: Shortcut = "B"
    stem_frames: int = 3
    num_frames: int = 12
    height: int = 48
    picture_width: int = 80
    clips: int = 12000
    classes_per_batch: int = 20
    clips_per_class: int = 4
    loss: TripletLoss = "batch-all-nonzero"
    margin_share: float = 0.25
    quantisation_weight: float = 0.1
    balance_weight: float = 0.1
    centre_weight: float = 1.0
    steps: int = 900
    small_share: float = 0.75
    lr: float = 2e-3
    warmup_steps: int = 50
    weight_decay: float = 0.05
    colour_jitter: float = 0.3
    shift: float = 0.08
    seed: int = 0
    validation_clips: int = 600
    validation_every: int = 150
    checkpoint_every: int = 50

    def __post_init__(self) -> None:
        """Refuses settings that cannot train."""
        if not self.bits or min(self.bits) < 1:
            raise ConfigError(f"bits {self.bits} must be one or more lengths of at least 1")
        if self.classes_per_batch < 2 or self.clips_per_class < 2:
            raise ConfigError(
                f"{self.classes_per_batch} classes of {self.clips_per_class} clips make no triplet:"
                " at least 2 of 2"
            )
        if not 0.0 <= self.small_share <= 1.0:
            raise ConfigError(f"small_share {self.small_share} is not a share between 0 and 1")

    def model(self, bits: int) -> TripletModelConfig:
        """The model with a code of this length."""
        return TripletModelConfig(
            backbone=BackboneConfig(
                depth=self.depth,
                shortcut=self.shortcut,
                width=self.width,
                stem_frames=self.stem_frames,
            ),
            picture=PictureConfig(
                resize_height=self.height,
                resize_width=self.picture_width,
                crop_height=self.height,
                crop_width=self.picture_width,
                mean=(0.5, 0.5, 0.5),
                std=(0.25, 0.25, 0.25),
            ),
            bits=bits,
            num_frames=self.num_frames,
        )


def model_config(values: dict[str, Any]) -> TripletModelConfig:
    """The settings in a `config.json`.

    Raises:
        ConfigError: A field is unknown or has a wrong value.
    """
    parts = {"backbone": BackboneConfig, "picture": PictureConfig}
    try:
        nested = {name: kind(**_tuples(values.get(name, {}))) for name, kind in parts.items()}
        return TripletModelConfig(**{**values, **nested})
    except TypeError as error:
        raise ConfigError(f"config.json is not of a video hashing network: {error}") from error


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
