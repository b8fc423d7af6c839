"""Writing the test clips that come with the project, and checking that they are what we draw.

A folder holds `clips/<id>.mp4`, `posters/<id>.webp`, `clips.jsonl` (one record per clip) and
`boxes.npz`. Writing can be stopped at any time and taken up again.
"""

import hashlib
import io
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

from xmr_core.datasets.scenes import dataset
from xmr_core.datasets.scenes.captions import caption_rng, write_captions
from xmr_core.datasets.scenes.choreography import choreograph
from xmr_core.datasets.scenes.phrases import SceneCaption
from xmr_core.datasets.scenes.render import boxes, render_frames
from xmr_core.datasets.scenes.script import DURATION_S, FPS, NUM_FRAMES, SceneScript, script
from xmr_core.errors import GalleryError
from xmr_core.media.write import write_mp4
from xmr_core.progress import Progress, no_progress
from xmr_core.types import Language

NUM_CLIPS = 1000
CAPTIONS_PER_LANGUAGE = 10
# Below this a decoded clip is not the picture that the code draws (shipped clips have 28 or more).
LEAST_PSNR_DB = 26.0
# All clips together must stay below 25 MB. Rain and waves are expensive, since every frame of them
# is new: quality goes down until a clip is small enough.
_CRFS = (27, 29, 32, 35, 38)
_LARGEST_CLIP_BYTES = 30_000
_POSTER_QUALITY = 74
_UNFINISHED = ".unfinished"


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found.

    Attributes:
        total: Number of clips in the folder.
        checked: How many were drawn again.
        lowest_psnr_db: Of the checked clips, the shipped frames against the drawn ones.
        problems: One sentence for each clip that is not what the code draws.
    """

    total: int
    checked: int
    lowest_psnr_db: float
    problems: tuple[str, ...]


def clip_id(index: int) -> str:
    """Id of test clip number `index`."""
    return f"scene{index:04d}"


def captions_of(index: int) -> tuple[SceneCaption, ...]:
    """The captions of test clip number `index`, English first."""
    return tuple(
        caption
        for language in cast(tuple[Language, ...], get_args(Language))
        for caption in write_captions(
            script("test", index),
            language,
            CAPTIONS_PER_LANGUAGE,
            caption_rng("test", index, language),
        )
    )


def write(root: Path, count: int = NUM_CLIPS, progress: Progress = no_progress) -> None:
    """Draws the test clips into a folder.

    Clips that an earlier, unfinished run of the same code has drawn are kept.

    Args:
        root: The folder; made if need be.
        count: How many clips.
        progress: Shows how far it is.
    """
    for folder in ("clips", "posters"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    journal = root / _UNFINISHED
    code = _fingerprint()
    lines = journal.read_text().split("\n") if journal.exists() else []
    done = set(lines[1:]) if lines[:1] == [code] else set()
    if not done:
        journal.write_text(code)
    for index in progress(range(count), desc="drawing", total=count):
        if clip_id(index) in done:
            continue
        _write_pictures(root, index)
        with journal.open("a") as file:
            file.write(f"\n{clip_id(index)}")
    _write_records(root, count)
    journal.unlink()


def check(root: Path, sample: int, progress: Progress = no_progress) -> CheckReport:
    """Draws some clips again and compares them with what is in the folder.

    Args:
        root: A folder that `write` has filled.
        sample: How many clips, evenly spread.
        progress: Shows how far it is.

    Raises:
        GalleryError: The folder is incomplete or damaged.
    """
    shipped = dataset.load_clips(root)
    scripts, captions = dataset.load_scripts(root), dataset.load_captions(root)
    placed = dataset.load_boxes(root)
    chosen = np.unique(np.linspace(0, len(shipped) - 1, min(sample, len(shipped))).round())
    lowest, problems = float("inf"), []
    for index in progress(chosen.astype(int).tolist(), desc="checking", total=len(chosen)):
        name, scene = clip_id(index), script("test", index)
        if scripts.get(name) != scene:
            problems.append(f"{name}: the script is another one")
            continue
        drawn_boxes, actors = boxes(scene)
        if captions[name] != captions_of(index):
            problems.append(f"{name}: the captions differ")
        if not np.array_equal(
            placed[name].boxes, drawn_boxes.astype(np.float16), equal_nan=True
        ) or not np.array_equal(placed[name].actors, actors):
            problems.append(f"{name}: the boxes differ")
        quality = psnr_db(_decoded(root / shipped[index].video), render_frames(scene))
        lowest = min(lowest, quality)
        if quality < LEAST_PSNR_DB:
            problems.append(f"{name}: the frames differ, PSNR {quality:.1f} dB")
    return CheckReport(len(shipped), len(chosen), lowest, tuple(problems))


def psnr_db(
    a: UInt8[np.ndarray, "frames height width 3"], b: UInt8[np.ndarray, "frames2 height2 width2 3"]
) -> float:
    """Peak signal-to-noise ratio in dB; -inf for pictures of different shape."""
    if a.shape != b.shape:
        return float("-inf")
    mean_square = float(np.mean(np.square(a.astype(np.float32) - b)))
    return float("inf") if mean_square == 0 else 10 * float(np.log10(255**2 / mean_square))


def telling_frame(script: SceneScript) -> int:
    """The frame that shows most of the cast; of equally good ones, the middle of the event."""
    placed, _ = boxes(script)
    areas = np.array([_seen(placed[:, frame]) for frame in range(NUM_FRAMES)])
    start, end = choreograph(script).event_s
    distance = np.abs(np.arange(NUM_FRAMES) - (start + end) / 2 * FPS)
    return int(np.argmin(np.where(areas >= 0.97 * areas.max(), distance, np.inf)))


def _seen(placed: Float[np.ndarray, "instances 4"]) -> float:
    """Area of the boxes of one frame; what two of them share counts for neither."""
    found = placed[~np.isnan(placed[:, 0])]
    low = np.maximum(found[:, None, :2], found[None, :, :2])
    high = np.minimum(found[:, None, 2:], found[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=-1)
    own = np.trace(shared)
    return float(own - (shared.sum() - own))


def _write_pictures(root: Path, index: int) -> None:
    scene, name = script("test", index), clip_id(index)
    frames = render_frames(scene)
    clip = root / "clips" / f"{name}.mp4"
    for crf in _CRFS:
        write_mp4(clip, frames, FPS, crf)
        if clip.stat().st_size <= _LARGEST_CLIP_BYTES:
            break
    picture = io.BytesIO()
    poster = Image.fromarray(frames[telling_frame(scene)])
    poster.save(picture, "WEBP", quality=_POSTER_QUALITY, method=6)
    _replace(root / "posters" / f"{name}.webp", picture.getvalue())


def _write_records(root: Path, count: int) -> None:
    placed = [boxes(script("test", index)) for index in range(count)]
    arrays = io.BytesIO()
    np.savez_compressed(
        arrays,
        ids=np.array([clip_id(index) for index in range(count)]),
        boxes=np.concatenate([found for found, _ in placed]).astype(np.float16),
        actors=np.concatenate([actors for _, actors in placed]).astype(np.uint8),
        clip_of_instance=np.repeat(np.arange(count), [len(actors) for _, actors in placed]),
    )
    _replace(root / dataset.BOXES_FILE, arrays.getvalue())
    lines = [json.dumps(_record(index), ensure_ascii=False) for index in range(count)]
    _replace(root / dataset.CLIPS_FILE, ("\n".join(lines) + "\n").encode())


def _record(index: int) -> dict[str, Any]:
    """One line of `clips.jsonl`."""
    scene, name = script("test", index), clip_id(index)
    return {
        "id": name,
        "video": f"clips/{name}.mp4",
        "start_s": 0.0,
        "end_s": DURATION_S,
        "action": scene.event,
        "url": None,
        "captions": [
            {
                "text": caption.text,
                "language": caption.language,
                "mentions": [[m.start, m.end, m.names] for m in caption.mentions],
                "facts": caption.facts,
            }
            for caption in captions_of(index)
        ],
        "script": asdict(scene),
        "event_s": [round(moment, 3) for moment in choreograph(scene).event_s],
        "boxes": dataset.BOXES_FILE,
    }


def _decoded(path: Path) -> UInt8[np.ndarray, "frames height width 3"]:
    import av
    from av.error import FFmpegError

    try:
        with av.open(str(path)) as container:
            pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    except (OSError, FFmpegError) as error:
        raise GalleryError(f"Cannot read the shipped clip {path}: {error}.") from error
    return np.stack(pictures)


def _replace(path: Path, content: bytes) -> None:
    """Writes a file at once: a reader sees the old one or the new one."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    partial.write_bytes(content)
    partial.replace(path)


def _fingerprint() -> str:
    """Changes whenever the code that decides the pictures changes."""
    package = Path(__file__).resolve().parent
    sources = sorted(package.rglob("*.py"))
    content = b"".join(path.read_bytes() for path in sources)
    return hashlib.sha256(content).hexdigest()
