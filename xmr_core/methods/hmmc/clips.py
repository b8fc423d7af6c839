"""Training clips of `scenes`: drawn and taken through the frozen lower blocks once.

What is below the trained blocks never changes, so its tokens are kept on disk in float16. A clip
takes 8 frames x 61 tokens x 192 numbers, 187 kB; the file is memory-mapped.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from xmr_core.datasets.scenes.captions import write_captions
from xmr_core.datasets.scenes.render import render_frames
from xmr_core.datasets.scenes.script import SceneScript, Split, script
from xmr_core.datasets.scenes.world import EVENTS, SUBJECTS
from xmr_core.methods.hmmc.vision import tokens_after
from xmr_core.progress import Progress, no_progress
from xmr_core.training.scenes import frame_times
from xmr_core.types import LANGUAGES, Language

CLIPS_AT_ONCE = 8


@torch.inference_mode()
def clip_tokens(
    visual: nn.Module,
    preprocess: Callable[[NDArray[np.uint8]], Tensor],
    split: Split,
    count: int,
    frames: int,
    blocks: int,
    folder: Path,
    progress: Progress = no_progress,
) -> NDArray[np.float16]:
    """Tokens of the first `count` clips of a split after the first `blocks` blocks.

    Drawn and encoded once, kept in `folder`, resumed after a stop.

    Args:
        visual: The vision transformer; its lower blocks must stay as they are.
        preprocess: From drawn frames to what it takes.
        split: Of `scenes`.
        count: How many clips.
        frames: Frames of each.
        blocks: See above.
        folder: Where the tokens are kept; one folder belongs to one `visual`.
        progress: Counts the clips.

    Returns:
        Memory-mapped, shape (count, frames, tokens, width).
    """
    folder.mkdir(parents=True, exist_ok=True)
    visual = visual.eval()
    tower: Any = visual
    rows, columns = tower.image_size
    shape = (
        count,
        frames,
        *tokens_after(visual, torch.zeros(1, 3, rows, columns), blocks).shape[1:],
    )
    path = folder / f"{split}-{count}x{frames}-after{blocks}.npy"
    journal = path.with_suffix(".json")
    done = json.loads(journal.read_text()) if journal.exists() and path.exists() else 0
    stored = np.lib.format.open_memmap(path, "r+" if done else "w+", np.float16, shape)
    times = frame_times(frames)
    firsts = range(done, count, CLIPS_AT_ONCE)
    for first in progress(firsts, desc=f"drawing {split} clips", total=len(firsts)):
        last = min(first + CLIPS_AT_ONCE, count)
        drawn = np.concatenate(
            [render_frames(script(split, i), times, columns, rows) for i in range(first, last)]
        )
        tokens = tokens_after(visual, preprocess(drawn), blocks)
        stored[first:last] = tokens.half().numpy().reshape(-1, *shape[1:])
        if first // CLIPS_AT_ONCE % 32 == 31 or last == count:
            stored.flush()
            temporary = journal.with_suffix(".tmp")
            temporary.write_text(json.dumps(last))
            temporary.replace(journal)
    return np.load(path, mmap_mode="r", allow_pickle=False)


def backwards(scene: SceneScript) -> SceneScript | None:
    """The script of what is seen when a clip is played backwards, or None.

    None where that is no event of this world or looks the same, and where a thing with a front
    would drive backwards: the rules of `script.minimal_pair`.
    """
    event = EVENTS[scene.event]
    if event.reverse is None or event.reverse == scene.event:
        return None
    sideways = scene.direction or scene.event in ("lands_on", "takes_off")
    if sideways and SUBJECTS[scene.actors[0].subject].faces:
        return None
    return replace(scene, event=event.reverse, direction=-scene.direction, backwards=True)


@dataclass(frozen=True, slots=True)
class ClipBatch:
    """Clips, some of them in both directions, each with a sentence.

    Attributes:
        step: Number of the batch.
        tokens: Of the clips, shape (clips, frames, tokens, width).
        source: For every row of the batch, its clip, shape (rows,).
        reverse: Whether the row plays its clip backwards, shape (rows,).
        texts: A sentence for every row.
    """

    step: int
    tokens: Tensor
    source: Tensor
    reverse: Tensor
    texts: list[str]


@dataclass(frozen=True, slots=True)
class SceneBatches:
    """Training batches; number n is the same whoever asks and when.

    Attributes:
        stored: Tokens of the training clips, (clips, frames, tokens, width).
        batch_size: Clips of a batch.
        reversed_share: Share of the clips that also come backwards, where that makes sense.
        seed: The only source of randomness.
        phase: Another name gives other batches.
    """

    stored: NDArray[np.float16]
    batch_size: int
    reversed_share: float
    seed: int
    phase: str = "fine-tuning"

    def from_step(self, first: int) -> Iterator[ClipBatch]:
        """The batches from number `first` on, without end."""
        while True:
            yield self.batch(first)
            first += 1

    def batch(self, step: int) -> ClipBatch:
        """Batch number `step`."""
        rng = random.Random(f"hmmc/{self.seed}/{self.phase}/{step}")
        clips = [self._clip(step * self.batch_size + i) for i in range(self.batch_size)]
        rows: list[tuple[int, bool, str]] = []
        for place, clip in enumerate(clips):
            scene = script("train", clip)
            other, language = backwards(scene), rng.choice(LANGUAGES)
            # Where the order of frames decides, a caption that tells what happens: the first.
            captions = write_captions(scene, language, 4 if other is None else 1, rng)
            rows.append((place, False, rng.choice(captions).text))
            if other is not None and rng.random() < self.reversed_share:
                rows.append((place, True, write_captions(other, language, 1, rng)[0].text))
        return ClipBatch(
            step,
            torch.from_numpy(self.stored[clips]),
            torch.tensor([row[0] for row in rows]),
            torch.tensor([row[1] for row in rows]),
            [row[2] for row in rows],
        )

    def _clip(self, example: int) -> int:
        """Every clip once per round, each round in another order."""
        count = len(self.stored)
        turn, place = divmod(example, count)
        return int(_order(self.seed, turn, count)[place])


@lru_cache(maxsize=2)
def _order(seed: int, turn: int, count: int) -> NDArray[np.int64]:
    return np.random.default_rng([seed, turn]).permutation(count)


def reversed_captions(split: Split, count: int, language: Language) -> dict[int, str]:
    """For the clips of a split that can be played backwards: what is then seen, in words."""
    found: dict[int, str] = {}
    for index in range(count):
        other = backwards(script(split, index))
        if other is not None:
            rng = random.Random(f"hmmc/backwards/{split}/{index}/{language}")
            found[index] = write_captions(other, language, 1, rng)[0].text
    return found
