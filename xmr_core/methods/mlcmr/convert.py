"""Published MLCMR checkpoints (`model_best.pth.tar`) as folders of ours."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from xmr_core.errors import CheckpointError
from xmr_core.methods.mlcmr.config import MlcmrModelConfig
from xmr_core.methods.mlcmr.files import bert_tower, write_mlcmr
from xmr_core.methods.mlcmr.network import MlcmrNetwork
from xmr_core.nn.untrusted import Conversion, load_untrusted, state_dict

PARTS = ("video encoder", "text encoder", "video mapping", "text mapping")
VOCABULARY = "vocab.txt"

_BERT = "text_bert.text_bert."
_HEAD_WIDTH = 64  # of every published BERT
# Weights of the query at test time in the public code, by how its training sentences came to be.
_HUMAN_LABEL, _TRANSLATED = 0.85, 0.55


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a tensor goes: its name in our network, and whether its layout differs there."""

    name: str
    is_convolution: bool = False


def convert_mlcmr(
    file: Path, out: Path, *, heads: int | None = None, legacy_padding: bool = False
) -> Conversion:
    """Converts a published checkpoint.

    Args:
        file: `model_best.pth.tar`. A `vocab.txt` of the BERT beside it is taken along; without it
            the converted checkpoint reads no text.
        out: Folder to write.
        heads: Attention heads of the BERT, which the file does not tell; by default one for 64
            channels, as in every published BERT.
        legacy_padding: See `MlcmrModelConfig`.

    Raises:
        CheckpointError: The file is something else, or a tensor is missing or misshapen.
    """
    parts, options = _parts(load_untrusted(file), file.name)
    bert = _bert_settings(parts[1], heads, file.name)
    config = _config(parts, options, file.name, legacy_padding, bert["max_position_embeddings"])
    network = MlcmrNetwork(config, bert_tower(bert))
    used, ignored = _fill(network, parts, file.name)
    tokenizer = _tokenizer(file.parent / VOCABULARY)
    write_mlcmr(network, tokenizer, out, half=False)
    missing = () if tokenizer is not None else (f"{VOCABULARY} (put it beside {file.name})",)
    return Conversion(
        tuple(used),
        ignored,
        missing,
        width=config.embed_dim,
        num_frames=config.max_frames,
        languages=("en", "zh"),
    )


def _tokenizer(vocabulary: Path) -> Any:
    """The tokenizer of a BERT's vocabulary, or None if the file is not there."""
    if not vocabulary.is_file():
        return None
    from tokenizers.implementations.bert_wordpiece import BertWordPieceTokenizer
    from transformers import PreTrainedTokenizerFast

    words = vocabulary.read_text(encoding="utf-8").splitlines()
    # The public code lower-cases although the vocabulary is the cased one.
    pieces = BertWordPieceTokenizer({word: i for i, word in enumerate(words)}, lowercase=True)
    return PreTrainedTokenizerFast(
        tokenizer_object=pieces._tokenizer,
        **{f"{name}_token": f"[{name.upper()}]" for name in ("unk", "cls", "sep", "pad", "mask")},
    )


def _parts(record: Any, name: str) -> tuple[list[dict[str, Tensor]], Mapping[str, Any]]:
    """The four state dicts and the options they were trained with."""
    states = record.get("model") if isinstance(record, Mapping) else None
    if not isinstance(states, list) or len(states) != len(PARTS):
        raise CheckpointError(f"{name} is no MLCMR checkpoint: it has no list of four state dicts")
    named = zip(PARTS, states, strict=True)
    parts = [state_dict(state, f"{name}, {part}") for part, state in named]
    return parts, vars(record["opt"]) if hasattr(record.get("opt"), "__dict__") else {}


def _config(
    parts: list[dict[str, Tensor]],
    options: Mapping[str, Any],
    name: str,
    legacy_padding: bool,
    context_length: int,
) -> MlcmrModelConfig:
    """Sizes read off the tensors."""
    video, _, video_mapping, _ = parts
    try:
        gates, frame_width = video["rnn.weight_ih_l0"].shape
        kernels = [key for key in sorted(video) if re.fullmatch(r"convs1\.\d+\.weight", key)]
        return MlcmrModelConfig(
            frame_width=frame_width,
            gru_width=gates // 3,
            conv_channels=len(video["convs1.0.weight"]),
            kernel_sizes=tuple(video[key].shape[2] for key in kernels),
            embed_dim=len(video_mapping["mapping.fc1.weight"]),
            text_tower="bert",
            context_length=context_length,
            cleans_english=True,
            query_weight_en=_query_weight(options),
            query_weight_zh=_query_weight(options),
            legacy_padding=legacy_padding,
        )
    except (KeyError, ValueError, IndexError) as error:
        raise CheckpointError(
            f"{name} is no MLCMR checkpoint: {error} is missing or odd"
        ) from error


