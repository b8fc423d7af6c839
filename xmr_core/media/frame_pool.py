"""Which of the stored frames of a video are used: the sampling rules of HMMC.

A frame store keeps a pool of P frames of every video, evenly spaced; training and test take F of
them. Shen et al., "End-to-End Pre-Training With Hierarchical Matching and Momentum Contrast for
Text-Video Retrieval", IEEE TIP 32, 2023, as their public loaders do it.
"""

import random
from typing import Literal

import numpy as np

FrameSampling = Literal["uniform", "random", "uniform_random"]


def choose_frames(
    pool: int, frames: int, sampling: FrameSampling = "uniform", rng: random.Random | None = None
) -> list[int]:
    """Places in the pool, not falling.

    * "uniform": F places at equal distance from 0 on, rounded down; always used at test. With
      fewer stored frames than wanted ones, frames repeat.
    * "random": F different places.
    * "uniform_random": one place from each of F stretches of floor(P / F) frames, so that with 30
      and 12 the last six frames are never used.

    Args:
        pool: Stored frames P.
        frames: Wanted frames F.
        sampling: The rule.
        rng: What draws; needed for the two random rules.

    Raises:
        ValueError: A count below 1, more frames than a random rule can draw, or no `rng`.
    """
    if pool < 1 or frames < 1:
        raise ValueError(f"pool and frames must be at least 1, got {pool} and {frames}")
    if sampling == "uniform":
        return np.linspace(0, pool, frames, endpoint=False).astype(int).tolist()
    if rng is None:
        raise ValueError(f"{sampling} needs a random generator")
    if frames > pool:
        raise ValueError(f"{sampling} cannot take {frames} frames from a pool of {pool}")
    if sampling == "random":
        return sorted(rng.sample(range(pool), frames))
    width = pool // frames
    return [rng.randrange(begin, begin + width) for begin in range(0, width * frames, width)]


def dynamic_count(duration_s: float, max_frames: int, per_second: float = 0.3) -> int:
    """How many frames a video of this length gets, at least 3: `--frame_sample_len dynamic`.

    Args:
        duration_s: Length of the video in seconds.
        max_frames: Most frames.
        per_second: 0.3 for the videos of pre-training, 0.5 for those of the queries.
    """
    return min(max(int(duration_s * per_second), 3), max_frames)
