"""The published checkpoints: their names and shapes become ours."""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from xmr_core.errors import CheckpointError
from xmr_core.methods.hmmc.config import BertSizes, HmmcModelConfig
from xmr_core.methods.hmmc.files import write_model
from xmr_core.methods.hmmc.model import HmmcModel
from xmr_core.methods.hmmc.temporal import temporal_layers
from xmr_core.nn.untrusted import Conversion, load_untrusted, state_dict

# Published name, our name; the first that fits counts.
_NAMES = (
    ("visual_encoder.visual.", "visual."),
    ("visual_encoder.temporal_transformer.resblocks.", "temporal.blocks."),
    ("visual_encoder.frame_position_embeddings.", "temporal.places."),
    ("text_encoder.chinese_encoder.", "text.bert."),
    ("text_encoder.", "text."),
)
_PRETRAINING_ONLY = (
    ("visual_encoder_k.", "momentum copy, needed only to go on with pre-training"),
    ("text_encoder_k.", "momentum copy, needed only to go on with pre-training"),
    ("v_projector", "projector of pre-training"),
    ("t_projector", "projector of pre-training, used by no loss"),
    ("v_predictor.", "predictor of pre-training"),
    ("cls.", "masked language head of pre-training"),
    ("queue_", "queue of pre-training"),
)
_POSITION_IDS = "embeddings.position_ids"
_HEAD_WIDTH = 64


def convert_hmmc(
    file: Path,
    out: Path,
    *,
    top_frames: int = 2,
    legacy_special_tokens: bool = False,
    heads: int | None = None,
    vocabulary: Path | None = None,
) -> Conversion:
    """Writes a folder that `load` reads from a published `pytorch_model.bin`.

    Every size is read off the tensors, the number of temporal blocks too. Weights are kept in
    float32: the published files mix float16 and float32.

    Args:
        file: Fine-tuned or pre-training checkpoint, English or Chinese.
        out: Folder to write.
        top_frames: k of the score; 2 for the MSR-VTT model.
        legacy_special_tokens: Set it for the Chinese VATEX model (see `HmmcModelConfig`).
        heads: Attention heads of the BERT, which its tensors do not tell; by default one for
            every 64 of its width.
        vocabulary: The `vocab.txt` of the BERT, copied into `out`; without it the Chinese model
            cannot read text.

    Raises:
        CheckpointError: The file cannot be read, or a tensor is missing or has the wrong shape.
    """
    published = state_dict(load_untrusted(file), file.name)
    ours, ignored = _sorted(published)
    config = _config(published, heads)
    config = replace(config, top_frames=top_frames, legacy_special_tokens=legacy_special_tokens)
    model = HmmcModel(config)
    fill(model, {new: published[old].float() for old, new in ours.items()}, file.name)
    write_model(model, out, half=False)
    if vocabulary is not None:
        (out / "vocab.txt").write_bytes(vocabulary.read_bytes())
    return Conversion(
        tuple(ours),
        ignored,
        width=config.embed_dim,
        num_frames=12,  # --max_frames of the published commands
        languages=("zh",) if config.text == "bert" else ("en",),
    )


def our_name(published: str) -> str | None:
    """The name of a published tensor of the two towers in `HmmcModel`, or None."""
    for old, new in _NAMES:
        if published.startswith(old):
            return new + published.removeprefix(old)
    return None


def fill(module: torch.nn.Module, state: Mapping[str, Tensor], name: str) -> None:
    """Loads a state strictly.

    Raises:
        CheckpointError: A tensor is missing, unknown or misshapen; the message names the first.
    """
    wanted = module.state_dict()
    for key, tensor in wanted.items():
        if key not in state:
            raise CheckpointError(f"{name} has no tensor for {key}")
        if state[key].shape != tensor.shape:
            raise CheckpointError(
                f"{name}: {key} has the shape {tuple(state[key].shape)},"
                f" the model needs {tuple(tensor.shape)}"
            )
    if unknown := sorted(set(state) - set(wanted)):
        raise CheckpointError(f"{name} has a tensor that the model has no place for: {unknown[0]}")
    module.load_state_dict(dict(state))


