"""The files of an MLCMR checkpoint: settings, vocabulary, weights."""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from xmr_core.errors import CheckpointError, ConfigError
from xmr_core.methods.mlcmr.config import MlcmrModelConfig
from xmr_core.methods.mlcmr.network import MlcmrNetwork
from xmr_core.nn.text import BertIds, BertTower, SmallTextTower, ToIds, WordIds
from xmr_core.nn.tokenizer import save_tokenizer

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
BERT_CONFIG = "bert.json"
VOCABULARY = "tokenizer.json"


def write_mlcmr(network: MlcmrNetwork, tokenizer: Any, folder: Path, *, half: bool = True) -> Path:
    """Writes a folder that `read_mlcmr` reads; returns the weights file.

    Args:
        network: Its settings are written too.
        tokenizer: Of our own vocabulary for the small tower, of transformers for a BERT; None if
            it is to be added later.
        folder: Where to; made if need be.
        half: Matrices in half precision. Vectors, among them the statistics of normalisation, keep
            single precision.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(network.tower, BertTower):
        _write_json(network.tower.model.config.to_dict(), folder / BERT_CONFIG)
        if tokenizer is not None:
            tokenizer.save_pretrained(str(folder))
    else:
        save_tokenizer(tokenizer, folder)
    _write_json(asdict(network.config), folder / CONFIG)
    state = {name: _stored(value, half) for name, value in network.state_dict().items()}
    temporary = folder / (WEIGHTS + ".tmp")
    save_file(state, str(temporary))
    temporary.replace(folder / WEIGHTS)
    return folder / WEIGHTS


def read_mlcmr(folder: Path) -> tuple[MlcmrNetwork, ToIds, Tokenizer | None]:
    """Reads such a folder.

    Returns:
        The network, what makes ids of texts, and our own vocabulary if the text tower has it.

    Raises:
        CheckpointError: A file is missing or does not fit the others.
    """
    config = _config(folder)
    own = None
    if config.text_tower == "small":
        own = _own_vocabulary(folder)
        tower: nn.Module = small_tower(config, own.get_vocab_size())
        to_ids: ToIds = WordIds(own, config.context_length)
    else:
        tower, to_ids = _bert(folder), BertIds(_bert_tokenizer(folder), config.context_length)
    network = MlcmrNetwork(config, tower)
    try:
        state = load_file(str(folder / WEIGHTS))
        network.load_state_dict({name: _single(value) for name, value in state.items()})
    except (OSError, SafetensorError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise CheckpointError(f"{folder / WEIGHTS} cannot be loaded: {reason}") from error
    return network.eval(), to_ids, own


def small_tower(config: MlcmrModelConfig, vocabulary: int) -> SmallTextTower:
    """The text tower of our own, untrained."""
    return SmallTextTower(
        vocabulary, config.text_width, config.text_layers, config.text_heads, config.context_length
    )


def bert_tower(settings: dict[str, Any]) -> BertTower:
    """An untrained BERT-like tower from transformers' own settings, without a pooler.

    Raises:
        CheckpointError: transformers has no such model.
    """
    from transformers import AutoConfig, AutoModel

    settings = dict(settings)
    try:
        config = AutoConfig.for_model(settings.pop("model_type"), **settings)
        return BertTower(AutoModel.from_config(config, add_pooling_layer=False))
    except (KeyError, ValueError, TypeError) as error:
        raise CheckpointError(
            f"{BERT_CONFIG} describes no BERT that can be built: {error}"
        ) from error


def _config(folder: Path) -> MlcmrModelConfig:
    record = _read_json(folder / CONFIG)
    known = {field.name for field in fields(MlcmrModelConfig)}
    if unknown := sorted(set(record) - known):
        raise CheckpointError(f"{folder / CONFIG}: unknown settings: {', '.join(unknown)}")
    try:
        return MlcmrModelConfig(**{**record, "kernel_sizes": tuple(record["kernel_sizes"])})
    except (ConfigError, TypeError, KeyError) as error:
        raise CheckpointError(f"{folder / CONFIG}: {error}") from error


def _own_vocabulary(folder: Path) -> Tokenizer:
    try:
        return Tokenizer.from_str((folder / VOCABULARY).read_text(encoding="utf-8"))
    except OSError as error:
        raise CheckpointError(f"{folder} has no {VOCABULARY}, the words of the model") from error


def _bert(folder: Path) -> BertTower:
    return bert_tower(_read_json(folder / BERT_CONFIG))


def _bert_tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    if not (folder / VOCABULARY).exists():
        raise CheckpointError(
            f"{folder} has no tokenizer: convert again with vocab.txt of"
            " bert-base-multilingual-cased beside the checkpoint file"
        )
    return AutoTokenizer.from_pretrained(
        str(folder), local_files_only=True, trust_remote_code=False
    )


def _stored(value: Tensor, half: bool) -> Tensor:
    narrow = half and value.is_floating_point() and value.ndim >= 2
    return (value.detach().half() if narrow else value.detach()).cpu().contiguous()


def _single(value: Tensor) -> Tensor:
    return value.float() if value.dtype == torch.float16 else value


def _write_json(record: dict[str, Any], path: Path) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} is missing or is not JSON: {error}") from error
