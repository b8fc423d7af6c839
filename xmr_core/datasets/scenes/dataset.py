"""The shipped test clips of `scenes`: reading what `ship` wrote. Draws nothing, needs no skia."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xmr_core.datasets.scenes.phrases import Mention, SceneCaption
from xmr_core.datasets.scenes.script import Actor, SceneScript
from xmr_core.errors import GalleryError
from xmr_core.types import Caption, Clip

CLIPS_FILE, BOXES_FILE = "clips.jsonl", "boxes.npz"


@dataclass(frozen=True, slots=True)
class ClipBoxes:
    """Where everything is in one clip.

    Attributes:
        boxes: (left, top, right, bottom) as fractions of the frame, NaN where not to be seen,
            shape (instances, frames, 4).
        actors: Index of the script's actor for each instance, shape (instances,).
    """

    boxes: NDArray[np.float16]
    actors: NDArray[np.int64]


def bundled_root() -> Path:
    """The folder of the clips that come with the project."""
    return Path(__file__).resolve().parents[3] / "assets" / "scenes"


def load_clips(root: Path | None = None) -> tuple[Clip, ...]:
    """The clips, in order; `Clip.video` is relative to the root.

    Args:
        root: Folder that `python -m xmr_core.datasets.scenes --write` made; the bundled one if
            None.

    Raises:
        GalleryError: The folder is incomplete or damaged.
    """
    return tuple(
        Clip(
            id=record["id"],
            video=record["video"],
            start_s=record["start_s"],
            end_s=record["end_s"],
            captions=tuple(Caption(c["text"], c["language"]) for c in record["captions"]),
            action=record["action"],
            url=record["url"],
        )
        for record in _records(root)
    )


def load_captions(root: Path | None = None) -> dict[str, tuple[SceneCaption, ...]]:
    """The captions of every clip with what their words name, by clip id.

    Raises:
        GalleryError: The folder is incomplete or damaged.
    """
    return {
        record["id"]: tuple(
            SceneCaption(
                caption["text"],
                caption["language"],
                tuple(Mention(*mention) for mention in caption["mentions"]),
                tuple((name, value) for name, value in caption["facts"]),
            )
            for caption in record["captions"]
        )
        for record in _records(root)
    }


def load_scripts(root: Path | None = None) -> dict[str, SceneScript]:
    """What happens in every clip, by clip id.

    Raises:
        GalleryError: The folder is incomplete or damaged.
    """
    return {record["id"]: _script(record["script"]) for record in _records(root)}


def load_event_times(root: Path | None = None) -> dict[str, tuple[float, float]]:
    """When the event of every clip happens, start and end in seconds, by clip id.

    Raises:
        GalleryError: The folder is incomplete or damaged.
    """
    return {record["id"]: tuple(record["event_s"]) for record in _records(root)}


def load_boxes(root: Path | None = None) -> dict[str, ClipBoxes]:
    """Where everything is in every clip, by clip id.

    Raises:
        GalleryError: The folder is incomplete or damaged.
    """
    path = (root or bundled_root()) / BOXES_FILE
    try:
        with np.load(path, allow_pickle=False) as arrays:
            ids, clip_of = arrays["ids"].tolist(), arrays["clip_of_instance"]
            boxes, actors = arrays["boxes"], arrays["actors"].astype(np.int64)
    except (OSError, KeyError, ValueError) as error:
        raise GalleryError(f"Cannot read the boxes of the scenes in {path}: {error}.") from error
    starts = np.searchsorted(clip_of, np.arange(len(ids) + 1))
    return {
        name: ClipBoxes(boxes[start:end], actors[start:end])
        for name, start, end in zip(ids, starts[:-1], starts[1:], strict=True)
    }


def _records(root: Path | None) -> Iterator[dict[str, Any]]:
    path = (root or bundled_root()) / CLIPS_FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise GalleryError(
            f"The scenes gallery is not in {path.parent} ({error.strerror}): restore the folder or "
            "draw it again with `python -m xmr_core.datasets.scenes --write`."
        ) from error
    for number, line in enumerate(lines, start=1):
        try:
            yield json.loads(line)
        except ValueError as error:
            raise GalleryError(f"Line {number} of {path} is not JSON: {error}.") from error


def _script(record: dict[str, Any]) -> SceneScript:
    return SceneScript(**{**record, "actors": tuple(Actor(**actor) for actor in record["actors"])})
