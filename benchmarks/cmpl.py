"""What each pair of a batch contributes: CMPL's losses against others, frames against captions.

    python -m benchmarks.cmpl [--out runs/cmpl-comparison] [--steps 400] [--losses ...] [--card]

Trains the same model with each loss on the same batches, the first stage only, and prints what it
reaches on the validation clips after every quarter, on the bundled test clips at the end, and how
many wrong pairs of a row of the batch push at all. Then measures the shipped checkpoint on single
frames. `--card` writes the numbers into its card. Runs that are in `--out` are not repeated.
"""

import argparse
import json
import shlex
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from xmr_core.checkpoints import BUNDLED, load_checkpoint, read_card, write_card
from xmr_core.gallery import Gallery
from xmr_core.methods.cmpl.config import CmplTrainConfig, Loss
from xmr_core.methods.cmpl.data import (
    FrameRetrieval,
    Pairs,
    ScenePairs,
    caption_vocabulary,
    frame_retrieval,
    scene_captions,
    scene_frames,
)
from xmr_core.methods.cmpl.loss import (
    INFO_NCE_TEMPERATURE,
    MARGIN,
    SDM_TEMPERATURE,
    hardest_negatives,
    matching_divergence,
    matching_shares,
)
from xmr_core.methods.cmpl.model import CmplEncoder
from xmr_core.methods.cmpl.towers import CaptionIds
from xmr_core.methods.cmpl.train import train_cmpl
from xmr_core.metrics import RetrievalMetrics
from xmr_core.opened import SCENES
from xmr_core.types import LANGUAGES, Language

SHIPPED = "scenes-cmpl"
TRUNK = "scenes-clip"


@dataclass(frozen=True, slots=True)
class Row:
    """What one loss reaches.

    Attributes:
        loss: Its name.
        seconds: Of training.
        course: Validation SumR after each quarter of the steps, mean of both languages.
        test: On the bundled clips, by language.
        pushing: Wrong pairs per row that push, before and after training; see `pushing_pairs`.
    """

    loss: str
    seconds: float
    course: list[float]
    test: dict[str, FrameRetrieval]
    pushing: tuple[float, float]


