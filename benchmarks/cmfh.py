"""Training CMFH from moments against the update loop of a public script, and the Wikipedia table.

    python -m benchmarks.cmfh [--items 8000] [--loop-iterations 3] [--wikipedia FOLDER]

The loop forms every product with the data anew in each iteration and logs a loss that needs all of
them, as https://github.com/SachJbp/Cross-Modal-Retrieval-using-CMFH (634f0c5) does. Its iterations
all cost the same, so a few are timed and multiplied; `--items 140200 --loop-iterations 1` is the
size of MSR-VTT with all its captions.
"""

import argparse
import tempfile
import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.wikipedia import read_wikipedia
from xmr_core.methods.cmfh.cca import cca
from xmr_core.methods.cmfh.codes import Scoring, score_latents
from xmr_core.methods.cmfh.config import CmfhConfig
from xmr_core.methods.cmfh.features import Features, open_views
from xmr_core.methods.cmfh.model import CmfhModel, Projections
from xmr_core.methods.cmfh.moments import moments_of
from xmr_core.methods.cmfh.solver import Factors, random_start, solve
from xmr_core.methods.cmfh.train import fit, model_of
from xmr_core.metrics import mean_average_precision

WIDTHS = (400, 512)
BITS = 48
LOOP_ITERATIONS = 100  # of the public script
SEEDS = 5


def write_features(folder: Path, items: int) -> list[Path]:
    """Two views of 64 hidden causes, d x n, float32."""
    generator = np.random.default_rng(0)
    paths = [folder / f"X{t}.npy" for t in (1, 2)]
    mixes = [generator.standard_normal((width, 64), dtype=np.float32) for width in WIDTHS]
    stored = [
        np.lib.format.open_memmap(path, "w+", np.float32, (width, items))
        for path, width in zip(paths, WIDTHS, strict=True)
    ]
    for begin in range(0, items, 4096):
        end = min(begin + 4096, items)
        causes = generator.standard_normal((64, end - begin), dtype=np.float32)
        for matrix, mix in zip(stored, mixes, strict=True):
            noise = generator.standard_normal((len(mix), end - begin), dtype=np.float32)
            matrix[:, begin:end] = (mix @ causes + noise) / 30
    return paths


def plain_loop(
    views: list[NDArray[np.float32]], start: Factors, config: CmfhConfig, iterations: int
) -> float:
    """The updates with every product formed anew, doubled identity corrected; returns F."""
    mu, gamma, eye = config.mu, config.gamma, np.eye(config.bits)
    first, second = (x - x.mean(axis=1, keepdims=True) for x in views)
    (u1, u2), (p1, p2) = start.bases, start.projections
    latents, value = np.zeros((config.bits, first.shape[1])), 0.0
    for _ in range(iterations):
        system = 0.5 * (u1.T @ u1 + u2.T @ u2) + (2 * mu + gamma) * eye
        right = (0.5 * u1.T + mu * p1) @ first + (0.5 * u2.T + mu * p2) @ second
        latents = np.linalg.inv(system) @ right
        p1 = latents @ first.T @ np.linalg.inv(first @ first.T + gamma / mu * np.eye(len(first)))
        p2 = (
            latents @ second.T @ np.linalg.inv(second @ second.T + gamma / mu * np.eye(len(second)))
        )
        u1 = first @ latents.T @ np.linalg.inv(latents @ latents.T + gamma / 0.5 * eye)
        u2 = second @ latents.T @ np.linalg.inv(latents @ latents.T + gamma / 0.5 * eye)
        value = 0.0
        for x, u, p in ((first, u1, p1), (second, u2, p2)):
            value += 0.5 * np.sum((x - u @ latents) ** 2) + mu * np.sum((latents - p @ x) ** 2)
    return float(value) + gamma * sum(float(np.sum(m**2)) for m in (u1, u2, p1, p2, latents))


