"""The run over the files: decode, encode, save, merge."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from xmr_core.encoder import VideoEncoder
from xmr_core.errors import GalleryError, VideoUnavailableError, XmrError
from xmr_core.gallery import (
    BadFile,
    DataOrigin,
    Gallery,
    GalleryCard,
    caption_parts,
    check_writable,
)
from xmr_core.indexing.ahead import read_ahead
from xmr_core.indexing.encoding import encode_videos
from xmr_core.indexing.journal import Finished, Journal
from xmr_core.media.limits import MAX_SIDE
from xmr_core.media.poster import STILLS, write_poster, write_stills
from xmr_core.media.worker import ReadRequest
from xmr_core.progress import Progress, no_progress
from xmr_core.types import Clip, Video

_FRAMES_PER_BATCH = 64
_BYTES_PER_BATCH = 256_000_000
_SAVE_EVERY_S = 5.0

Reading = tuple[ReadRequest, Video | VideoUnavailableError]


class IndexingStoppedError(XmrError):
    """Somebody asked to stop; what is finished is kept for the next run."""


class VideoReader(Protocol):
    """What indexing needs of `media.worker.MediaReader`."""

    def read_many(self, requests: Iterable[ReadRequest]) -> Iterator[Reading]:
        """Reads files ahead of the caller, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """A clip to be indexed.

    Attributes:
        path: Its file.
        clip: What the gallery will say about it.
        whole_file: Reads all of the file and fills in where the clip ends.
    """

    path: Path
    clip: Clip
    whole_file: bool = False

    def key(self) -> str:
        """Changes when the file, the stretch or the id does."""
        try:
            status = self.path.stat()
            version = (status.st_size, status.st_mtime_ns)
        except OSError:
            version = None
        clip = self.clip
        what = (clip.id, clip.video, clip.start_s, clip.end_s, self.whole_file, version)
        return hashlib.sha256(repr(what).encode()).hexdigest()[:32]

    def request(self, num_frames: int) -> ReadRequest:
        """What the reader is asked for."""
        if self.whole_file:
            return ReadRequest(self.path, num_frames, max_side=MAX_SIDE)
        return ReadRequest(
            self.path, num_frames, self.clip.start_s, self.clip.end_s, max_side=MAX_SIDE
        )


def index_videos(
    sources: Sequence[Source],
    encoder: VideoEncoder,
    out: str | Path,
    *,
    reader: VideoReader,
    media_root: str,
    checkpoint_sha256: str = "",
    name: str | None = None,
    bad_files: Sequence[BadFile] = (),
    data: DataOrigin | None = None,
    progress: Progress = no_progress,
    should_stop: Callable[[], bool] = lambda: False,
) -> Gallery:
    """Writes a gallery of clips. Killed at any moment, the same call goes on where it was.

    Args:
        sources: The clips, in the gallery's order; ids must differ.
        encoder: What embeds the frames.
        out: Folder of the gallery.
        reader: What decodes.
        media_root: Folder that the clips' paths start from, for the card.
        checkpoint_sha256: Of the encoder's weights.
        name: Of the gallery; by default that of its folder.
        bad_files: Files that are known to be bad.
        data: The published data set that the clips are of, for the card.
        progress: Counts the clips.
        should_stop: Asked after every clip; True ends the run in a resumable state.

    Raises:
        GalleryError: No clip could be read, or something else is at `out`.
        IndexingStoppedError: `should_stop` said so.
    """
    out = Path(out).absolute()
    check_writable(out)
    if len({source.clip.id for source in sources}) < len(sources):
        raise ValueError("two sources have the same id")
    identity = {
        "checkpoint": encoder.id,
        "sha256": checkpoint_sha256,
        "num_frames": encoder.num_frames,
        "max_side": MAX_SIDE,
    }
    journal = Journal(out.parent / f".{out.name}.partial", identity)
    keys = {source.key(): source for source in sources}
    finished = journal.durations_s.keys() | journal.reasons.keys()
    todo = {key: source for key, source in keys.items() if key not in finished}
    fill_journal(
        journal, todo, encoder, reader, total=len(keys), progress=progress, should_stop=should_stop
    )
    gallery = _merge(
        keys, journal, out, encoder, name, media_root, checkpoint_sha256, bad_files, data, progress
    )
    journal.remove()
    return gallery


def fill_journal(
    journal: Journal,
    todo: Mapping[str, Source],
    encoder: VideoEncoder,
    reader: VideoReader,
    *,
    total: int,
    progress: Progress,
    should_stop: Callable[[], bool],
) -> None:
    """Reads and embeds what is still to do; what is finished survives whatever ends this.

    Args:
        journal: Where results go.
        todo: The clips that it lacks, by key.
        encoder: What embeds the frames.
        reader: What decodes.
        total: Number of clips with those that are done, for the messages.
        progress: Counts the clips.
        should_stop: Asked after every clip.

    Raises:
        IndexingStoppedError: `should_stop` said so.
    """
    # Posters are written by the thread that waits for the decoders, beside the encoder's work.
    readings = read_ahead(_read_with_posters(todo, reader, encoder.num_frames, journal))
    batch = _Batch(encoder, journal)
    done = total - len(todo)
    desc = f"Indexing ({done} of {total} done before)" if done else "Indexing"
    with closing(readings):
        try:
            for key, outcome in progress(readings, desc=desc, total=len(todo)):
                batch.add(key, outcome)
                done += 1
                if should_stop():
                    raise IndexingStoppedError(
                        f"Indexing stopped after {done} of {total} files; "
                        "start it again to go on from there."
                    )
        finally:
            batch.save()


