"""Clips to codes: the network, the encoder over it, and its checkpoint folder."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, UInt8
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from xmr_core.encoder import Embeddings, VideoEncoder
from xmr_core.errors import CheckpointError, ConfigError
from xmr_core.files import checksum
from xmr_core.methods.triplet.config import TripletModelConfig, model_config
from xmr_core.methods.triplet.picture import preprocess
from xmr_core.methods.triplet.resnet3d import build_backbone
from xmr_core.methods.triplet.sampling import frame_indices
from xmr_core.similarity import hamming_scores, pack_bits
from xmr_core.types import CheckpointCard

CONFIG, WEIGHTS, HASH_LAYERS = "config.json", "model.safetensors", "hash_layers.safetensors"
_CLIPS_PER_PASS = 32
_COUNTER = re.compile(r"\.num_batches_tracked$")


class HashNetwork(nn.Module):
    """The 3D network and, on it, the hash layer.

    Args:
        config: Of the checkpoint.
    """

    def __init__(self, config: TripletModelConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = build_backbone(config.backbone)
        width = config.backbone.features
        self.hash_layer = nn.Linear(width, config.bits) if config.bits else None

    def forward(
        self, clips: Float[Tensor, "clips 3 frames height width"]
    ) -> Float[Tensor, "clips d"]:
        """Hash outputs in (-1, 1), or the pooled features where there is no hash layer."""
        return self.outputs(self.backbone(clips))

    def outputs(self, features: Float[Tensor, "clips features"]) -> Float[Tensor, "clips d"]:
        """Hash outputs from pooled features; the features themselves without a hash layer."""
        return features if self.hash_layer is None else self.hash_layer(features).tanh()


class TripletEncoder:
    """A `VideoEncoder` over a hash network; it reads no text.

    The features of a frame are its normalised picture, flattened: the network looks at all frames
    of a clip together.

    Args:
        id: Id of the checkpoint.
        network: In evaluation mode.
        num_frames: Frames sampled from a clip; resampled to what the network sees if they differ.
    """

    stores_frames = False

    def __init__(self, id: str, network: HashNetwork, *, num_frames: int | None = None) -> None:
        self.id = id
        self.network = network.eval()
        self.bits = network.config.bits
        self.num_frames = num_frames or network.config.num_frames

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.network.parameters()).device

    @torch.inference_mode()
    def frame_features(
        self, frames: UInt8[np.ndarray, "frames height width 3"]
    ) -> Float[Tensor, "frames d"]:
        """The normalised pictures, (3, crop_height, crop_width) flattened."""
        images = torch.from_numpy(np.ascontiguousarray(frames)).to(self.device)
        return preprocess(images.permute(0, 3, 1, 2), self.network.config.picture).flatten(1)

    @torch.inference_mode()
    def encode_video(
        self, features: Float[Tensor, "videos frames d"], mask: Bool[Tensor, "videos frames"]
    ) -> Embeddings:
        """Codes and hash outputs of clips.

        The unmasked frames are resampled to the number that the network sees. A clip without any
        has the zero vector and, like every output that is not below zero, bits of 1.

        Returns:
            "code" (videos, bytes), packed bits, and "global" (videos, bits), the hash outputs at
            unit length. Without a hash layer "global" alone: the pooled features at unit length.
        """
        return embeddings(self.outputs(features, mask), self.bits)

    @torch.inference_mode()
    def outputs(
        self, features: Float[Tensor, "videos frames d"], mask: Bool[Tensor, "videos frames"]
    ) -> Float[Tensor, "videos d"]:
        """Hash outputs of clips in (-1, 1), or pooled features; see `encode_video`."""
        pooled = self.pooled(features, mask)
        return self.network.outputs(pooled) * mask.any(1, keepdim=True)

    @torch.inference_mode()
    def pooled(
        self, features: Float[Tensor, "videos frames d"], mask: Bool[Tensor, "videos frames"]
    ) -> Float[Tensor, "videos features"]:
        """What the hash layer sees: the last feature map's mean over space and time."""
        config, rows = self.network.config, torch.arange(len(features))[:, None]
        size = (config.picture.crop_height, config.picture.crop_width)
        chosen = torch.from_numpy(
            np.stack([_seen(row, config.num_frames) for row in mask.cpu().numpy()])
        )
        found = []
        for some in torch.arange(len(features)).split(_CLIPS_PER_PASS):
            clips = features[rows[some], chosen[some]].unflatten(-1, (3, *size))
            clips = clips.transpose(1, 2).contiguous(memory_format=torch.channels_last_3d)
            found.append(self.network.backbone(clips))
        return torch.cat(found)

    def score(self, queries: Embeddings, gallery: Embeddings) -> Float[Tensor, "queries items"]:
        """Bits on which the codes agree: their number minus the Hamming distance.

        Equal distances tie. Without a hash layer the cosine of the features.
        """
        if not self.bits:
            return queries["global"] @ gallery["global"].T
        asked, kept = (part["code"].cpu().numpy() for part in (queries, gallery))
        return torch.from_numpy(hamming_scores(asked, kept, self.bits).astype(np.float32))


def embeddings(outputs: Float[Tensor, "videos d"], bits: int) -> Embeddings:
    """Outputs of the network as `TripletEncoder.encode_video` gives them."""
    parts = {"global": F.normalize(outputs, dim=-1)}
    if bits:
        packed = pack_bits((outputs >= 0).cpu().numpy())
        parts["code"] = torch.from_numpy(packed).to(outputs.device)
    return Embeddings(parts)


