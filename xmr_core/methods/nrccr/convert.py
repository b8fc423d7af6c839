"""Published NRCCR checkpoints, `model_best.pth.tar`, to a folder that `load` reads."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from xmr_core.errors import CheckpointError
from xmr_core.methods.nrccr.config import NrccrModelConfig, NrccrTextConfig, Picture
from xmr_core.methods.nrccr.model import save_network
from xmr_core.methods.nrccr.network import NrccrNetwork
from xmr_core.methods.nrccr.text import FOLDER, open_text
from xmr_core.nn.untrusted import Conversion, load_untrusted, state_dict

PARTS = ("vid_encoding", "text_encoding", "vid_mapping", "text_mapping", "AdvAgent")
"""The five state dicts of the list `model`, in order."""

_PREFIXES = ("video.", "text.", "video_mapping.", "text_mapping.")
_BERT = "text_bert.text_bert."
_RENAMED = (
    ("input_proj_layer.LayerNorm.", "norm."),
    ("input_proj_layer.net.1.", "project."),
    ("pos_embed_layer.position_embeddings.", "positions."),
    ("pos_embed_layer.LayerNorm.", "position_norm."),
    ("encoder_layer.self.", "attention."),
    ("encoder_layer.output.dense.", "attention.dense."),
    ("encoder_layer.output.LayerNorm.", "attention.norm."),
    ("mapping.fc1.", "linear."),
    ("mapping.bn_1.", "norm."),
    ("proj.", "project."),
)
_REASONS = {
    r"AdvAgent/": "the language adversary is used in training only",
    r"position_ids$": "counts from 0, made anew",
    r"pooler\.": "the pooler of BERT is not used: the model reads the token states",
    r"vid_encoding/module\.encoder\.": "OpenAI CLIP ViT-B/32, left as it was in training:"
    " the frame features come from ViT-B-32-quickgelu/openai",
}


def convert_nrccr(
    file: Path, out: Path, *, vocabulary: Path | None = None, heads: int | None = None
) -> Conversion:
    """Converts a published checkpoint.

    The result counts padding in its means, as the original does (`legacy_padding`), and lower-cases
    text before the cased vocabulary is looked up, as the original does too.

    Args:
        file: `model_best.pth.tar`: a dictionary with the list `model` of five state dicts and the
            options `opt`.
        out: Folder to write.
        vocabulary: `vocab.txt` of bert-base-multilingual-cased, which the file does not hold; by
            default the one beside `file`.
        heads: Attention heads of the BERT; by default one for every 64 of its width, as all
            published ones have.

    Raises:
        CheckpointError: The file is not of this layout, a tensor is missing or has another shape,
            or the vocabulary is missing or of another size.
    """
    parts, options = _read(file)
    words = vocabulary or file.parent / "vocab.txt"
    model = _model_config(parts, options)
    text = NrccrTextConfig(context_length=model.text_positions)
    bert = {k.split(_BERT)[1]: v for k, v in parts["text_encoding"].items() if _BERT in k}
    _write_text(bert, words, out / FOLDER, heads)
    network = NrccrNetwork(model, open_text(text, out / FOLDER).tower)
    wanted = network.state_dict()
    state: dict[str, Tensor] = {}
    used, ignored = [], {}
    for part, prefix in zip(PARTS, (*_PREFIXES, ""), strict=True):
        for key, value in parts[part].items():
            name, full = _renamed(key, prefix), f"{part}/{key}"
            reason = next((why for what, why in _REASONS.items() if re.search(what, full)), None)
            if reason:
                ignored[full] = reason
            elif name not in wanted or wanted[name].shape != value.shape:
                shape = tuple(wanted[name].shape) if name in wanted else "nothing"
                raise CheckpointError(
                    f"{file.name}: {full} has shape {tuple(value.shape)}, expected {shape}"
                )
            else:
                state[name] = value
                used.append(full)
    if missing := sorted(set(wanted) - set(state)):
        raise CheckpointError(f"{file.name} lacks tensors for {', '.join(missing[:5])}")
    network.load_state_dict(state)
    save_network(network, text, out, torch.float32)
    return Conversion(
        tuple(used),
        ignored,
        width=model.space,
        num_frames=model.max_frames,
        languages=("en", "zh"),
    )


def _read(file: Path) -> tuple[dict[str, dict[str, Tensor]], Mapping[str, Any]]:
    """The five state dicts by name, and the options."""
    record = load_untrusted(file)
    parts = record.get("model") if isinstance(record, Mapping) else None
    if not isinstance(parts, list) or len(parts) != len(PARTS):
        raise CheckpointError(
            f"{file.name} is not an NRCCR checkpoint: it needs a list 'model' of {len(PARTS)} parts"
        )
    named = {
        name: state_dict(part, f"{file.name}, {name}")
        for name, part in zip(PARTS, parts, strict=True)
    }
    return named, vars(record["opt"]) if "opt" in record else {}


def _model_config(
    parts: dict[str, dict[str, Tensor]], options: Mapping[str, Any]
) -> NrccrModelConfig:
    """Sizes from the shapes, numbers of heads from the options."""
    video, text = parts["vid_encoding"], parts["text_encoding"]
    attends = "module.input_proj_layer.net.1.weight" in video
    projection = "module.input_proj_layer.net.1.weight" if attends else "module.proj.weight"
    picture: Picture = "frames" if attends else "image"
    if not attends and "resnet" in str(options.get("img_encoder", "")):
        picture = "image-rectified"
    positions = "module.pos_embed_layer.position_embeddings.weight"
    try:
        video_width, feature_width = video[projection].shape
        return NrccrModelConfig(
            feature_width=feature_width,
            picture=picture,
            video_width=video_width,
            video_positions=len(video[positions]) if attends else 1,
            video_heads=int(options.get("video_num_attention", 8)),
            text_positions=len(text[positions]),
            text_heads=int(options.get("text_num_attention", 8)),
            attention_width=len(text["module.encoder_layer.self.query.weight"]),
            space=len(parts["vid_mapping"]["mapping.fc1.weight"]),
            dropout=float(options.get("dropout", 0.2)),
            legacy_padding=True,
        )
    except KeyError as error:
        raise CheckpointError(f"the checkpoint has no tensor {error}") from error


def _write_text(bert: dict[str, Tensor], vocabulary: Path, folder: Path, heads: int | None) -> None:
    """Writes the configuration of the BERT and its tokenizer."""
    from transformers import BertConfig, BertTokenizer

    try:
        rows, width = bert["embeddings.word_embeddings.weight"].shape
        config = BertConfig(
            vocab_size=rows,
            hidden_size=width,
            num_hidden_layers=len([k for k in bert if k.endswith("attention.self.query.weight")]),
            num_attention_heads=heads or max(1, width // 64),
            intermediate_size=len(bert["encoder.layer.0.intermediate.dense.weight"]),
            max_position_embeddings=len(bert["embeddings.position_embeddings.weight"]),
            type_vocab_size=len(bert["embeddings.token_type_embeddings.weight"]),
        )
    except KeyError as error:
        raise CheckpointError(f"the checkpoint's BERT has no tensor {error}") from error
    if not vocabulary.is_file():
        raise CheckpointError(
            f"{vocabulary} is missing: give the vocab.txt of bert-base-multilingual-cased"
        )
    words = vocabulary.read_text(encoding="utf-8").splitlines()
    if len(words) != rows:
        raise CheckpointError(
            f"{vocabulary.name} has {len(words):,} words, the checkpoint {rows:,}; it belongs to"
            " another model"
        )
    folder.mkdir(parents=True, exist_ok=True)
    config.save_pretrained(folder)
    BertTokenizer(str(vocabulary), do_lower_case=True).save_pretrained(folder)


def _renamed(key: str, prefix: str) -> str:
    """Our name of a tensor."""
    key = key.removeprefix("module.")
    if key.startswith(_BERT):
        return "tower.model." + key.removeprefix(_BERT)
    for theirs, ours in _RENAMED:
        if key.startswith(theirs):
            return prefix + ours + key.removeprefix(theirs)
    return prefix + key
