"""Which frames of a video are shown to the model, as in the public loaders.

A video is kept as a fixed pool of frames (30 for MSR-VTT and VATEX, 48 for CHVTT), of which every
look at it takes a few.
"""

import random

import numpy as np

_SAFETY = 10  # frames at the end of a file that often cannot be decoded
_SHORTEST = 3  # frames
_PER_SECOND = {"pretrain": 0.3, "query": 0.5}


def pool_positions(frame_count: int, pool: int = 30) -> list[int]:
    """Frame numbers of the pool in a file of `frame_count` frames.

    Deviation: a file shorter than 10 frames gives its first frame; the public script would seek
    before its beginning.
    """
    end = max(frame_count - _SAFETY, 0)
    return [int(position) for position in np.linspace(0, end, pool)]


def uniform_frames(pool: int, frames: int) -> list[int]:
    """Equal steps from the first on: what is used at test time."""
    return [int(position) for position in np.linspace(0, pool, frames, endpoint=False)]


def random_frames(pool: int, frames: int, rng: random.Random) -> list[int]:
    """Different frames anywhere, in their order: what is used in fine-tuning.

    Raises:
        ValueError: The pool has fewer frames than wanted.
    """
    return sorted(rng.sample(range(pool), frames))


def uniform_random_frames(pool: int, frames: int, rng: random.Random) -> list[int]:
    """One frame anywhere in each of `frames` equal bins; a rest of the pool is never used."""
    width = pool // frames
    return [i * width + rng.randrange(width) for i in range(frames)]


def dynamic_count(duration_s: float, frames: int, purpose: str) -> int:
    """How many frames a video of this length gets, at most `frames`.

    Args:
        duration_s: Length of the video.
        frames: Most frames.
        purpose: "pretrain" or "query".
    """
    return min(max(int(duration_s * _PER_SECOND[purpose]), _SHORTEST), frames)
