"""A gallery from frame features against a plain copy of the same files.

    python -m benchmarks.index_features [--clips 10000] [--frames 12] [--width 512] [--folder F]

Features are random, float16, in one array and in one file a clip; the encoder is a mean over
frames at unit length, as CLIP's. The ratio is the time of indexing divided by that of the copy,
which ends when the disk has it, as the gallery's writing does. Memory is what the process holds for
itself beyond what it held before the first clip; pages of files that it has mapped are not counted,
because the system takes them back when it needs them.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

KINDS = ("array", "files")


class MeanEncoder:
    """Frame features of a given width, averaged; it sees no pictures."""

    id = "mean"
    num_frames = 12
    stores_frames = True

    def __init__(self, width: int) -> None:
        self.width = width

    def frame_features(self, frames: Any) -> Any:
        """Nothing of the kind: only its width is asked for."""
        import torch

        return torch.zeros(len(frames), self.width)

    def encode_video(self, features: Any, mask: Any) -> Any:
        """The mean of the frames' unit vectors, at unit length."""
        from torch.nn.functional import normalize

        from xmr_core.encoder import Embeddings

        mean = (normalize(features, dim=-1) * mask.unsqueeze(-1)).sum(1)
        return Embeddings({"global": normalize(mean, dim=-1)})

    def score(self, queries: Any, gallery: Any) -> Any:
        """Cosine similarity."""
        return queries["global"] @ gallery["global"].T


def write_features(folder: Path, clips: int, frames: int, width: int) -> None:
    """Writes the same random features in both layouts, and an annotation."""
    import json

    ids = [f"video{n}" for n in range(clips)]
    shape = (clips, frames, width)
    path = folder / "array" / "frame.npy"
    path.parent.mkdir(parents=True)
    (folder / "files").mkdir()
    stacked = np.lib.format.open_memmap(path, "w+", np.float16, shape)
    generator = np.random.default_rng(0)
    for n, name in enumerate(ids):
        stacked[n] = generator.standard_normal((frames, width), np.float32)
        np.save(folder / "files" / f"{name}.npy", stacked[n])
    stacked.flush()
    (path.parent / "ids.txt").write_text("\n".join(ids))
    images = [
        {"imgid": n, "filename": f"{name}.jpg", "split": "test", "sentences": [{"raw": "A clip."}]}
        for n, name in enumerate(ids)
    ]
    (folder / "root").mkdir()
    (folder / "root/dataset_flickr30k.json").write_text(json.dumps({"images": images}))


def copy_s(source: Path, target: Path) -> float:
    """Seconds of a copy that is on the disk to the last byte."""
    start = time.perf_counter()
    target.mkdir()
    for path in sorted(source.iterdir()):
        copied = Path(shutil.copyfile(path, target / path.name))
        with copied.open("rb") as file:
            os.fsync(file.fileno())
    return time.perf_counter() - start


def own_megabytes() -> float:
    """Memory of this process that no file stands behind."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("this system does not tell how much memory is a process's own")


class Watch(threading.Thread):
    """Notes the largest `own_megabytes` until it is stopped."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.before = self.peak = own_megabytes()
        self.stopped = threading.Event()

    def run(self) -> None:
        """Looks every hundredth of a second."""
        while not self.stopped.wait(0.01):
            self.peak = max(self.peak, own_megabytes())


def index_once(folder: Path, kind: str, width: int) -> None:
    """Indexes and prints seconds and megabytes; runs in a process of its own."""
    import torch

    from xmr_core.datasets.catalogue import part_of
    from xmr_core.indexing.published import Material, index_published

    torch.set_num_threads(1)
    source = folder / kind / "frame.npy" if kind == "array" else folder / kind
    encoder = MeanEncoder(width)
    part = part_of("flickr30k", "all")
    part.read(folder / "root")  # pays for the imports, so that only the work is measured
    watch = Watch()
    watch.start()
    start = time.perf_counter()
    gallery = index_published(
        part, folder / "root", encoder, folder / f"gallery-{kind}", Material(features=(source,))
    )
    seconds = time.perf_counter() - start
    watch.stopped.set()
    print(f"{len(gallery)} {seconds:.3f} {watch.peak - watch.before:.0f}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=10_000)
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--folder", type=Path, help="where to work; a temporary one by default")
    parser.add_argument("--only", choices=KINDS, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.only:
        index_once(options.folder, options.only, options.width)
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as place:
        folder = Path(place)
        write_features(folder, options.clips, options.frames, options.width)
        megabytes = (folder / "array/frame.npy").stat().st_size / 1e6
        print(f"{options.clips:,} x {options.frames} x {options.width} float16, {megabytes:.0f} MB")
        for kind in KINDS:
            copied = min(copy_s(folder / kind, folder / f"{kind}-copy{n}") for n in range(2))
            command = [sys.executable, "-m", "benchmarks.index_features", "--only", kind]
            command += ["--folder", str(folder), "--width", str(options.width)]
            shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            clips, seconds, megabytes = shown.split()
            print(
                f"  {kind:<6} {clips} clips in {seconds} s, copy {copied:.3f} s, ratio "
                f"{float(seconds) / copied:.1f}; {megabytes} MB of memory"
            )


if __name__ == "__main__":
    main()
