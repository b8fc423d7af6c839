"""Trains the small hash network on the actions of `scenes`, from nothing, on a CPU."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, UInt8
from safetensors.torch import save_file
from torch import Tensor, nn

from xmr_core.datasets.scenes.script import Split, script
from xmr_core.datasets.scenes.world import EVENTS
from xmr_core.encoder import VideoEncoder
from xmr_core.methods.triplet.centres import hash_centres
from xmr_core.methods.triplet.config import TripletTrainConfig
from xmr_core.methods.triplet.loss import (
    balance_loss,
    batch_all_loss,
    batch_hard_loss,
    centre_loss,
    quantisation_loss,
    semi_hard_loss,
)
from xmr_core.methods.triplet.model import (
    HASH_LAYERS,
    HashNetwork,
    TripletEncoder,
    write_network,
)
from xmr_core.methods.triplet.picture import normalised
from xmr_core.methods.triplet.protocol import other_cast_map
from xmr_core.methods.triplet.resnet3d import build_backbone
from xmr_core.methods.triplet.sampling import ClassBatches
from xmr_core.progress import Progress, no_progress
from xmr_core.similarity import hamming_scores, pack_bits
from xmr_core.training.run import RunSettings, TrainedRun, claim_folder, train
from xmr_core.training.scenes import scene_pixels

ACTIONS = tuple(EVENTS)


def train_triplet(
    config: TripletTrainConfig,
    out: Path,
    *,
    trunk: VideoEncoder | None = None,
    progress: Progress = no_progress,
) -> TrainedRun:
    """Trains all lengths of code together; goes on where a stopped run left off.

    Writes to `out` the checkpoint of the longest code, and the hash layers of all lengths, from
    which `write_length` makes the checkpoints of the others.

    Args:
        config: See there.
        out: Folder of the run; drawn clips are kept in its `data`.
        trunk: Not used: the network sees pictures.
        progress: Shows drawing and steps.

    Raises:
        ConfigError: `out` holds a run with other settings.
    """
    claim_folder(out, config)
    size = {"width": config.picture_width, "height": config.height, "progress": progress}
    pixels = scene_pixels("train", config.clips, config.num_frames, out / "data", **size)
    batches = TrainingBatches(config, pixels)
    validation = ValidationClips(
        config,
        scene_pixels("val", config.validation_clips, config.num_frames, out / "data", **size),
    )
    learner = TripletLearner(config)
    settings = RunSettings(
        steps=config.steps,
        lr=config.lr,
        warmup_steps=config.warmup_steps,
        weight_decay=config.weight_decay,
        clip_norm=5.0,
        validation_every=config.validation_every,
        checkpoint_every=config.checkpoint_every,
        monitor="val_mAP",
    )
    learner.train()
    seconds = train(
        learner,
        batches.since,
        lambda batch: learner.losses(*batch),
        lambda: validation.measure(learner),
        out,
        settings,
        progress,
    )
    longest = max(config.bits)
    network = learner.network(longest)
    weights = write_network(network, out, half=True)
    layers = {
        f"{bits}.{name}": tensor.detach().half() if tensor.ndim > 1 else tensor.detach()
        for bits, layer in learner.hash_layers.items()
        for name, tensor in layer.named_parameters()
    }
    save_file(layers, out / HASH_LAYERS)
    return TrainedRun(
        encoder=TripletEncoder("run", network),
        seconds=seconds,
        weights=weights.name,
        width=longest,
        title=f"Triplet video hashing on scenes, {longest} bits",
        bits=longest,
    )


class TripletLearner(nn.Module):
    """One 3D network and a hash layer for every length of code."""

    def __init__(self, config: TripletTrainConfig) -> None:
        super().__init__()
        self.config = config
        model = config.model(max(config.bits))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            backbone = build_backbone(model.backbone)
            self.hash_layers = nn.ModuleDict(
                {str(bits): nn.Linear(model.backbone.features, bits) for bits in config.bits}
            )
        self.backbone = backbone.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
        self._centres = {
            bits: torch.from_numpy(hash_centres(len(ACTIONS), bits, config.seed))
            for bits in config.bits
        }

    def losses(
        self, clips: Float[Tensor, "clips 3 frames height width"], labels: Tensor
    ) -> dict[str, Tensor]:
        """The named losses of one batch, each the mean over the lengths of code."""
        config, features = self.config, self.backbone(clips)
        sums: dict[str, list[Tensor]] = {}
        for bits in config.bits:
            outputs = self.hash_layers[str(bits)](features).tanh()
            found = {
                # Squared distances grow with the bits: per bit, so that no length dominates.
                "triplet_loss": self._triplet_loss(outputs, labels, bits),
                "quantisation_loss": config.quantisation_weight * quantisation_loss(outputs),
                "balance_loss": config.balance_weight * balance_loss(outputs),
                "centre_loss": config.centre_weight
                * centre_loss(outputs, labels, self._centres[bits]),
            }
            for name, value in found.items():
                sums.setdefault(name, []).append(value)
        return {name: torch.stack(values).mean() for name, values in sums.items()}

    def _triplet_loss(self, outputs: Tensor, labels: Tensor, bits: int) -> Tensor:
        kind, margin = self.config.loss, self.config.margin_share * bits + 4
        if kind == "none":
            return outputs.new_zeros(())
        if kind == "batch-hard":
            return batch_hard_loss(outputs, labels, math.sqrt(margin)) / math.sqrt(bits)
        if kind == "semi-hard":
            return semi_hard_loss(outputs, labels, margin) / bits
        violating = kind == "batch-all-nonzero"
        return batch_all_loss(outputs, labels, margin, violating_only=violating) / bits

    def network(self, bits: int) -> HashNetwork:
        """The network with one of the hash layers, in evaluation mode."""
        with torch.random.fork_rng(devices=[]):
            network = HashNetwork(self.config.model(bits))
        network.backbone.load_state_dict(self.backbone.state_dict())
        assert network.hash_layer is not None, "a length of at least one bit"
        network.hash_layer.load_state_dict(self.hash_layers[str(bits)].state_dict())
        return network.to(memory_format=torch.channels_last_3d).eval()  # type: ignore[call-overload]


class TrainingBatches:
    """Batch n of the training data: the same for the same settings, whoever asks and when.

    Args:
        config: Of the run.
        pixels: All training clips, shape (clips, frames, height, width, 3).
    """

    def __init__(self, config: TripletTrainConfig, pixels: UInt8[np.ndarray, "..."]) -> None:
        self._config, self._pixels = config, pixels
        self._labels = np.array([ACTIONS.index(a) for a in actions("train", len(pixels))])
        self._sampler = ClassBatches(
            self._labels.tolist(),
            classes=config.classes_per_batch,
            clips=config.clips_per_class,
            seed=config.seed,
        )

    def since(self, first: int) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches from number `first` on."""
        for number in range(first, self._config.steps):
            chosen = np.sort(self._sampler.batch(number))  # in the order of the file
            generator = torch.Generator().manual_seed(self._config.seed * 1_000_003 + number)
            clips = torch.from_numpy(self._pixels[chosen])
            pictures = augmented(clips, self._config, generator)
            if number < self._config.steps * self._config.small_share:
                pictures = F.avg_pool2d(pictures.flatten(0, 1), 2).view(
                    *pictures.shape[:3], *(side // 2 for side in pictures.shape[3:])
                )
            yield network_input(pictures, self._config), torch.from_numpy(self._labels[chosen])


def augmented(
    clips: UInt8[Tensor, "clips frames height width 3"],
    config: TripletTrainConfig,
    generator: torch.Generator,
) -> Float[Tensor, "clips frames 3 height width"]:
    """Changes colours, place and size, the same in all frames of a clip, so that motion stays.

    Never mirrors: left and right are classes.
    """
    count, frames, height, width = clips.shape[:4]

    def uniform(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator) * 2 - 1

    jitter = config.colour_jitter
    gain = torch.exp(jitter * (uniform(count, 1, 1, 1, 1) + uniform(count, 1, 3, 1, 1)) / 2)
    offset = 64 * jitter * uniform(count, 1, 3, 1, 1)
    pictures = clips.permute(0, 1, 4, 2, 3).float() * gain + offset
    swapped = torch.rand(count, generator=generator) < jitter
    for clip in swapped.nonzero()[:, 0].tolist():  # channels change places: a red car turns blue
        pictures[clip] = pictures[clip][:, torch.randperm(3, generator=generator)]
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = 1 + config.shift * uniform(count)
    theta[:, :, 2] = config.shift * uniform(count, 2)
    grid = F.affine_grid(theta, [count, 1, height, width], align_corners=False)
    moved = F.grid_sample(
        pictures.reshape(count, frames * 3, height, width),
        grid,
        padding_mode="border",
        align_corners=False,
    )
    return moved.view(count, frames, 3, height, width).clamp(0, 255)


def network_input(
    pictures: Float[Tensor, "clips frames 3 height width"], config: TripletTrainConfig
) -> Float[Tensor, "clips 3 frames height width"]:
    """Normalised, in the order and memory layout that the network is fastest with."""
    values = normalised(pictures, config.model(1).picture).transpose(1, 2)
    return values.contiguous(memory_format=torch.channels_last_3d)


class ValidationClips:
    """Validation clips and their classes; selection happens here only."""

    def __init__(self, config: TripletTrainConfig, pixels: UInt8[np.ndarray, "..."]) -> None:
        self._config, self._pixels = config, pixels
        self._actions, self._casts = actions("val", len(pixels)), casts("val", len(pixels))

    @torch.inference_mode()
    def measure(self, learner: TripletLearner) -> dict[str, float]:
        """The mAP of codes by length and their mean, "val_mAP"; see `protocol`."""
        passes = []
        for first in range(0, len(self._pixels), 32):
            clips = torch.from_numpy(np.array(self._pixels[first : first + 32]))
            pictures = clips.permute(0, 1, 4, 2, 3).float()
            passes.append(learner.backbone(network_input(pictures, self._config)))
        features, numbers = torch.cat(passes), {}
        for bits in self._config.bits:
            outputs = learner.hash_layers[str(bits)](features)
            codes = pack_bits((outputs >= 0).numpy())
            scores = hamming_scores(codes, codes, bits)
            numbers[f"val_mAP_{bits}"] = other_cast_map(scores, self._actions, self._casts)
        return {**numbers, "val_mAP": float(np.mean(list(numbers.values())))}


def actions(split: Split, count: int) -> list[str]:
    """Action class of the first clips of a split."""
    return [script(split, index).event for index in range(count)]


def casts(split: Split, count: int) -> list[frozenset[str]]:
    """Subjects of the first clips of a split."""
    return [
        frozenset(actor.subject for actor in script(split, index).actors) for index in range(count)
    ]