def training(items: int, loop_iterations: int) -> None:
    """Times both ways on the same features and start."""
    config = CmfhConfig(bits=BITS)
    start = random_start(WIDTHS, config, np.random.default_rng(0))
    with tempfile.TemporaryDirectory() as folder:
        paths = write_features(Path(folder), items)
        print(f"{items:,} items x {WIDTHS}, {BITS} bits, one start for both")

        began = time.process_time()
        moments = moments_of([open_views(paths, "columns")])
        read = time.process_time() - began
        same = solve(moments, replace(config, tolerance=0.0, max_iterations=LOOP_ITERATIONS), start)
        ours = time.process_time() - began
        began = time.process_time()
        full = solve(moments, config, start)
        converged = read + time.process_time() - began

        views = [np.load(path, allow_pickle=False) for path in paths]
        began = time.process_time()
        objective = plain_loop(views, start, config, loop_iterations)
        each = (time.process_time() - began) / loop_iterations
    loop = each * LOOP_ITERATIONS
    print(f"  plain loop    {loop:8.2f} s for {LOOP_ITERATIONS} iterations, from {each:.2f} s each")
    print(f"  from moments  {ours:8.2f} s for the same; {read:.2f} s of it read the data once")
    print(f"  to the end    {converged:8.2f} s for {len(full.objectives)} iterations")
    print(f"  {loop / ours:.0f} times faster to the same F, {loop / converged:.0f} to the end")
    print(
        f"  F after {loop_iterations} iterations: loop {objective:,.6f}, from moments"
        f" {same.objectives[loop_iterations - 1]:,.6f}; after {LOOP_ITERATIONS}:"
        f" {same.objectives[-1]:,.2f}; at the end: {full.objectives[-1]:,.2f}"
    )


def memory() -> None:
    """Peak of what training allocates, for a growing number of items."""
    print(f"\npeak memory of one pass and training, {WIDTHS} to {BITS}")
    for items in (12_000, 24_000, 48_000):
        with tempfile.TemporaryDirectory() as folder:
            views = open_views(write_features(Path(folder), items), "columns")
            size = sum(view.array.nbytes for view in views)
            tracemalloc.start()
            solve(moments_of([views]), CmfhConfig(bits=BITS, max_iterations=5))
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        print(f"  {items:>7,} items, {size / 1e6:6.1f} MB of features: {peak / 1e6:6.1f} MB")


def wikipedia(folder: Path) -> None:
    """MAP over the full list, ties expected: 2,173 training pairs ranked for 693 queries."""
    data = read_wikipedia(folder)
    moments = moments_of([tuple(Features(view) for view in data.train)])
    relevant = data.test_labels[:, None] == data.train_labels

    def scored(model: CmfhModel | Projections, scoring: Scoring) -> list[float]:
        return [
            mean_average_precision(
                score_latents(
                    model.latents(data.test[t], t), model.latents(data.train[1 - t], 1 - t), scoring
                ),
                relevant,
            )
            for t in (0, 1)
        ]

    def trained(config: CmfhConfig) -> CmfhModel:
        return model_of(moments, solve(moments, config), config)

    print(f"\nWikipedia, mAP of full lists, image to text / text to image, mean of {SEEDS} seeds")
    print("  bits   codes            rotated codes    asymmetric       real-valued")
    shard = [tuple(Features(view) for view in data.train)]
    for bits in (16, 32, 64, 128):
        configs = [CmfhConfig(bits=bits, seed=seed) for seed in range(SEEDS)]
        plain = [trained(config) for config in configs]
        rotated = [fit(shard, replace(config, rotate=True)).model for config in configs]
        columns: Sequence[tuple[list[CmfhModel], Scoring]] = (
            (plain, "hamming"),
            (rotated, "hamming"),
            (plain, "asymmetric"),
            (plain, "real"),
        )
        means = [np.mean([scored(m, how) for m in models], axis=0) for models, how in columns]
        print(f"  {bits:>4}   " + "  ".join(f"{i2t:.4f} / {t2i:.4f}" for i2t, t2i in means))
    for directions in (5, 7, 10):
        found = cca(moments, directions)
        for name, projections in (("", found.projections), (", weighted", found.weighted)):
            i2t, t2i = scored(projections, "real")
            print(f"  CCA, {directions:>2} directions, real-valued{name}: {i2t:.4f} / {t2i:.4f}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description="Training CMFH, and the Wikipedia table")
    parser.add_argument("--items", type=int, default=8_000)
    parser.add_argument("--loop-iterations", type=int, default=3)
    parser.add_argument("--wikipedia", type=Path, help="folder with raw_features.mat and the lists")
    parser.add_argument("--only-wikipedia", action="store_true")
    options = parser.parse_args(arguments)
    if not options.only_wikipedia:
        training(options.items, options.loop_iterations)
        memory()
    if options.wikipedia:
        wikipedia(options.wikipedia)


if __name__ == "__main__":
    main()
