"""A small random-weight model of every method, built as its checkpoints are."""

from collections.abc import Callable
from pathlib import Path

import open_clip
import torch

from xmr_core.encoder import DualEncoder
from xmr_core.methods.clip.config import ClipModelConfig
from xmr_core.methods.clip.model import load_open_clip, write_open_clip
from xmr_core.methods.clip.tokenizer import save_tokenizer, train_tokenizer


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


SMALL_MODELS: dict[str, Callable[[Path], DualEncoder]] = {"clip": small_clip}
