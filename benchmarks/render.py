"""How fast scenes are drawn, on one core: `python -m benchmarks.render`."""

import statistics
import time

from xmr_core.datasets.scenes.render import render_frames
from xmr_core.datasets.scenes.script import NUM_FRAMES, script

# What training asks for, what a teaser needs, and what is shipped.
CASES = (("training", 160, 96, 3), ("training", 160, 96, 4), ("shipped", 320, 180, NUM_FRAMES))


def seconds(index: int, width: int, height: int, count: int) -> float:
    """Time to draw `count` frames of one training script."""
    scene = script("train", index)
    frames = [round(k * (NUM_FRAMES - 1) / (count - 1)) for k in range(count)]
    start = time.perf_counter()
    render_frames(scene, frames, width, height)
    return time.perf_counter() - start


def main() -> None:
    """Prints a table."""
    print("| use | size | frames per clip | clips/s | ms per frame |")
    print("|---|---|---|---|---|")
    for use, width, height, count in CASES:
        clips = 300 if count < NUM_FRAMES else 30
        seconds(0, width, height, count)  # warm up
        mean = statistics.fmean(seconds(index, width, height, count) for index in range(clips))
        row = f"| {use} | {width}x{height} | {count} | {1 / mean:.0f} | {mean / count * 1e3:.2f} |"
        print(row)


if __name__ == "__main__":
    main()
