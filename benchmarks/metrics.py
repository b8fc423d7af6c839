"""How long the metrics of a full evaluation take: `python -m benchmarks.metrics`.

Random scores at the sizes of MSR-VTT 1k-A (1,000 x 1,000) and of VATEX (15,000 captions of 1,500
videos), every number that an evaluation prints, in both directions. Beside the time stands what is
asked. Everything runs on one thread; times are processor time, the best of some rounds, which is
the wall-clock time of a machine with nothing else to do.
"""

import argparse
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from xmr_core.metrics import mean_average_precision, t2v_metrics, v2t_metrics
from xmr_core.ranking import same_group

SIZES = ((1_000, 1_000, 1.0), (15_000, 1_500, 5.0))
"""Texts, videos, seconds asked for the evaluation."""


def parts_of(
    scores: NDArray[np.float32], owners: NDArray[np.int64]
) -> dict[str, Callable[[], object]]:
    """What an evaluation computes from a matrix of scores, by name."""
    videos = np.arange(scores.shape[1])
    return {
        "t2v R@K": lambda: t2v_metrics(scores, owners),
        "v2t R@K": lambda: v2t_metrics(scores, owners),
        "v2t R@K, groups": lambda: v2t_metrics(scores, owners, text_gallery="groups"),
        "t2v mAP": lambda: mean_average_precision(scores, same_group(owners, videos)),
        "v2t mAP": lambda: mean_average_precision(scores.T, same_group(videos, owners)),
    }


def best_seconds(way: Callable[[], object], rounds: int) -> float:
    """Shortest time of some runs."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        way()
        times.append(time.process_time() - start)
    return min(times)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ties", action="store_true", help="49 different scores, as 48-bit codes")
    options = parser.parse_args(arguments)
    generator = np.random.default_rng(0)
    for texts, videos, asked in SIZES:
        scores = generator.standard_normal((texts, videos), dtype=np.float32)
        if options.ties:
            scores = np.clip(np.round(24 + 4 * scores), 0, 48)
        owners = np.repeat(np.arange(videos), texts // videos)
        print(f"\n{texts:,} texts x {videos:,} videos")
        whole = 0.0
        for name, way in parts_of(scores, owners).items():
            seconds = best_seconds(way, options.rounds)
            whole += seconds
            print(f"  {name:<18}{seconds:8.3f} s")
        print(f"  {'together':<18}{whole:8.3f} s  (asked: {asked:g} s)")


if __name__ == "__main__":
    main()
