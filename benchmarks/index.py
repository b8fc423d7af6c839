"""Indexing a folder against what the encoder alone does on the same frames.

    python -m benchmarks.index [--checkpoint ID | --model ViT-B-32] [--folder F] [--clips 48]

The ratio is the encoder's time divided by the whole run's: 1 means that reading, posters, saving
and the gallery cost nothing. On a machine whose cores the encoder fills, decoding cannot be free:
the processor time that it takes is printed, and the ratio that it would leave if all of it came on
top.
"""

import argparse
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from xmr_core.indexing import encode_videos, index_folder
from xmr_core.media.limits import MAX_SIDE
from xmr_core.media.worker import MediaReader, ReadRequest
from xmr_core.media.write import write_mp4
from xmr_core.types import Video

VIDEOS_PER_BATCH = 6
SCENES = Path(__file__).resolve().parents[1] / "assets" / "scenes"


def load_encoder(checkpoint: str | None, model: str) -> Any:
    """A checkpoint, or an open_clip model with random weights: as fast as a trained one."""
    if checkpoint:
        from xmr_core.checkpoints import load_checkpoint

        return load_checkpoint(checkpoint)[0]
    import open_clip

    from xmr_core.methods.clip.model import ClipEncoder

    return ClipEncoder(f"random {model}", open_clip.create_model(model), None)  # type: ignore[arg-type]


def prepare_clips(folder: Path | None, count: int, target: Path) -> list[Path]:
    """Copies clips, or draws some: noise drifting over a gradient, 320 x 180, 4 s."""
    source = folder or SCENES
    found = sorted(source.rglob("*.mp4"))[:count] if source.is_dir() else []
    if found:
        return [Path(shutil.copy(path, target / f"{i:04d}.mp4")) for i, path in enumerate(found)]
    generator = np.random.default_rng(0)
    picture = np.linspace(0, 200, 320)[None, :, None] + 55 * generator.random((180, 320, 3))
    moving = np.stack([np.roll(picture, 4 * i, axis=1) for i in range(48)]).astype(np.uint8)
    first = target / "0000.mp4"
    write_mp4(first, moving, fps=12)
    return [first, *(Path(shutil.copy(first, target / f"{i:04d}.mp4")) for i in range(1, count))]


def encoder_alone_s(encoder: Any, videos: list[Video]) -> float:
    """Seconds that the encoder takes for frames that are in memory."""
    start = time.perf_counter()
    for begin in range(0, len(videos), VIDEOS_PER_BATCH):
        encode_videos(encoder, videos[begin : begin + VIDEOS_PER_BATCH])
    return time.perf_counter() - start


def children_s() -> float:
    """Processor time of finished child processes, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", help="default: a model with random weights")
    parser.add_argument("--model", default="ViT-B-32", help="architecture of open_clip")
    parser.add_argument("--folder", type=Path, help="default: the bundled clips")
    parser.add_argument("--clips", type=int, default=36)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args(arguments)
    encoder = load_encoder(options.checkpoint, options.model)
    with tempfile.TemporaryDirectory() as place:
        media = Path(place) / "media"
        media.mkdir()
        paths = prepare_clips(options.folder, options.clips, media)
        with MediaReader(1) as reader:
            requests = [ReadRequest(path, encoder.num_frames, max_side=MAX_SIDE) for path in paths]
            videos = [video for _, video in reader.read_many(requests) if isinstance(video, Video)]
        encoder_alone_s(encoder, videos[:VIDEOS_PER_BATCH])  # warm up
        alone, whole, decoding = [], [], []
        for number in range(options.rounds):
            alone.append(encoder_alone_s(encoder, videos))
            before, start = children_s(), time.perf_counter()
            index_folder(media, encoder, Path(place) / f"gallery{number}")
            whole.append(time.perf_counter() - start)
            decoding.append(children_s() - before)
    frames = sum(len(video.frames) for video in videos)
    print(f"{encoder.id}: {len(videos)} clips, {frames} frames, {os.cpu_count()} cores")
    print(f"  encoder alone    {min(alone):8.2f} s  {len(videos) / min(alone):7.1f} clips/s")
    print(f"  index_folder     {min(whole):8.2f} s  {len(videos) / min(whole):7.1f} clips/s")
    print(f"  ratio            {min(alone) / min(whole):8.3f}  (asked: at least 0.9)")
    print(f"  decoding         {min(decoding):8.2f} s of processor time in its own process")


if __name__ == "__main__":
    main()