def _query_weight(options: Mapping[str, Any]) -> float:
    parallel = options.get("train_mode") == "parallel"
    return _HUMAN_LABEL if parallel and _by_people(options) else _TRANSLATED


def _by_people(options: Mapping[str, Any]) -> bool:
    return options.get("label_situation") == "human_label"


def _bert_settings(text: dict[str, Tensor], heads: int | None, name: str) -> dict[str, Any]:
    """Settings of transformers' BERT, read off its tensors."""
    try:
        vocabulary, hidden = text[_BERT + "embeddings.word_embeddings.weight"].shape
        positions = len(text[_BERT + "embeddings.position_embeddings.weight"])
        types = len(text[_BERT + "embeddings.token_type_embeddings.weight"])
        inner = len(text[_BERT + "encoder.layer.0.intermediate.dense.weight"])
    except (KeyError, ValueError) as error:
        raise CheckpointError(f"{name} has no BERT that we know: {error}") from error
    layers = {key.split(".layer.")[1].split(".")[0] for key in text if ".encoder.layer." in key}
    heads = heads or hidden // _HEAD_WIDTH
    if not heads or hidden % heads:
        raise CheckpointError(f"{name}: {hidden} channels do not make {heads} heads; give heads")
    return {
        "model_type": "bert",
        "vocab_size": vocabulary,
        "hidden_size": hidden,
        "num_hidden_layers": len(layers),
        "num_attention_heads": heads,
        "intermediate_size": inner,
        "max_position_embeddings": positions,
        "type_vocab_size": types,
    }


def _target(part: int, key: str) -> _Target | str:
    """Where a tensor of the file goes, or why it goes nowhere."""
    if part == 0:
        number = re.fullmatch(r"convs1\.(\d+)\.(weight|bias)", key)
        if number:
            name = f"levels.convolutions.{number[1]}.{number[2]}"
            return _Target(name, is_convolution=number[2] == "weight")
        return _Target("levels.gru." + key.removeprefix("rnn."))
    if part == 1:
        inner = key.removeprefix(_BERT)
        if inner == "embeddings.position_ids":
            return "0, 1, 2, ...: newer versions of transformers count for themselves"
        if inner.startswith("pooler."):
            return "the pooled output of BERT is not used"
        return _Target("tower.model." + inner)
    mapping = "video_mapping" if part == 2 else "text_mapping"
    inner = key.removeprefix("mapping.").replace("fc1.", "linear.").replace("bn_1.", "norm.")
    return _Target(f"{mapping}.{inner}")


def _fill(
    network: MlcmrNetwork, parts: list[dict[str, Tensor]], name: str
) -> tuple[list[str], dict[str, str]]:
    """Puts every tensor of the file in its place; each of ours gets one."""
    ours = network.state_dict()
    used: list[str] = []
    ignored: dict[str, str] = {}
    filled: dict[str, Tensor] = {}
    for number, part in enumerate(parts):
        for key, value in part.items():
            label, target = f"model[{number}].{key}", _target(number, key)
            if isinstance(target, str):
                ignored[label] = target
                continue
            if target.is_convolution and value.ndim == 4:
                value = value.squeeze(1).transpose(1, 2)  # (channels, 1, frames, states) there
            if target.name not in ours:
                raise CheckpointError(f"{name}: {label} has no place in MLCMR")
            if value.shape != ours[target.name].shape:
                wanted = tuple(ours[target.name].shape)
                raise CheckpointError(f"{name}: {label} is {tuple(value.shape)}, not {wanted}")
            filled[target.name] = value
            used.append(label)
    if missing := sorted(set(ours) - set(filled)):
        raise CheckpointError(f"{name} lacks {', '.join(missing[:3])}")
    network.load_state_dict(filled)
    return used, ignored
