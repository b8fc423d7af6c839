"""An HMMC checkpoint on disk: `config.json` and `model.safetensors`.

Blocks that training left as they were are not stored again: the config names the checkpoint they
came from and its checksum, and loading takes them from there.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from xmr_core.encoder import VideoEncoder
from xmr_core.errors import CheckpointError, ConfigError
from xmr_core.files import checksum
from xmr_core.methods.hmmc.config import model_config
from xmr_core.methods.hmmc.ids import reader
from xmr_core.methods.hmmc.model import HmmcEncoder, HmmcModel
from xmr_core.types import CheckpointCard

CONFIG, WEIGHTS = "config.json", "model.safetensors"
CLIP_WEIGHTS = "open_clip_model.safetensors"
BUNDLED = Path(__file__).resolve().parents[3] / "checkpoints"
_SHARED = "shared"


def write_model(model: HmmcModel, folder: Path, *, half: bool = True, start: str = "") -> Path:
    """Writes `config.json` and the weights, atomically; returns the weights file.

    The files of the reader of texts are not written.

    Args:
        model: What is written.
        folder: Where to.
        half: Whether weights are stored in float16.
        start: Id of a bundled CLIP checkpoint; tensors that are still the same as there are only
            referred to. "" stores all of them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        name: (value.detach().half() if half and value.is_floating_point() else value.detach())
        for name, value in model.state_dict().items()
    }
    record: dict[str, Any] = asdict(model.config)
    if start and Path(start).name == start and (BUNDLED / start / CLIP_WEIGHTS).exists():
        theirs = load_file(BUNDLED / start / CLIP_WEIGHTS)
        state = {
            name: value
            for name, value in state.items()
            if not (name in theirs and torch.equal(theirs[name], value))
        }
        record[_SHARED] = {"checkpoint": start, "sha256": checksum(BUNDLED / start / CLIP_WEIGHTS)}
    temporary = folder / (CONFIG + ".tmp")
    temporary.write_text(json.dumps(record, indent=2) + "\n")
    temporary.replace(folder / CONFIG)
    weights = folder / WEIGHTS
    save_file({k: v.contiguous().clone() for k, v in state.items()}, weights.with_suffix(".tmp"))
    weights.with_suffix(".tmp").replace(weights)
    return weights


def read_model(folder: Path) -> HmmcModel:
    """The model in a folder that `write_model` wrote, in float32.

    Raises:
        CheckpointError: Files are missing or do not fit together.
    """
    try:
        record = json.loads((folder / CONFIG).read_text())
        shared = record.pop(_SHARED, None)
        state = load_file(folder / WEIGHTS)
        model = HmmcModel(model_config(record))
        if shared is not None:
            theirs = _shared_tensors(folder, shared["checkpoint"], shared["sha256"])
            names = model.state_dict().keys() - state.keys()
            state |= {name: theirs[name] for name in names if name in theirs}
        model.load_state_dict({name: value.float() for name, value in state.items()})
    except (
        ConfigError, OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError,
        SafetensorError,
    ) as error:  # fmt: skip
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CheckpointError(f"{folder} holds no usable HMMC model: {reason}") from error
    return model


def load(
    folder: Path,
    card: CheckpointCard,
    *,
    trunk: VideoEncoder | None = None,
    device: str = "cpu",
) -> HmmcEncoder:
    """Loads a checkpoint of this method; it has its own picture part, so `trunk` is not used."""
    model = read_model(folder).to(device)
    return HmmcEncoder(
        card.id,
        model,
        reader(folder, model.config),
        num_frames=card.num_frames,
        languages=card.languages,
    )


def _shared_tensors(folder: Path, name: str, sha256: str) -> dict[str, Tensor]:
    """The tensors of the checkpoint that a model refers to, beside it or bundled."""
    if Path(name).name != name:
        raise CheckpointError(f"{folder}: {name!r} is not the id of a checkpoint")
    for place in (folder.parent / name, BUNDLED / name):
        weights = place / CLIP_WEIGHTS
        if weights.is_file():
            if checksum(weights) != sha256:
                raise CheckpointError(
                    f"{folder} was trained from other weights of {name!r} than those in {place};"
                    " train it again"
                )
            return load_file(weights)
    raise CheckpointError(f"{folder} needs the checkpoint {name!r}, which is not here")
