"""Published checkpoints of 3D networks and of video hashing as folders of our own.

Every key of a file is used or named with the reason why not; a tensor that the network needs and
the file lacks, or that has another shape, is an error. Nothing is taken in part.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from xmr_core.errors import CheckpointError, ConfigError
from xmr_core.methods.triplet.config import BackboneConfig, PictureConfig, TripletModelConfig
from xmr_core.methods.triplet.model import network_of, write_network
from xmr_core.nn.untrusted import Conversion, load_untrusted, state_dict

_COUNTER = "a counter of batches, which no evaluation reads"
_CLASSIFIER = "the classifier of the pre-training classes"

# Scale and statistics of the pictures that each family was trained on.
_ACTIVITYNET = PictureConfig(
    resize_height=112,
    resize_width=112,
    keep_aspect=True,
    white=255.0,
    mean=(114.7748, 107.7354, 99.4750),
    std=(1.0, 1.0, 1.0),
)
_KINETICS = PictureConfig(
    resize_height=112,
    resize_width=112,
    keep_aspect=True,
    mean=(0.4345, 0.4051, 0.3775),
    std=(0.2768, 0.2713, 0.2737),
)
_TORCHVISION = PictureConfig(
    mean=(0.43216, 0.394666, 0.37645),
    std=(0.22803, 0.22145, 0.216989),
)


def convert_c3d_hash(file: Path, out: Path) -> Conversion:
    """A trained model of github.com/zhongzhh8/Video-Retrieval-C3D (acb61ca).

    A bare state dict of `module.resnet.*` with shortcuts of type A and
    `module.hash_layer.hashcoder.0.{weight,bias}`. The number of frames is that in the name of the
    file's folder, "..._32frames", else 16.

    Args:
        file: `net_epoch{e}_mAP{x}.pth`.
        out: Folder to write.

    Raises:
        CheckpointError: The file is not of this layout, or tensors are missing or misshapen.
    """
    state = state_dict(load_untrusted(file), file.name)
    names: dict[str, str] = {}
    ignored: dict[str, str] = {}
    for key in state:
        name = key.removeprefix("module.")
        if name.endswith(".num_batches_tracked"):
            ignored[key] = _COUNTER
        elif name.startswith("resnet."):
            names[key] = "backbone." + name.removeprefix("resnet.")
        else:
            names[key] = name.replace("hash_layer.hashcoder.0.", "hash_layer.")
    found = {name: state[key] for key, name in names.items()}
    hash_layer = found.get("hash_layer.weight")
    if hash_layer is None:
        raise CheckpointError(f"{file.name} has no hash layer; is it of --format 3dresnets?")
    stated = re.search(r"_(\d+)frames$", file.resolve().parent.name)
    config = TripletModelConfig(
        backbone=_backbone_of(found, file.name),
        picture=PictureConfig(),
        bits=len(hash_layer),
        num_frames=int(stated[1]) if stated else 16,
    )
    _write(config, found, file.name, out)
    bits = config.bits
    return Conversion(tuple(names), ignored, width=bits, bits=bits, num_frames=config.num_frames)


def convert_3dresnets(file: Path, out: Path) -> Conversion:
    """A pre-trained network of github.com/kenshohara/3D-ResNets-PyTorch, or torchvision's r3d_18.

    The first has two families: the files of the paper of 2018 with shortcuts of type A, trained on
    values 0 to 255 less the mean of ActivityNet, and those of 2020 with shortcuts of type B,
    trained on normalised values. The folder has no hash layer: its encoder compares pooled
    features.

    Args:
        file: `resnet-18-kinetics.pth`, `r3d18_K_200ep.pth`, `r3d_18-*.pth` or one like them.
        out: Folder to write.

    Raises:
        CheckpointError: The file is not of these layouts, or tensors are missing or misshapen.
    """
    record = load_untrusted(file)
    ignored: dict[str, str] = {}
    if isinstance(record, Mapping) and "state_dict" in record:
        ignored = {str(k): "not a tensor of the network" for k in record if k != "state_dict"}
        record = record["state_dict"]
    state = state_dict(record, file.name)
    names: dict[str, str] = {}
    for key in state:
        name = key.removeprefix("module.")
        if name.endswith(".num_batches_tracked"):
            ignored[key] = _COUNTER
        elif name.startswith("fc."):
            ignored[key] = _CLASSIFIER
        else:
            names[key] = "backbone." + name
    found = {name: state[key] for key, name in names.items()}
    backbone = _backbone_of(found, file.name)
    picture = _ACTIVITYNET if backbone.shortcut == "A" else _KINETICS
    if backbone.kind == "r3d_18":
        picture = _TORCHVISION
    config = TripletModelConfig(backbone=backbone, picture=picture, bits=0, num_frames=16)
    _write(config, found, file.name, out)
    width = 8 * backbone.width  # of the last stage
    return Conversion(tuple(names), ignored, width=width, num_frames=config.num_frames)


def _backbone_of(tensors: Mapping[str, Tensor], name: str) -> BackboneConfig:
    """The network that these tensors belong to, told by their names and shapes."""
    if any(key.startswith("backbone.stem.") for key in tensors):
        return BackboneConfig(kind="r3d_18")
    stem = tensors.get("backbone.conv1.weight")
    if stem is None or stem.ndim != 5:
        raise CheckpointError(f"{name} has no first 3D convolution; it is not a 3D ResNet")
    if any(".conv3." in key for key in tensors):
        raise CheckpointError(f"{name} is a network of bottleneck blocks; only 18 and 34 are built")
    blocks = tuple(
        len({key.split(".")[2] for key in tensors if key.startswith(f"backbone.layer{stage}.")})
        for stage in range(1, 5)
    )
    depth = 2 + 2 * sum(blocks)
    shortcut = "B" if any(".downsample." in key for key in tensors) else "A"
    try:
        return BackboneConfig(
            depth=depth, shortcut=shortcut, width=len(stem), stem_frames=stem.shape[2]
        )
    except ConfigError as error:
        raise CheckpointError(f"{name}: {error}") from error


def _write(config: TripletModelConfig, found: Mapping[str, Tensor], name: str, out: Path) -> None:
    try:
        network = network_of(config, {key: tensor.float() for key, tensor in found.items()})
    except ValueError as error:
        raise CheckpointError(f"{name}: {error}") from error
    write_network(network, out)