def _merge(
    keys: dict[str, Source],
    journal: Journal,
    out: Path,
    encoder: VideoEncoder,
    name: str | None,
    media_root: str,
    checkpoint_sha256: str,
    bad_files: Sequence[BadFile],
    data: DataOrigin | None,
    progress: Progress,
) -> Gallery:
    """Puts the finished items together in the order of the sources."""
    bad = [
        BadFile(source.clip.video, journal.reasons[key])
        for key, source in keys.items()
        if key in journal.reasons
    ]
    good = [key for key in keys if key in journal.durations_s]
    if not good:
        first = f" The first: {bad[0].reason}" if bad else ""
        raise GalleryError(f"None of the {len(keys)} files could be read.{first}")
    parts = journal.collect(good)
    card = GalleryCard(
        name=name or out.name,
        checkpoint_id=encoder.id,
        checkpoint_sha256=checkpoint_sha256,
        width=parts["global" if "global" in parts else "code"].shape[1],
        num_frames=encoder.num_frames,
        num_items=len(good),
        media_root=media_root,
        bad_files=(*bad_files, *bad),
        data=data,
    )
    clips = tuple(
        replace(keys[key].clip, end_s=journal.durations_s[key])
        if keys[key].whole_file
        else keys[key].clip
        for key in good
    )
    if data is not None:  # thousands of captions; those of one's own videos take a second
        parts |= caption_parts(encoder, clips, progress)
    posters = {keys[key].clip.id: journal.posters / f"{key}.webp" for key in good}
    stills = {keys[key].clip.id: journal_stills(journal, key) for key in good}
    return Gallery(card, clips, parts).save(out, posters, stills)


def journal_stills(journal: Journal, key: str) -> list[Path]:
    """The small frames of an item, which may be fewer than three."""
    paths = (journal.stills / f"{key}.{number}.webp" for number in range(STILLS))
    return [path for path in paths if path.is_file()]


class _Batch:
    """Collects decoded videos, encodes them together and hands them to the journal."""

    def __init__(self, encoder: VideoEncoder, journal: Journal) -> None:
        self._encoder = encoder
        self._journal = journal
        self._videos: dict[str, Video] = {}
        self._items: list[Finished] = []
        self._parts: list[dict[str, NDArray[Any]]] = []
        self._reasons: dict[str, str] = {}
        self._saved_at = time.monotonic()

    def add(self, key: str, outcome: Video | VideoUnavailableError) -> None:
        """Takes one reading; encodes when a batch is full and saves every few seconds."""
        if isinstance(outcome, VideoUnavailableError):
            self._reasons[key] = str(outcome)
        else:
            self._videos[key] = outcome
        frames = sum(len(video.frames) for video in self._videos.values())
        size_bytes = sum(video.frames.nbytes for video in self._videos.values())
        if frames >= _FRAMES_PER_BATCH or size_bytes >= _BYTES_PER_BATCH:
            self._encode()
        if time.monotonic() - self._saved_at >= _SAVE_EVERY_S:
            self.save()

    def save(self) -> None:
        """Writes everything that is decoded by now to the journal."""
        self._encode()
        names = self._parts[0] if self._parts else {}
        parts = {name: np.concatenate([some[name] for some in self._parts]) for name in names}
        self._journal.append(self._items, parts, self._reasons)
        self._items, self._parts, self._reasons = [], [], {}
        self._saved_at = time.monotonic()

    def _encode(self) -> None:
        videos, self._videos = self._videos, {}
        if not videos:
            return
        parts = encode_videos(self._encoder, list(videos.values()))
        finite = np.ones(len(videos), dtype=bool)
        for part in parts.values():
            finite &= np.isfinite(part).reshape(len(videos), -1).all(axis=1)
        self._parts.append({name: part[finite] for name, part in parts.items()})
        for (key, video), is_finite in zip(videos.items(), finite, strict=True):
            if is_finite:
                self._items.append(Finished(key, video.duration_s))
            else:
                self._reasons[key] = "the model gives no finite numbers for it"


def _read_with_posters(
    todo: Mapping[str, Source], reader: VideoReader, num_frames: int, journal: Journal
) -> Iterator[tuple[str, Video | VideoUnavailableError]]:
    """Reads the sources in order; leaves the middle frame of each and three small ones."""
    requests = (source.request(num_frames) for source in todo.values())
    for key, (_, outcome) in zip(todo, reader.read_many(requests), strict=True):
        if isinstance(outcome, Video):
            middle = outcome.frames[len(outcome.frames) // 2]
            write_poster(middle, journal.posters / f"{key}.webp")
            write_stills(outcome.frames, journal.stills, key)
        yield key, outcome
