"""Our search against plain FAISS and against the speed of memory, in one run.

    python -m benchmarks.search [--items 200000] [--width 256]

A search for one query must read every vector once, so it cannot be faster than memory. The table
gives the time of each way, and its ratio to plain FAISS measured in the same run.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence

import faiss
import numpy as np
import torch

from xmr_core.encoder import Embeddings
from xmr_core.gallery import Gallery, GalleryCard
from xmr_core.index import BinaryIndex, FloatIndex
from xmr_core.search import search_gallery
from xmr_core.similarity import pack_bits, unit_length
from xmr_core.types import Clip

TOP = 10
BITS = 64


def milliseconds(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median time of each way; they take turns, so that a busy machine is unfair to none."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            if turn:  # the first is for warming up
                times[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(values) for name, values in times.items()}


def show(title: str, times: dict[str, float], plain: str) -> None:
    """Prints a table."""
    print(f"\n{title}")
    for name, value in times.items():
        print(f"  {name:<34}{value:10.3f} ms {value / times[plain]:8.2f} x {plain}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=200_000)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args(arguments)
    count, width = options.items, options.width
    generator = np.random.default_rng(0)
    vectors = unit_length(generator.standard_normal((count, width), dtype=np.float32))
    queries = unit_length(generator.standard_normal((64, width), dtype=np.float32))
    clips = tuple(Clip(f"c{i}", "", 0, 1) for i in range(count))
    card = GalleryCard("benchmark", "none", "", width, 1, count, ".")
    gallery = Gallery(card, clips, {"global": vectors})
    plain = faiss.IndexFlatIP(width)
    plain.add(vectors)
    ours = FloatIndex(width)
    ours.add(vectors)
    print(
        f"{count:,} items, {width} wide, {vectors.nbytes / 1e6:.0f} MB; top {TOP}; "
        f"{faiss.omp_get_max_threads()} FAISS threads"
    )
    for number in (1, 64):
        some = queries[:number]
        embedded = Embeddings({"global": torch.from_numpy(some)})
        ways: dict[str, Callable[[], object]] = {
            "FAISS": lambda some=some: plain.search(some, TOP),
            "our index": lambda some=some: ours.search(some, TOP),
            "search_gallery, with sigma": lambda embedded=embedded: search_gallery(
                embedded, gallery, ours, None, top=TOP
            ),
        }
        if number == 1:
            ways["reading the memory once"] = lambda: vectors.max()
        show(f"{number} queries", milliseconds(ways, options.rounds), "FAISS")

    codes, some_codes = (pack_bits(generator.random((n, BITS)) < 0.5) for n in (count, 1))
    binary = faiss.IndexBinaryFlat(BITS)
    binary.add(codes)
    our_binary = BinaryIndex(BITS)
    our_binary.add(codes)
    ways = {
        "FAISS": lambda: binary.search(some_codes, TOP),
        "our index": lambda: our_binary.search(some_codes, TOP),
    }
    times = milliseconds(ways, options.rounds)
    show(f"1 query, {BITS}-bit codes ({codes.nbytes / 1e6:.1f} MB)", times, "FAISS")


if __name__ == "__main__":
    main()