def _sorted(published: Mapping[str, Tensor]) -> tuple[dict[str, str], dict[str, str]]:
    """Published keys with our names, and those left out with the reason."""
    ours: dict[str, str] = {}
    ignored: dict[str, str] = {}
    for key in published:
        reason = next((why for prefix, why in _PRETRAINING_ONLY if key.startswith(prefix)), None)
        if reason is None and key.endswith(_POSITION_IDS):
            reason = "the numbers 0, 1, 2, ..., which transformers counts itself today"
        if reason is not None:
            ignored[key] = reason
            continue
        name = our_name(key)
        if name is None:
            raise CheckpointError(f"unknown tensor {key}; this is no HMMC checkpoint")
        ours[key] = name
    return ours, ignored


def _config(published: Mapping[str, Tensor], heads: int | None) -> HmmcModelConfig:
    """All sizes, read off the tensors."""
    try:
        visual = "visual_encoder.visual."
        width, embed_dim = published[visual + "proj"].shape
        patch = published[visual + "conv1.weight"].shape[-1]
        side = math.isqrt(len(published[visual + "positional_embedding"]) - 1) * patch
        values: dict[str, Any] = {
            "embed_dim": embed_dim,
            "image_height": side,
            "image_width": side,
            "patch_size": patch,
            "vision_width": width,
            "vision_layers": _layers(published, visual + "transformer.resblocks."),
            "vision_heads": width // _HEAD_WIDTH,
            "temporal_layers": _layers(published, "visual_encoder.temporal_transformer.resblocks."),
            "frame_positions": len(published["visual_encoder.frame_position_embeddings.weight"]),
        }
        values |= (
            _bert(published, heads)
            if "text_encoder.text_proj.weight" in published
            else _clip_text(published)
        )
    except KeyError as error:
        raise CheckpointError(f"no tensor {error.args[0]}; this is no HMMC checkpoint") from None
    return HmmcModelConfig(
        quick_gelu=True,
        resize="shortest",
        interpolation="bicubic",
        mean=(0.48145466, 0.4578275, 0.40821073),
        std=(0.26862954, 0.26130258, 0.27577711),
        temporal_heads=8,
        temporal_eps=1e-12,
        **values,
    )


def _clip_text(published: Mapping[str, Tensor]) -> dict[str, Any]:
    vocabulary, width = published["text_encoder.token_embedding.weight"].shape
    return {
        "text": "clip",
        "vocab_size": vocabulary,
        "text_width": width,
        "text_layers": _layers(published, "text_encoder.transformer.resblocks."),
        "text_heads": width // _HEAD_WIDTH,
        "context_length": len(published["text_encoder.positional_embedding"]),
    }


def _bert(published: Mapping[str, Tensor], heads: int | None) -> dict[str, Any]:
    prefix = "text_encoder.chinese_encoder."
    vocabulary, width = published[prefix + "embeddings.word_embeddings.weight"].shape
    inner = len(published[prefix + "encoder.layer.0.intermediate.dense.bias"])
    positions = published[prefix + "embeddings.position_embeddings.weight"]
    types = published[prefix + "embeddings.token_type_embeddings.weight"]
    sizes = BertSizes(
        bert_vocabulary=vocabulary,
        bert_width=width,
        bert_layers=_layers(published, prefix + "encoder.layer."),
        bert_heads=heads or width // _HEAD_WIDTH,
        bert_inner=inner,
        bert_positions=len(positions),
        bert_types=len(types),
    )
    return {"text": "bert", "bert": sizes}


def _layers(published: Mapping[str, Tensor], prefix: str) -> int:
    return temporal_layers(list(published), prefix)
