"""Folders in the layout of open_clip, read without a network and without running what they hold.

Most repositories hold `open_clip_config.json` and safetensors. Older ones hold nothing but a
pickled state, sometimes not even the settings of their text tower; what is missing then comes from
the checkpoint's card (`source`): the name of an architecture that open_clip knows, the settings of
the text tower, the special tokens of its tokenizer.
"""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import open_clip
import torch
from open_clip.convert import convert_state_dict
from open_clip.model import convert_to_custom_text_state_dict
from open_clip.transform import PreprocessCfg, merge_preprocess_dict
from torch import Tensor, nn

from xmr_core.errors import CheckpointError
from xmr_core.nn.untrusted import read_weights, without_programs

CONFIG = "open_clip_config.json"
OPEN_CLIP_WEIGHTS = (
    "open_clip_model.safetensors",
    "open_clip_pytorch_model.safetensors",
    "open_clip_pytorch_model.bin",
)

_UNBUILDABLE = (RuntimeError, ValueError, OSError, KeyError, TypeError, AssertionError, ImportError)

Parts = tuple[nn.Module, Callable[[list[str]], Any], PreprocessCfg]


def open_clip_parts(weights: Path, source: Mapping[str, Any]) -> Parts:
    """The model of a folder in evaluation mode, its tokenizer and its preprocessing.

    Args:
        weights: The weights; all other files are looked for beside them.
        source: What a card says about them: `architecture` and `tag` of open_clip, `text_config`
            and `tokenizer_config` as transformers would read them; used where the folder itself
            says nothing.

    Raises:
        CheckpointError: Something is missing, damaged, or does not fit together.
    """
    folder = weights.parent
    with TemporaryDirectory() as temporary:
        whole = Path(temporary)
        config = _complete(folder, source, whole)
        try:
            model = _build(config["model_cfg"])
            tokenizer = open_clip.get_tokenizer(f"local-dir:{whole}")
            size = {"size": getattr(model.visual, "image_size", None) or PreprocessCfg().size}
            preprocess = merge_preprocess_dict(asdict(PreprocessCfg()), config["preprocess_cfg"])
            preprocess = PreprocessCfg(**{**preprocess, **size})
        except _UNBUILDABLE as error:
            raise CheckpointError(
                f"{folder.name}: open_clip cannot build this model: {_first_line(error)}"
            ) from error
    _fill(model, read_weights(weights), weights.name)
    open_clip.set_model_preprocess_cfg(model, asdict(preprocess))
    return model.eval(), tokenizer, preprocess


def _build(model_cfg: Mapping[str, Any]) -> Any:
    """The model with random weights; none are looked for on the hub, as `create_model` would."""
    cfg = deepcopy(dict(model_cfg))
    if "multimodal_cfg" in cfg:
        raise CheckpointError("a CoCa model writes captions; only models that compare are read")
    text, vision = cfg["text_cfg"], cfg["vision_cfg"]
    custom = cfg.pop("custom_text", False) or bool(text.get("hf_model_name"))
    if text.get("hf_model_name"):
        text["hf_model_pretrained"] = False
    if vision.get("timm_model_name"):
        vision["timm_model_pretrained"] = False
    return (open_clip.CustomTextCLIP if custom else open_clip.CLIP)(**cfg)


def _complete(folder: Path, source: Mapping[str, Any], whole: Path) -> dict[str, Any]:
    """Puts what open_clip reads into `whole`: links to the folder's files, and what it lacks.

    Returns:
        `model_cfg` and `preprocess_cfg`.
    """
    for path in folder.iterdir():
        if path.is_file() and path.suffix not in {".bin", ".safetensors", ".pt", ".toml"}:
            (whole / path.name).symlink_to(path.resolve())
    config = without_programs(_config(folder, source), folder.name)
    text = config["model_cfg"].get("text_cfg", {})
    if text.get("hf_model_name"):
        settings = whole / "text"
        settings.mkdir()
        given = folder / "text" / "config.json"
        if given.is_file():
            (settings / "config.json").write_text(_without_code(given))
        elif "text_config" in source:
            (settings / "config.json").write_text(json.dumps(source["text_config"]))
        else:
            raise CheckpointError(
                f"{folder.name}: the settings of its text tower ({text['hf_model_name']}) are"
                " neither in text/config.json nor in the card"
            )
        text["hf_model_name"] = str(settings)
    if "tokenizer_config" in source and not (whole / "tokenizer_config.json").exists():
        (whole / "tokenizer_config.json").write_text(json.dumps(source["tokenizer_config"]))
    (whole / CONFIG).unlink(missing_ok=True)
    (whole / CONFIG).write_text(json.dumps(config))
    return config


def _without_code(path: Path) -> str:
    """Settings of a text tower without the names of programs that would make it."""
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} is not valid JSON: {error}") from error
    if not isinstance(settings, dict):
        raise CheckpointError(f"{path} is not a table of settings")
    return json.dumps({key: value for key, value in settings.items() if key != "auto_map"})


def _config(folder: Path, source: Mapping[str, Any]) -> dict[str, Any]:
    """`model_cfg` and `preprocess_cfg`: the folder's own, else those that open_clip knows."""
    path = folder / CONFIG
    if path.is_file():
        try:
            config = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise CheckpointError(f"{path} is not valid JSON: {error}") from error
        if not isinstance(config, dict) or not isinstance(config.get("model_cfg"), dict):
            raise CheckpointError(f"{path} has no model_cfg")
        return {
            "model_cfg": config["model_cfg"],
            "preprocess_cfg": config.get("preprocess_cfg", {}),
        }
    architecture, tag = source.get("architecture", ""), source.get("tag", "")
    model = open_clip.get_model_config(architecture) if architecture else None
    if model is None:
        raise CheckpointError(
            f"{folder} has no {CONFIG}, and there is no card that names one of open_clip's"
            " architectures"
        )
    known = open_clip.get_pretrained_cfg(architecture, tag) or {}
    names = ("mean", "std", "interpolation", "resize_mode")
    return {
        "model_cfg": model,
        "preprocess_cfg": {name: known[name] for name in names if name in known},
    }


def _fill(model: nn.Module, state: dict[str, Tensor], name: str) -> None:
    """Puts weights into a model, in whichever of open_clip's layouts they are; all must fit."""
    towers: Any = model
    state = {key.removeprefix("module."): value for key, value in state.items()}
    state = convert_state_dict(towers, state)
    if "positional_embedding" in state and not hasattr(model, "positional_embedding"):
        state = convert_to_custom_text_state_dict(state)
    for scalar in ("logit_scale", "logit_bias"):
        if scalar in state and getattr(towers, scalar, None) is not None:
            state[scalar] = state[scalar].reshape(getattr(towers, scalar).shape)
    state.pop("text.transformer.embeddings.position_ids", None)  # a count, not a weight
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        lines = str(error).splitlines()
        reason = " ".join(line.strip() for line in lines[1:3]) or lines[0]
        raise CheckpointError(f"{name} does not fit its settings: {reason[:300]}") from error
    if not all(torch.isfinite(value).all() for value in (towers.logit_scale,)):
        raise CheckpointError(f"{name}: its logit scale is not a number")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
