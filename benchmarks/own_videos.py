"""A gallery of ten thousand own files: indexing again, opening, searching with filters.

    python -m benchmarks.own_videos [--files 10000]

Makes tiny pictures in a temporary folder and indexes them with an encoder that costs nothing (the
mean colour), so that what is left is ours. Times depend on the machine; the ratios are to what
nobody can avoid: walking over the folder and asking the system for size and time of every file,
or FAISS over the same vectors.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import faiss
import numpy as np
import torch
from PIL import Image

from xmr_core.encoder import Embeddings
from xmr_core.filters import ClipTable
from xmr_core.gallery import Gallery
from xmr_core.indexing import index_folder
from xmr_core.media.limits import MediaLimits
from xmr_core.media.stills import open_picture, read_pictures
from xmr_core.media.worker import ReadRequest
from xmr_core.search import search_gallery
from xmr_core.types import Filter, Video

WIDTH = 512
LIMITS = MediaLimits()


class MeanColour:
    """Mean colours, spread over `WIDTH` dimensions by a fixed random matrix."""

    id = "mean-colour"
    num_frames = 4
    stores_frames = False
    languages = ("en",)

    def __init__(self) -> None:
        self._spread = torch.randn(3, WIDTH, generator=torch.Generator().manual_seed(0))

    def frame_features(self, frames: np.ndarray) -> torch.Tensor:
        """Mean colour of every frame, spread."""
        return torch.from_numpy(frames.mean(axis=(1, 2)) / 255 - 0.5).float() @ self._spread

    def encode_video(self, features: torch.Tensor, mask: torch.Tensor) -> Embeddings:
        """The mean over the frames."""
        weights = mask.float() / mask.sum(dim=1, keepdim=True)
        mean = torch.einsum("vf,vfd->vd", weights, features)
        return Embeddings({"global": torch.nn.functional.normalize(mean, dim=1)})

    def score(self, queries: Embeddings, gallery: Embeddings) -> torch.Tensor:
        """Cosine."""
        return queries["global"] @ gallery["global"].T


class HereReader:
    """Reads pictures in this process: starting workers is not what is measured."""

    def read_many(self, requests: Iterator[ReadRequest]) -> Iterator[tuple[ReadRequest, Video]]:
        """Reads one after the other."""
        for request in requests:
            picture = open_picture(request.path, LIMITS)
            assert picture is not None
            with picture:
                yield request, read_pictures(request.path, picture, 4, 0.0, None, LIMITS, None)


def make_files(folder: Path, count: int) -> None:
    """Pictures of one colour each in folders of a hundred, changed long ago."""
    random = np.random.default_rng(0)
    for number in range(count):
        path = folder / f"{number // 100:03d}" / f"{number:05d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), tuple(random.integers(0, 256, 3).tolist())).save(path)
        os.utime(path, (1.5e9 + 1e4 * number, 1.5e9 + 1e4 * number))


def walk(folder: Path) -> int:
    """What every program must do: list the folders and ask for size and time of the files."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            status = os.stat(os.path.join(place, name))  # noqa: PTH116, PTH118
            total += status.st_size + status.st_mtime_ns
    return total


def seconds(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median time of each way; they take turns, so that a busy machine is unfair to none."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            if turn:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def show(title: str, times: dict[str, float]) -> None:
    """Prints a table with ratios to its first row."""
    print(f"\n{title}")
    base = next(iter(times.values()))
    for name, value in times.items():
        print(f"  {name:<44}{1000 * value:10.2f} ms {value / base:8.2f} x")


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args(arguments)
    encoder = MeanColour()
    with tempfile.TemporaryDirectory() as place:
        media, out = Path(place) / "media", Path(place) / "g"
        make_files(media, options.files)

        def index() -> Gallery:
            return index_folder(media, encoder, out, reader=HereReader())

        start = time.perf_counter()
        index()
        first = time.perf_counter() - start
        print(f"{options.files:,} files; first index {first:.1f} s, 1 thread, no real encoder")
        show(
            "nothing changed",
            seconds(
                {
                    "os.walk and stat": lambda: walk(media),
                    "index_folder": index,
                    "Gallery.load, checksums not compared": lambda: Gallery.load(out, verify=False),
                    "Gallery.load, checksums compared": lambda: Gallery.load(out),
                },
                options.rounds,
            ),
        )
        new = (media / "000" / f"new{number}.png" for number in range(options.rounds + 1))

        def add() -> None:
            path = next(new)
            Image.new("RGB", (8, 8), "red").save(path)
            os.utime(path, (1.5e9, 1.5e9))
            index()

        show(
            "one file added",
            seconds({"os.walk and stat": lambda: walk(media), "index_folder": add}, options.rounds),
        )
        search(Gallery.load(out), encoder, options.rounds)


def search(gallery: Gallery, encoder: MeanColour, rounds: int) -> None:
    """One query over all clips and over some, with sigma, beside FAISS."""
    vectors = np.ascontiguousarray(gallery.parts["global"])
    plain = faiss.IndexFlatIP(WIDTH)
    plain.add(vectors)
    query = np.ascontiguousarray(vectors[:1])
    embedded = Embeddings({"global": torch.from_numpy(query)})
    table = ClipTable(gallery.clips)
    filters = {
        "all but duplicates": Filter(),
        "one folder": Filter(folder="007"),
        "a month": Filter(since=1.55e9, until=1.553e9),
    }

    def ask(where: Filter) -> None:
        rows = table.rows(where)
        search_gallery(embedded, gallery, None, encoder, top=10, rows=rows)  # type: ignore[arg-type]

    ways: dict[str, Callable[[], object]] = {
        "FAISS IndexFlatIP, all": lambda: plain.search(query, 10)
    }
    ways["search_gallery, all, with sigma"] = lambda: search_gallery(
        embedded,
        gallery,
        None,
        encoder,  # type: ignore[arg-type]
        top=10,
    )
    for name, where in filters.items():
        ways[f"{name} ({len(table.rows(where)):,} clips)"] = lambda where=where: ask(where)
    ways["making the table (once per gallery)"] = lambda: ClipTable(gallery.clips).rows(
        Filter(folder="007", category="x")
    )
    show("one query, top 10", seconds(ways, 5 * rounds))


if __name__ == "__main__":
    main()
