"""How good the patch maps are on the scenes: `python -m benchmarks.explain`.

Takes captions of the shipped test clips, English and Chinese in turn, and one subject that each
names; see `xmr_core/explain/evaluate.py` for what is measured. Prints a table, and with `--json`
the numbers for the checkpoint's card.
"""

import argparse
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from xmr_core.checkpoints import load_checkpoint
from xmr_core.datasets.scenes.dataset import (
    bundled_root,
    load_boxes,
    load_captions,
    load_clips,
)
from xmr_core.datasets.scenes.script import FPS
from xmr_core.explain.evaluate import (
    ExplainCase,
    ExplanationReport,
    Interval,
    evaluate_explanations,
)
from xmr_core.explain.gradeclip import PatchEncoder
from xmr_core.media.frames import sample_frames
from xmr_core.types import LANGUAGES


def cases(
    count: int, languages: tuple[str, ...], num_frames: int, root: Path
) -> Iterator[ExplainCase]:
    """The first caption of clips spread over the test set, with one of the subjects it names."""
    clips, captions, boxes = load_clips(root), load_captions(root), load_boxes(root)
    rng = random.Random("benchmarks/explain")
    for i, row in enumerate(np.linspace(0, len(clips), count, endpoint=False).astype(int)):
        clip, language = clips[row], languages[i % len(languages)]
        caption = next(c for c in captions[clip.id] if c.language == language)
        mentions = [m for m in caption.mentions if m.names.startswith("actor:")]
        if not mentions:
            continue
        mention = rng.choice(mentions)
        video = sample_frames(root / clip.video, num_frames, start_s=clip.start_s, end_s=clip.end_s)
        placed = boxes[clip.id]
        instances = placed.actors == int(mention.names.removeprefix("actor:"))
        shown = np.rint(video.times_s * FPS).astype(int)
        yield ExplainCase(
            frames=video.frames,
            text=caption.text,
            span=(mention.start, mention.end),
            boxes=placed.boxes[instances][:, shown].astype(np.float64),
        )


def table(report: ExplanationReport) -> str:
    """The report as a Markdown table."""

    def cell(value: Interval | float | None) -> str:
        if value is None:
            return ""
        if isinstance(value, Interval):
            return f"{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]"
        return f"{value:.3f}"

    rows = [
        ("pointing game, map of the subject's words", report.pointing),
        ("pointing game, map of the whole caption", report.pointing_query),
        ("pointing game, middle of the frame", report.pointing_centre),
        ("pointing game, random patch", report.pointing_random),
        ("maximum touches the box", report.touching),
        ("random patch touches the box", report.touching_random),
        ("deletion area (low is good)", report.deletion),
        ("deletion area, random order", report.deletion_random),
        ("deletion area, middle outwards", report.deletion_centre),
        ("insertion area (high is good), = deletion area reversed", report.insertion),
        ("insertion area, random order", report.insertion_random),
        ("insertion area, middle outwards", report.insertion_centre),
        ("deletion gain over random", report.deletion_gain),
        ("insertion gain over random", report.insertion_gain),
        ("rank correlation with random occlusion", report.occlusion_agreement),
    ]
    lines = [f"| {name} | {cell(value)} |" for name, value in rows]
    head = f"| {report.cases} cases | mean [95 % bootstrap] |"
    return "\n".join([head, "|---|---|", *lines])


def main() -> None:
    """Measures one checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", default="scenes-clip")
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--language", choices=LANGUAGES, help="both in turn if left out")
    parser.add_argument("--root", type=Path, default=bundled_root(), help="folder of the scenes")
    parser.add_argument("--json", type=Path, help="also write the numbers to this file")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    encoder, _ = load_checkpoint(arguments.checkpoint)
    if not isinstance(encoder, PatchEncoder):
        raise SystemExit(f"{arguments.checkpoint} has no patches to explain")
    languages = (arguments.language,) if arguments.language else LANGUAGES
    start = time.perf_counter()
    report = evaluate_explanations(
        encoder,
        cases(arguments.cases, languages, encoder.num_frames, arguments.root),
        progress=lambda iterable, **shown: tqdm(iterable, **(shown | {"total": arguments.cases})),
    )
    print(table(report))
    print(f"\n{time.perf_counter() - start:.0f} s on {arguments.threads} thread(s)")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(report.as_dict(), indent=2) + "\n")


if __name__ == "__main__":
    main()
