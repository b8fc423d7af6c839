"""A small random-weight model of every method, built as its checkpoints are."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import open_clip
import torch

from xmr_core.checkpoints import write_card
from xmr_core.encoder import DualEncoder
from xmr_core.gallery.files import checksum
from xmr_core.methods.clip.config import ClipModelConfig
from xmr_core.methods.clip.model import load_open_clip, write_open_clip
from xmr_core.methods.cmfh.config import CmfhConfig
from xmr_core.methods.cmfh.encoder import CmfhEncoder
from xmr_core.methods.cmfh.model import CmfhModel, Projections
from xmr_core.methods.hmmc.config import HmmcModelConfig
from xmr_core.methods.hmmc.files import load as load_hmmc
from xmr_core.methods.hmmc.files import write_model
from xmr_core.methods.hmmc.model import HmmcModel
from xmr_core.nn.tokenizer import save_tokenizer, train_tokenizer
from xmr_core.types import CheckpointCard


def small_clip(folder: Path) -> DualEncoder:
    config = ClipModelConfig(
        embed_dim=32,
        image_height=32,
        image_width=48,
        vision_width=64,
        vision_layers=2,
        text_width=32,
        text_layers=2,
        context_length=16,
    )
    tokenizer = train_tokenizer(
        ["a red car drives to the left", "two blue dogs jump on the road"] * 5,
        [("红色的汽车", ["红色", "汽车"])] * 5,
    )
    model_cfg = config.open_clip(tokenizer.get_vocab_size())
    folder.mkdir(parents=True, exist_ok=True)
    save_tokenizer(tokenizer, folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = open_clip.CLIP(
            embed_dim=model_cfg["embed_dim"],
            vision_cfg=model_cfg["vision_cfg"],
            text_cfg=model_cfg["text_cfg"],
        )
    write_open_clip(model, model_cfg, config.preprocess(), folder)
    return load_open_clip(
        f"local-dir:{folder}", id="small-clip", num_frames=4, closed_vocabulary=True
    )


def write_small_card(folder: Path) -> None:
    """The card of `small_clip` in its folder."""
    weights = folder / "open_clip_model.safetensors"
    card = CheckpointCard(
        id="small",
        method="clip",
        title="Small",
        languages=("en", "zh"),
        width=32,
        num_frames=4,
        weights=weights.name,
        sha256=checksum(weights),
        licence="MIT",
        closed_vocabulary=True,
        trained={"seed": 0, "minutes": 1.5},
        metrics={"retrieval": {"t2v": {"R@1": 12.5}}},
    )
    write_card(card, folder)


def small_cmfh(folder: Path) -> DualEncoder:
    rng = np.random.default_rng(0)
    matrices = (rng.standard_normal((16, 32)), rng.standard_normal((16, 32)))
    means = (rng.standard_normal(32) / 10, rng.standard_normal(32) / 10)
    if not (folder / "config.json").exists():
        CmfhModel(CmfhConfig(bits=16), Projections(matrices, means)).save(folder)
    return CmfhEncoder(
        "small-cmfh", CmfhModel.load(folder), small_clip(folder / "trunk"), hashing=True
    )


def small_hmmc(folder: Path) -> DualEncoder:
    tokenizer = train_tokenizer(
        ["a red car drives to the left", "two blue dogs jump on the road"] * 5,
        [("红色的汽车", ["红色", "汽车"])] * 5,
    )
    folder.mkdir(parents=True, exist_ok=True)
    save_tokenizer(tokenizer, folder)
    config = HmmcModelConfig(
        embed_dim=32,
        image_height=32,
        image_width=48,
        vision_width=64,
        vision_layers=2,
        vision_heads=2,
        vocab_size=tokenizer.get_vocab_size(),
        text_width=32,
        text_layers=2,
        text_heads=2,
        context_length=16,
        frame_positions=12,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        weights = write_model(HmmcModel(config), folder)
    card = CheckpointCard(
        id="small-hmmc",
        method="hmmc",
        title="Small HMMC",
        languages=("en", "zh"),
        width=config.embed_dim,
        num_frames=4,
        weights=weights.name,
        sha256=checksum(weights),
        licence="MIT",
    )
    return load_hmmc(folder, card)


SMALL_MODELS: dict[str, Callable[[Path], DualEncoder]] = {
    "clip": small_clip,
    "cmfh": small_cmfh,
    "hmmc": small_hmmc,
}
