"""Reads the golden vectors of HMMC and builds our modules from the published layout."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from xmr_core.methods.hmmc.config import PretrainConfig
from xmr_core.methods.hmmc.convert import convert_hmmc, fill, our_name
from xmr_core.methods.hmmc.files import read_model
from xmr_core.methods.hmmc.model import HmmcModel
from xmr_core.methods.hmmc.pretrain import HmmcPretrainer, Projector

# Published name, ours.
PROJECTOR = {"linear_hidden.1.": "inner.", "linear_hidden.2.": "norm.", "linear_out.": "out."}
QUEUES = {
    "queue_v_cross_ng": "video",
    "queue_frame_cross_ng": "frame",
    "queue_frame_proj_ng": "projected",
    "queue_title_cross_ng": "title",
    "queue_tag_cross_ng": "tag",
}


def arrays(path: Path) -> dict[str, Any]:
    with np.load(path) as file:
        return {name: torch.from_numpy(file[name]) for name in file.files}


def record(path: Path) -> Any:
    return json.loads(path.read_text())


def model(folder: Path, out: Path) -> HmmcModel:
    convert_hmmc(folder / "pytorch_model.bin", out, heads=record(folder / "config.json")["bheads"])
    return read_model(out).eval()


def published(folder: Path) -> dict[str, Tensor]:
    return torch.load(folder / "pytorch_model.bin", weights_only=True)


def single(value: Tensor) -> Tensor:
    return value.float() if value.is_floating_point() else value


def projector_name(rest: str) -> str:
    old = next(old for old in PROJECTOR if rest.startswith(old))
    return PROJECTOR[old] + rest.removeprefix(old)


def projector(state: dict[str, Tensor], prefix: str) -> Projector:
    found = {
        projector_name(key.removeprefix(prefix)): single(value)
        for key, value in state.items()
        if key.startswith(prefix)
    }
    module = Projector(found["out.weight"].shape[0], found["inner.weight"].shape[0])
    module.load_state_dict(found)
    return module


def trainer_name(key: str) -> str | None:
    """The name of a published tensor in `HmmcPretrainer`; None for one that it does not have."""
    name = our_name(key.replace("visual_encoder_k.", "visual_encoder.").replace(
        "text_encoder_k.", "text_encoder."))  # fmt: skip
    if name is not None:
        if "position_ids" in key:
            return None
        return ("slow_model." if "_encoder_k." in key else "model.") + name
    heads = {
        "v_projector.": "projector.",
        "v_projector_k.": "slow_projector.",
        "v_predictor.": "predictor.",
    }
    for old, new in heads.items():
        if key.startswith(old):
            return new + projector_name(key.removeprefix(old))
    if key.startswith("cls.") and key != "cls.bias":  # the same tensor as cls.decoder.bias
        return "word_head." + key.removeprefix("cls.").replace("transform.", "").replace(
            "LayerNorm", "norm"
        )
    return None


def trainer(folder: Path, out: Path, texts: tuple[str, ...]) -> HmmcPretrainer:
    """The pre-training model of a folder, everything in it from the published file."""
    sizes, state = record(folder / "config.json"), published(folder)
    made = HmmcPretrainer(
        model(folder, out),
        PretrainConfig(
            pretrain_batch_size=sizes["batch"], queue_length=sizes["K"], momentum=sizes["momentum"],
            temperature=sizes["temperature"], inner_width=sizes["inner"],
        ),
        frames=sizes["F"],
        vocabulary=state["cls.decoder.bias"].shape[0],
        texts=texts,
        frame_features=lambda encoder, video: encoder.encode_image(video.flatten(0, 1)).view(
            *video.shape[:2], -1
        ),
    )  # fmt: skip
    ours = {trainer_name(key): value for key, value in state.items()}
    ours.pop(None, None)
    values = {key: single(value) for key, value in ours.items()}
    for old, new in QUEUES.items():
        if new in made.queues:
            values[f"queues.{new}.keys"] = state[old].T.contiguous()
            values[f"queues.{new}.pointer"] = state["queue_ptr"].clone()
    fill(made, values, "fixture")  # type: ignore[arg-type]
    for module in made.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return made.train()