def load(
    folder: Path,
    card: CheckpointCard,
    *,
    trunk: VideoEncoder | None = None,
    device: str = "cpu",
) -> TripletEncoder:
    """Loads a checkpoint folder; it takes no trunk.

    Raises:
        CheckpointError: A file is missing, damaged, or not of this network.
    """
    network = load_network(folder).to(device)
    return TripletEncoder(card.id, network, num_frames=card.num_frames)


def load_network(folder: Path) -> HashNetwork:
    """The network in a folder that `write_network` or `write_length` wrote, in evaluation mode.

    Raises:
        CheckpointError: A file is missing, damaged, or not of this network.
    """
    try:
        config = model_config(json.loads((folder / CONFIG).read_text(encoding="utf-8")))
        state = dict(load_file(folder / WEIGHTS))
        if config.backbone_from:
            state |= _shared_backbone(folder.parent / config.backbone_from, config.backbone_sha256)
    except (OSError, ValueError, SafetensorError, ConfigError) as error:
        raise CheckpointError(f"{folder}: {error}") from error
    try:
        network = network_of(config, {name: tensor.float() for name, tensor in state.items()})
    except ValueError as error:
        raise CheckpointError(f"{folder / WEIGHTS}: {error}") from error
    return network.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]


def network_of(config: TripletModelConfig, state: Mapping[str, Tensor]) -> HashNetwork:
    """The network with these tensors, in evaluation mode.

    Raises:
        ValueError: A tensor is missing, misshapen or not of this network.
    """
    with torch.device("meta"):  # random weights would only be thrown away
        network = HashNetwork(config)
    if problem := _mismatch(network_state(network), state):
        raise ValueError(problem)
    counters = {
        name: torch.zeros((), dtype=torch.long)
        for name in network.state_dict()
        if _COUNTER.search(name)
    }
    network.load_state_dict({**state, **counters}, assign=True)
    return network.eval()


def write_network(network: HashNetwork, folder: Path, *, half: bool = False) -> Path:
    """Writes `config.json` and the weights; returns the weights file.

    Args:
        network: What to keep.
        folder: Made if it is not there.
        half: Stores kernels and matrices in half precision; vectors, among them the statistics of
            the normalisations, stay as they are.
    """
    tensors = {
        name: tensor.half() if half and tensor.ndim > 1 else tensor
        for name, tensor in network_state(network).items()
    }
    return _write(folder, network.config, tensors)


def write_length(full: Path, bits: int, folder: Path) -> Path:
    """Writes a checkpoint with a shorter code beside the one that training wrote.

    Args:
        full: Folder of the longest code, which holds the 3D network and all hash layers.
        bits: Length wanted, one that was trained.
        folder: To write; the two folders stay side by side, for the network is not written twice.

    Returns:
        The weights file, which holds the hash layer alone.

    Raises:
        CheckpointError: This length was not trained.
    """
    if folder.parent.resolve() != full.parent.resolve():
        raise ValueError(f"{folder} does not lie beside {full}")
    layers = load_file(full / HASH_LAYERS)
    own = {
        key.replace(f"{bits}.", "hash_layer."): tensor
        for key, tensor in layers.items()
        if key.startswith(f"{bits}.")
    }
    if not own:
        lengths = sorted({int(key.split(".")[0]) for key in layers})
        raise CheckpointError(f"{full} has no hash layer of {bits} bits; there are {lengths}")
    config = model_config(json.loads((full / CONFIG).read_text(encoding="utf-8")))
    sha256 = checksum(full / WEIGHTS)
    shared = replace(config, bits=bits, backbone_from=full.name, backbone_sha256=sha256)
    return _write(folder, shared, own)


def network_state(network: nn.Module) -> dict[str, Tensor]:
    """The tensors of a checkpoint: all but the counters of batches, which no evaluation reads."""
    state = network.state_dict()
    return {k: v.detach() for k, v in state.items() if not _COUNTER.search(k)}


def _mismatch(wanted: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> str:
    """What keeps `found` from being `wanted`: names or shapes; "" if nothing does."""
    if missing := [name for name in wanted if name not in found]:
        return f"{len(missing)} tensors are missing, among them {missing[0]!r}"
    if extra := [name for name in found if name not in wanted]:
        return f"{len(extra)} tensors are not of this network, among them {extra[0]!r}"
    for name, tensor in wanted.items():
        if found[name].shape != tensor.shape:
            return f"{name!r} is {tuple(found[name].shape)}, not {tuple(tensor.shape)}"
    return ""


def _seen(mask: np.ndarray, wanted: int) -> np.ndarray:
    """Positions of the frames that the network sees; any for a clip without frames."""
    there = np.flatnonzero(mask)
    return there[frame_indices(len(there), wanted)] if len(there) else np.zeros(wanted, np.int64)


def _shared_backbone(folder: Path, sha256: str) -> dict[str, Tensor]:
    path = folder / WEIGHTS
    if not path.is_file():
        raise CheckpointError(f"the 3D network is expected beside it in {path}, which is not there")
    if checksum(path) != sha256:
        raise CheckpointError(f"{path} holds another 3D network than the one it was trained with")
    state = load_file(path)
    return {name: tensor for name, tensor in state.items() if name.startswith("backbone.")}


def _write(folder: Path, config: TripletModelConfig, tensors: dict[str, Tensor]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    weights, temporary = folder / WEIGHTS, folder / (WEIGHTS + ".tmp")
    save_file({name: tensor.cpu().contiguous() for name, tensor in tensors.items()}, str(temporary))
    temporary.replace(weights)
    temporary = folder / (CONFIG + ".tmp")
    temporary.write_text(json.dumps(asdict(config), indent=2) + "\n", encoding="utf-8")
    temporary.replace(folder / CONFIG)
    return weights
