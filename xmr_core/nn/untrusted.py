"""Published checkpoints of other programs: read without running anything that they hold."""

import argparse
import pickle
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import torch

from xmr_core.errors import CheckpointError

MAX_BYTES = 8 * 2**30
_TOKENIZER_SETTINGS = {"clean", "strip_sep_token", "language", "additional_special_tokens"}
_TOKENIZER_SETTINGS |= {"reduction_mask"}


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of every key of a converted checkpoint.

    Attributes:
        used: Keys whose tensors are in the new checkpoint.
        ignored: Keys that are not, each with the reason.
        missing: Tensors of the model that the file does not have and that got their value
            otherwise, which the converter documents.
        width: Of the embeddings.
        num_frames: Frames that the original takes of a clip; 0 where it takes features only.
        languages: Of its text part; empty for a method without one.
        bits: Length of its codes; 0 for real-valued embeddings.
    """

    used: tuple[str, ...]
    ignored: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    width: int = 0
    num_frames: int = 0
    languages: tuple[str, ...] = ()
    bits: int = 0


def load_untrusted(path: Path) -> Any:
    """Reads a `.pt`, `.pth`, `.tar` or `.bin` file of tensors in plain containers.

    `argparse.Namespace`, which several published files carry their options in, is allowed; every
    other class is refused before any of its code runs.

    Raises:
        CheckpointError: The file is missing, damaged, too large, or would need a class that is not
            allowed.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}") from error
    if size > MAX_BYTES:
        raise CheckpointError(f"{path.name} has {size:,} bytes; at most {MAX_BYTES:,} are read")
    try:
        with torch.serialization.safe_globals([argparse.Namespace]), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about pickle protocols: what is read, is read
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path.name} is not a plain file of tensors, and nothing else is ever loaded:"
            f" {_first_line(error)}"
        ) from error
    except (RuntimeError, OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
        raise CheckpointError(f"{path.name} is damaged: {_first_line(error)}") from error


def state_dict(record: Any, name: str) -> dict[str, torch.Tensor]:
    """A dictionary of tensors, or an error that says what was found instead.

    Args:
        record: What `load_untrusted` returned, or a part of it.
        name: Of the file, for the message.

    Raises:
        CheckpointError: It is something else.
    """
    if not isinstance(record, Mapping) or not record:
        raise CheckpointError(f"{name} holds {type(record).__name__}, not named tensors")
    odd = [str(key) for key, value in record.items() if not isinstance(value, torch.Tensor)]
    if odd:
        raise CheckpointError(f"{name}: not a tensor: {', '.join(odd[:3])}")
    return {str(key): value for key, value in record.items()}


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """The named tensors of a safetensors file, or of a pickled file of nothing but tensors.

    Raises:
        CheckpointError: As `load_untrusted` and `state_dict`.
    """
    if path.suffix != ".safetensors":
        record = load_untrusted(path)
        if isinstance(record, Mapping) and isinstance(record.get("state_dict"), Mapping):
            record = record["state_dict"]
        return state_dict(record, path.name)
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path.name} is damaged: {_first_line(error)}") from error


def without_programs(config: dict[str, Any], name: str) -> dict[str, Any]:
    """An open_clip configuration from outside, such that no library runs code for it.

    open_clip gives `tokenizer_kwargs` to transformers as they are: `trust_remote_code` among them
    would run a program of the checkpoint's folder.

    Args:
        config: With `model_cfg`; it is changed.
        name: Of the checkpoint, for the message.

    Returns:
        The same, with running code forbidden to the tokenizer in so many words.

    Raises:
        CheckpointError: It is no configuration, or gives the tokenizer anything but settings of how
            sentences are cleaned.
    """
    text = config["model_cfg"].get("text_cfg", {})
    given = text.get("tokenizer_kwargs") or {} if isinstance(text, dict) else None
    if not isinstance(given, dict):
        raise CheckpointError(f"{name}: the settings of its text tower are no table")
    if unknown := sorted(set(given) - _TOKENIZER_SETTINGS):
        raise CheckpointError(
            f"{name}: its tokenizer is not given {', '.join(map(str, unknown))}, which could run"
            " a program"
        )
    if text.get("hf_tokenizer_name"):
        text["tokenizer_kwargs"] = {**given, "trust_remote_code": False}
    return config


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
