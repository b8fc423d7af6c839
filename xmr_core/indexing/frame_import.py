"""A folder of videos into a frame store: decode, keep as JPEG, go on after a kill."""

import io
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xmr_core.errors import VideoUnavailableError, XmrError
from xmr_core.gallery import BadFile
from xmr_core.indexing.folder import VIDEO_SUFFIXES, find_media
from xmr_core.indexing.videos import IndexingStoppedError, VideoReader
from xmr_core.media.frame_store import FrameStoreWriter
from xmr_core.media.sampling import centre_times
from xmr_core.media.worker import MediaReader, ReadRequest
from xmr_core.progress import Progress, no_progress
from xmr_core.types import Video

_JOURNAL = "import.json"
_SAVE_EVERY = 50


@dataclass(frozen=True, slots=True)
class FrameImport:
    """What became of a folder.

    Attributes:
        store: Folder of the store.
        num_videos: Videos in it.
        bad_files: Videos that are not in it, with reasons.
    """

    store: Path
    num_videos: int
    bad_files: tuple[BadFile, ...]


def import_frames(
    folder: str | Path,
    out: str | Path,
    *,
    frames: int = 30,
    max_side: int | None = None,
    quality: int = 95,
    workers: int | None = None,
    reader: VideoReader | None = None,
    progress: Progress = no_progress,
    should_stop: Callable[[], bool] = lambda: False,
) -> FrameImport:
    """Writes a frame store of all videos below a folder; the id of a video is its name.

    Killed at any moment, the same call goes on where it was; the store appears under its name only
    when it is complete. Videos that cannot be read are left out and named.

    Deviation: the public script takes the frames at `linspace(0, frame_count - 10, frames)`, so it
    leaves out the end and fails on clips of fewer than 10 frames. Here each frame is the one on
    screen in the middle of one of `frames` equal stretches, as everywhere in this project; a video
    of fewer frames gives some of them twice.

    Args:
        folder: Searched with its subfolders.
        out: Folder of the store; must not be there yet.
        frames: Frames of every video.
        max_side: Longer side of the frames in pixels, at most; None keeps the size.
        quality: Of the JPEG files, 1 to 95.
        workers: Processes that decode; by default one for every two cores, at most four.
        reader: What decodes instead of `workers` new processes.
        progress: Counts the videos.
        should_stop: Asked after every video; True ends the run in a resumable state.

    Raises:
        XmrError: The folder is missing or holds no readable video, `out` exists, or
            `IndexingStoppedError`.
    """
    folder, out = Path(folder), Path(out).absolute()
    if frames < 1 or not 1 <= quality <= 95:
        raise ValueError(f"frames >= 1 and quality 1 to 95 are needed, got {frames}, {quality}")
    if out.exists():
        raise XmrError(f"There is already something at {out}. Choose another name or delete it.")
    draft = out.parent / f".{out.name}.partial"
    videos, bad = _videos_by_id(folder, skip=[out, draft])
    if not videos:
        raise XmrError(f"There are no videos in {folder}.")
    own_reader = None
    if reader is None:
        workers = workers or min(4, max(1, (os.cpu_count() or 1) // 2))
        reader = own_reader = MediaReader(workers)
    try:
        job = _Job(draft, _Settings(frames, max_side, quality))
        bad += job.run(folder.resolve(), videos, reader, progress, should_stop)
    finally:
        if own_reader is not None:
            own_reader.close()
    if not job.versions:
        shutil.rmtree(draft)
        raise XmrError(f"None of the {len(videos)} videos can be read. The first: {bad[0].reason}")
    draft.rename(out)
    (out / _JOURNAL).unlink()
    return FrameImport(out, len(job.versions), tuple(bad))


def _videos_by_id(folder: Path, skip: Sequence[Path]) -> tuple[dict[str, str], list[BadFile]]:
    """Relative paths of the videos by id, and files that cannot be taken."""
    found = find_media(folder, skip=skip)
    videos: dict[str, str] = {}
    bad = list(found.bad)
    for name in found.paths:
        path = Path(name)
        if path.suffix.lower() not in VIDEO_SUFFIXES:
            continue
        first = videos.setdefault(path.stem, name)
        if first != name:
            bad.append(BadFile(name, f"its id '{path.stem}' is already that of {first}"))
    return videos, bad


@dataclass(frozen=True, slots=True)
class _Settings:
    """What all videos of a store have in common."""

    frames: int
    max_side: int | None
    quality: int


class _Job:
    """One import with what it has on the disk.

    Attributes:
        versions: Size and time of every video that is in the store, by id.
    """

    def __init__(self, draft: Path, settings: _Settings) -> None:
        self._draft = draft
        self._settings = settings
        journal = self._journal()
        if journal.get("settings") != asdict(settings):
            shutil.rmtree(draft, ignore_errors=True)
            journal = {}
        self.versions: dict[str, list[int]] = journal.get("versions", {})

    def run(
        self,
        root: Path,
        videos: dict[str, str],
        reader: VideoReader,
        progress: Progress,
        should_stop: Callable[[], bool],
    ) -> list[BadFile]:
        """Brings the draft up to date with the videos; returns those that cannot be read."""
        frames, max_side = self._settings.frames, self._settings.max_side
        versions = {video_id: _version(root / name) for video_id, name in videos.items()}
        bad = []
        with FrameStoreWriter(self._draft) as writer:
            self._remove_stale(writer, versions)
            todo = {v: name for v, name in videos.items() if v not in self.versions}
            requests = (ReadRequest(root / v, frames, max_side=max_side) for v in todo.values())
            done = len(videos) - len(todo)
            desc = f"Importing ({done} of {len(videos)} done before)" if done else "Importing"
            readings = progress(reader.read_many(requests), desc=desc, total=len(todo))
            for count, (video_id, (_, video)) in enumerate(zip(todo, readings, strict=True), 1):
                if isinstance(video, VideoUnavailableError):
                    bad.append(BadFile(todo[video_id], str(video)))
                else:
                    writer.add(video_id, _jpegs(video, frames, self._settings.quality))
                    self.versions[video_id] = versions[video_id]
                stopped = should_stop()
                if stopped or count % _SAVE_EVERY == 0:
                    self._save(writer)
                if stopped:
                    raise IndexingStoppedError(
                        f"Importing stopped after {done + count} of {len(videos)} videos; "
                        "start it again to go on from there."
                    )
            self._save(writer)
            writer.finish(len(self.versions))
        return bad

    def _remove_stale(self, writer: FrameStoreWriter, versions: dict[str, list[int]]) -> None:
        """Takes out videos that changed or went away since an earlier run."""
        for video_id in [v for v in self.versions if self.versions[v] != versions.get(v)]:
            writer.remove(video_id, self._settings.frames)
            del self.versions[video_id]
        self._save(writer)

    def _journal(self) -> dict[str, Any]:
        try:
            return json.loads((self._draft / _JOURNAL).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def _save(self, writer: FrameStoreWriter) -> None:
        """The frames first: a video that the journal names is in the store."""
        writer.commit()
        new = self._draft / f"{_JOURNAL}.new"
        content = {"settings": asdict(self._settings), "versions": self.versions}
        new.write_text(json.dumps(content), encoding="utf-8")
        new.replace(self._draft / _JOURNAL)


def _version(path: Path) -> list[int]:
    try:
        status = path.stat()
    except OSError:  # it goes away while we look; the reader will say so
        return [0, 0]
    return [status.st_size, status.st_mtime_ns]


def _jpegs(video: Video, frames: int, quality: int) -> list[bytes]:
    """The picture on screen in the middle of each of `frames` equal stretches."""
    wanted_s = centre_times(0.0, video.duration_s, frames)
    # The reader gives each shown picture once; a time equal up to rounding belongs to it.
    shown = np.searchsorted(video.times_s, wanted_s + 1e-6, side="right") - 1
    encoded = [_jpeg(frame, quality) for frame in video.frames]
    return [encoded[place] for place in np.maximum(shown, 0)]


def _jpeg(frame: NDArray[np.uint8], quality: int) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(frame).save(file, "JPEG", quality=quality)
    return file.getvalue()
