"""Training data drawn once: clips of `scenes` as pixels or as features of a frozen trunk.

Both are `.npy` files, filled in blocks and memory-mapped. A stopped run goes on with the first
block that is missing; a finished file is used as it is.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float16, UInt8
from numpy.typing import NDArray

from xmr_core.datasets.scenes.captions import caption_rng, write_captions
from xmr_core.datasets.scenes.script import NUM_FRAMES, Split, script
from xmr_core.encoder import VideoEncoder
from xmr_core.progress import Progress, no_progress
from xmr_core.types import Language

_BLOCK = 64  # clips


def frame_times(frames: int) -> list[int]:
    """Frames of a clip that stand for it: the middles of `frames` equal stretches."""
    return [int(NUM_FRAMES * (i + 0.5) / frames) for i in range(frames)]


def scene_pixels(
    split: Split,
    count: int,
    frames: int,
    folder: Path,
    *,
    width: int = 160,
    height: int = 96,
    progress: Progress = no_progress,
) -> UInt8[np.ndarray, "count frames height width 3"]:
    """The first `count` clips of a split as pictures.

    Args:
        split: Which world of clips; clip i is `script(split, i)`.
        count: Number of clips.
        frames: Frames of each, at `frame_times`.
        folder: Where the file is kept.
        width: Of a frame, pixels.
        height: Of a frame, pixels.
        progress: Counts blocks of clips.
    """
    from xmr_core.datasets.scenes.render import render_frames

    times = frame_times(frames)
    path = folder / f"{split}-{count}x{frames}-{width}x{height}.npy"

    def block(first: int, last: int) -> NDArray[Any]:
        return np.stack(
            [render_frames(script(split, i), times, width, height) for i in range(first, last)]
        )

    return _filled(path, (count, frames, height, width, 3), np.uint8, block, progress)


def scene_features(
    trunk: VideoEncoder,
    split: Split,
    count: int,
    frames: int,
    folder: Path,
    progress: Progress = no_progress,
) -> Float16[np.ndarray, "count frames d"]:
    """The first `count` clips of a split as frame features of a trunk; pictures are not kept.

    Args:
        trunk: Its `id` names the file: give each checkpoint its own.
        split: Which world of clips; clip i is `script(split, i)`.
        count: Number of clips.
        frames: Frames of each, at `frame_times`.
        folder: Where the file is kept.
        progress: Counts blocks of clips.
    """
    from xmr_core.datasets.scenes.render import render_frames

    times = frame_times(frames)

    def block(first: int, last: int) -> NDArray[Any]:
        scenes = [render_frames(script(split, i), times, 160, 96) for i in range(first, last)]
        features = trunk.frame_features(np.concatenate(scenes)).cpu().numpy()
        return features.reshape(last - first, frames, -1).astype(np.float16)

    path = folder / f"{Path(trunk.id).name}-{split}-{count}x{frames}.npy"
    width = block(0, 1).shape[-1]
    return _filled(path, (count, frames, width), np.float16, block, progress)


def first_captions(split: Split, count: int, language: Language) -> list[str]:
    """The first caption of each of the first `count` clips of a split."""
    return [
        write_captions(script(split, i), language, 1, caption_rng(split, i, language))[0].text
        for i in range(count)
    ]


def _filled(
    path: Path,
    shape: tuple[int, ...],
    dtype: Any,
    block: Callable[[int, int], NDArray[Any]],
    progress: Progress,
) -> NDArray[Any]:
    """The array at `path`, filled block by block by `block(first, last)` where it is not yet."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial, done = path.with_suffix(".part"), path.with_suffix(".done")
        begin = int(done.read_text()) if done.exists() and partial.exists() else 0
        mode = "r+" if begin else "w+"
        array = np.lib.format.open_memmap(partial, mode, None if begin else dtype, shape)
        firsts = range(begin, shape[0], _BLOCK)
        for first in progress(firsts, desc=f"drawing {path.stem}", total=len(firsts)):
            last = min(first + _BLOCK, shape[0])
            array[first:last] = block(first, last)
            array.flush()
            done.write_text(str(last))
        del array
        partial.replace(path)
        done.unlink(missing_ok=True)
    return np.load(path, mmap_mode="r", allow_pickle=False)
