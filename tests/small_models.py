"""A small random-weight model of every method, built as its checkpoints are."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import open_clip
import torch
from tokenizers import Tokenizer

from xmr_core.checkpoints import write_card
from xmr_core.encoder import DualEncoder, VideoEncoder
from xmr_core.files import checksum
from xmr_core.methods.clip.config import ClipModelConfig
from xmr_core.methods.clip.files import load_open_clip
from xmr_core.methods.clip.model import write_open_clip
from xmr_core.methods.cmfh.config import CmfhConfig
from xmr_core.methods.cmfh.encoder import CmfhEncoder
from xmr_core.methods.cmfh.model import CmfhModel, Projections
from xmr_core.methods.cmpl.config import CmplModelConfig
from xmr_core.methods.cmpl.model import CmplModel
from xmr_core.methods.cmpl.model import load as load_cmpl
from xmr_core.methods.cmpl.model import write_model as write_cmpl
from xmr_core.methods.hmmc.config import HmmcModelConfig
from xmr_core.methods.hmmc.files import load as load_hmmc
from xmr_core.methods.hmmc.files import write_model as write_hmmc
from xmr_core.methods.hmmc.model import HmmcModel
from xmr_core.methods.mlcmr.config import MlcmrModelConfig
from xmr_core.methods.mlcmr.files import read_mlcmr, small_tower, write_mlcmr
from xmr_core.methods.mlcmr.model import MlcmrEncoder
from xmr_core.methods.mlcmr.network import MlcmrNetwork
from xmr_core.methods.nrccr.config import NrccrModelConfig, NrccrTextConfig
from xmr_core.methods.nrccr.model import NrccrEncoder, save_network
from xmr_core.methods.nrccr.model import load_network as load_nrccr
from xmr_core.methods.nrccr.network import NrccrNetwork
from xmr_core.methods.nrccr.text import open_text
from xmr_core.methods.triplet.config import (
    BackboneConfig,
    PictureConfig,
    TripletModelConfig,
)
from xmr_core.methods.triplet.model import (
    HashNetwork,
    TripletEncoder,
    load_network,
    write_network,
)
from xmr_core.nn.tokenizer import save_tokenizer, train_tokenizer
from xmr_core.types import CheckpointCard


def small_vocabulary() -> Tokenizer:
    return train_tokenizer(
        ["a red car drives to the left", "two blue dogs jump on the road"] * 5,
        [("红色的汽车", ["红色", "汽车"])] * 5,
    )


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
    tokenizer = small_vocabulary()
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
    tokenizer = small_vocabulary()
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
        weights = write_hmmc(HmmcModel(config), folder)
    card = CheckpointCard(
        id="small-hmmc",
        method="hmmc",
        title="Small",
        languages=("en", "zh"),
        width=config.embed_dim,
        num_frames=4,
        weights=weights.name,
        sha256=checksum(weights),
        licence="MIT",
        closed_vocabulary=True,
    )
    return load_hmmc(folder, card)


def small_mlcmr(folder: Path) -> DualEncoder:
    config = MlcmrModelConfig(
        frame_width=32, gru_width=8, conv_channels=6, embed_dim=24, text_width=16, context_length=16
    )
    vocabulary = small_vocabulary()
    if not (folder / "config.json").exists():
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            network = MlcmrNetwork(config, small_tower(config, vocabulary.get_vocab_size()))
        write_mlcmr(network, vocabulary, folder)
    network, to_ids, own = read_mlcmr(folder)
    return MlcmrEncoder(
        "small-mlcmr", network, to_ids, trunk=small_clip(folder / "trunk"), vocabulary=own
    )


def small_nrccr(folder: Path) -> DualEncoder:
    config = NrccrModelConfig(
        feature_width=32, video_width=16, video_positions=6, attention_width=8, space=24
    )
    text = NrccrTextConfig(width=16, context_length=16)
    if not (folder / "config.json").exists():
        (folder / "text").mkdir(parents=True, exist_ok=True)
        save_tokenizer(small_vocabulary(), folder / "text")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            network = NrccrNetwork(config, open_text(text, folder / "text").tower)
        save_network(network, text, folder)
    return NrccrEncoder(
        "small-nrccr", *load_nrccr(folder), trunk=small_clip(folder / "trunk"), num_frames=4
    )


def small_cmpl(folder: Path) -> DualEncoder:
    trunk = small_clip(folder / "trunk")
    config = CmplModelConfig(adapter_width=8, word_width=12, lstm_width=16, embed_dim=24)
    tokenizer = Tokenizer.from_file(str(folder / "trunk" / "tokenizer.json"))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = CmplModel(config, tokenizer.get_vocab_size(), 32)
    weights = write_cmpl(model, tokenizer, folder)
    card = CheckpointCard(
        id="small-cmpl",
        method="cmpl",
        title="Small",
        languages=("en", "zh"),
        width=config.embed_dim,
        num_frames=4,
        weights=weights.name,
        sha256=checksum(weights),
        licence="MIT",
        closed_vocabulary=True,
        trunk="small-clip",
    )
    return load_cmpl(folder, card, trunk=trunk)


def small_triplet(folder: Path) -> VideoEncoder:
    config = TripletModelConfig(
        backbone=BackboneConfig(width=4),
        picture=PictureConfig(resize_height=24, resize_width=40, crop_height=24, crop_width=40),
        bits=16,
        num_frames=4,
    )
    if not (folder / "config.json").exists():
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            write_network(HashNetwork(config), folder)
    return TripletEncoder("small-triplet", load_network(folder))


SMALL_MODELS: dict[str, Callable[[Path], VideoEncoder]] = {
    "clip": small_clip,
    "cmfh": small_cmfh,
    "cmpl": small_cmpl,
    "hmmc": small_hmmc,
    "mlcmr": small_mlcmr,
    "nrccr": small_nrccr,
    "triplet": small_triplet,
}