def settings(loss: Loss, steps: int) -> CmplTrainConfig:
    """Everything but the loss is the same."""
    quarter = max(1, steps // 4)
    return CmplTrainConfig(
        loss=loss, steps=steps, tune_steps=0, validation_every=quarter, checkpoint_every=quarter
    )


def compared(loss: Loss, steps: int, out: Path, trunk: Any, gallery: Gallery, batch: Pairs) -> Row:
    """Trains with one loss and measures; `batch` is where its gradients are looked at."""
    done = train_cmpl(settings(loss, steps), out / loss, trunk=trunk, progress=tqdm)
    assert isinstance(done.encoder, CmplEncoder)
    lines = (out / loss / "stage1" / "metrics.jsonl").read_text().splitlines()
    course = [record["val_SumR"] for line in lines if "val_SumR" in (record := json.loads(line))]
    with torch.no_grad():
        x = done.encoder.model.embed_images(batch.images)
        z = done.encoder.model.embed_texts(batch.ids, batch.mask)
    # Before training nothing is known: directions are as good as random.
    draw = torch.Generator().manual_seed(0)
    u, v = (F.normalize(torch.randn(each.shape, generator=draw), dim=1) for each in (x, z))
    pushing = (
        pushing_pairs(loss, u, v, batch.identities),
        pushing_pairs(loss, x, z, batch.identities),
    )
    return Row(loss, done.seconds, course, on_test(done.encoder, gallery), pushing)


def first_batch(config: CmplTrainConfig, out: Path, trunk: Any) -> Pairs:
    """The first batch of every run: they see the same clips and count the same vocabulary."""
    tokenizer = caption_vocabulary(config.clips, config.captions_per_clip, config.min_count)
    captions = scene_captions("train", config.clips, config.captions_per_clip)
    frames = scene_frames(config, "train", trunk, out / "features")
    return ScenePairs(config, frames, captions, CaptionIds(tokenizer)).batch(0)


def pushing_pairs(loss: Loss, x: Tensor, z: Tensor, identities: Tensor) -> float:
    """Wrong texts that push an image, were they all to push equally: (sum |g|)^2 / sum g^2.

    g are the gradients of the loss by the scores of one image with the texts of other identities;
    mean over the images of a batch that are pushed at all.
    """
    scale = {"sdm": 1 / SDM_TEMPERATURE, "infonce": 1 / INFO_NCE_TEMPERATURE}.get(loss, 1.0)
    source = x if loss in ("cmpm", "cmpm+cmpc") else F.normalize(x, dim=1)
    scores = (scale * source @ F.normalize(z, dim=1).T).requires_grad_()
    if loss == "infonce":
        value = F.cross_entropy(scores, matching_shares(identities))
    elif loss == "ranking":
        value = hardest_negatives(scores, identities, MARGIN)
    else:
        value = matching_divergence(scores, identities)
    (gradient,) = torch.autograd.grad(value, scores)
    push = gradient.abs().double().masked_fill(identities[:, None] == identities, 0.0)
    pushed = push[push.sum(1) > 0]
    return float((pushed.sum(1) ** 2 / pushed.square().sum(1)).mean()) if len(pushed) else 0.0


def on_test(encoder: CmplEncoder, gallery: Gallery) -> dict[str, FrameRetrieval]:
    """Every frame of the bundled clips against the first caption of every clip."""
    features = torch.from_numpy(np.asarray(gallery.frame_features(), dtype=np.float32))
    return {
        language: frame_retrieval(
            encoder, features, encoder.encode_text(first_captions(gallery, language)), owners
        )
        for language in LANGUAGES
        for owners in [np.arange(len(gallery))]
    }


def first_captions(gallery: Gallery, language: Language) -> list[str]:
    """One sentence about every clip."""
    return [clip.caption(language) for clip in gallery.clips]


def recalls(metrics: RetrievalMetrics) -> str:
    """R@1 / R@5 / R@10."""
    found = metrics.recall_at_1, metrics.recall_at_5, metrics.recall_at_10
    return " / ".join(f"{value:.1f}" for value in found)


def losses_table(rows: list[Row], steps: int) -> str:
    """Losses side by side."""
    parts = len(rows[0].course)
    after = " | ".join(f"{round(steps * (i + 1) / parts)}" for i in range(parts))
    lines = [
        f"Validation SumR after {after.replace(' | ', ', ')} steps; on the bundled test clips R@1 "
        "of text to image, image to text and text to video; wrong pairs per row that push, before "
        "and after training.",
        "",
        f"| loss | {after} | t2i en / zh | i2t en / zh | t2v en / zh | pushing | s per step |",
        "|---" * (parts + 6) + "|",
    ]
    for row in rows:
        course = " | ".join(f"{value:.1f}" for value in row.course)
        tasks = " | ".join(
            " / ".join(f"{getattr(row.test[k], task).recall_at_1:.1f}" for k in LANGUAGES)
            for task in ("text_to_image", "image_to_text", "text_to_video")
        )
        before, later = row.pushing
        lines.append(
            f"| {row.loss} | {course} | {tasks} | {before:.1f}, {later:.1f} |"
            f" {row.seconds / steps:.2f} |"
        )
    return "\n".join(lines)


def frames_table(test: dict[str, FrameRetrieval], clips: int, frames: int) -> str:
    """The shipped checkpoint on single frames."""
    lines = [
        f"{SHIPPED}: {clips:,} first captions and {clips * frames:,} frames of the bundled test "
        "clips; any frame or caption of the own clip is right. R@1 / R@5 / R@10.",
        "",
        "| captions | text to image | image to text | text to video |",
        "|---|---|---|---|",
    ]
    for language, found in test.items():
        tasks = (found.text_to_image, found.image_to_text, found.text_to_video)
        lines.append(f"| first {language} | {' | '.join(recalls(each) for each in tasks)} |")
    return "\n".join(lines)


def as_dict(test: dict[str, FrameRetrieval]) -> dict[str, Any]:
    """For a card."""
    return {
        language: {
            "t2i": found.text_to_image.as_dict(),
            "i2t": found.image_to_text.as_dict(),
            "t2v": found.text_to_video.as_dict(),
        }
        for language, found in test.items()
    }


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("runs/cmpl-comparison"))
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--losses", nargs="+", choices=get_args(Loss), default=get_args(Loss))
    parser.add_argument("--card", action="store_true")
    options = parser.parse_args()
    trunk, _ = load_checkpoint(TRUNK)
    gallery = Gallery.load(SCENES / "galleries" / TRUNK)
    batch = first_batch(settings("cmpm", options.steps), options.out, trunk)
    rows = [
        compared(loss, options.steps, options.out, trunk, gallery, batch) for loss in options.losses
    ]
    print(losses_table(rows, options.steps))
    shipped, _ = load_checkpoint(SHIPPED)
    assert isinstance(shipped, CmplEncoder)
    test = on_test(shipped, gallery)
    print()
    print(frames_table(test, len(gallery), gallery.frame_features().shape[1]))
    if options.card:
        folder = BUNDLED / SHIPPED
        card = read_card(folder)
        command = shlex.join(["python", "-m", "benchmarks.cmpl", *sys.argv[1:]])
        claim = {
            row.loss: {
                "val_SumR": [round(value, 1) for value in row.course],
                "pushing": [round(value, 1) for value in row.pushing],
                **as_dict(row.test),
            }
            for row in rows
        }
        metrics = {
            **card.metrics,
            "claim": {"command": command, "steps": options.steps, **claim},
            "frames": {"command": command, **as_dict(test)},
        }
        write_card(replace(card, metrics=metrics), folder)


if __name__ == "__main__":
    main()
