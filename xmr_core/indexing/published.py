"""From the annotation of a published data set to a gallery.

Items are joined by id with whatever there is of them: video files, a store of frames, or frame
features that somebody computed before. What is not there is counted and named in the card.
"""

import os
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from xmr_core.datasets.annotations import AnnotatedItem, Items, clip_of, find_clips, safe_id
from xmr_core.datasets.catalogue import Part
from xmr_core.datasets.feature_files import open_features
from xmr_core.datasets.text_files import read_words
from xmr_core.encoder import VideoEncoder
from xmr_core.errors import ConfigError, DataError
from xmr_core.gallery import DataOrigin, Gallery, Seen
from xmr_core.indexing.features import index_features, joined
from xmr_core.indexing.folder import IMAGE_SUFFIXES
from xmr_core.indexing.stored_frames import StoredSource, StoreReader
from xmr_core.indexing.videos import Source, VideoReader, index_videos
from xmr_core.media.frame_store import FrameStore
from xmr_core.media.worker import MediaReader
from xmr_core.progress import Progress, no_progress
from xmr_core.types import Clip


@dataclass(frozen=True, slots=True)
class Material:
    """What there is of the items beside their annotation.

    Attributes:
        media: Folder of the videos or pictures.
        frames: An LMDB store of frames, see `media.frame_store`.
        features: See `datasets.feature_files.open_features`.
        ids: List of ids for features that are one array.
    """

    media: Path | None = None
    frames: Path | None = None
    features: tuple[Path, ...] = ()
    ids: Path | None = None


@dataclass(frozen=True, slots=True)
class _Job:
    """What all three ways have in common."""

    part: Part
    items: Items
    encoder: VideoEncoder
    out: Path
    sha256: str
    gone: Set[str]
    progress: Progress
    should_stop: Callable[[], bool]


def index_published(
    part: Part,
    root: Path,
    encoder: VideoEncoder,
    out: str | Path,
    material: Material,
    *,
    checkpoint_sha256: str = "",
    gone: Set[str] = frozenset(),
    reader: VideoReader | None = None,
    progress: Progress = no_progress,
    should_stop: Callable[[], bool] = lambda: False,
) -> Gallery:
    """Writes a gallery of a part of a data set.

    Clips have the ids, sentences, categories and sources of the annotation. With features no
    picture is seen, so the gallery has no posters and frames to show, and `encoder` is whatever
    the user says made them; `media` then only tells where the videos are. Where files or frames
    are decoded, the same call goes on after a kill.

    Args:
        part: Which items.
        root: Folder of the annotation.
        encoder: What embeds frames, or what made the features.
        out: Folder of the gallery.
        material: What there is; videos in `root` if nothing is named.
        checkpoint_sha256: Of the encoder's weights.
        gone: Ids of items whose source is known to have disappeared.
        reader: What decodes files; new processes by default.
        progress: Counts the items.
        should_stop: Asked after every decoded item; True ends the run in a resumable state.

    Raises:
        DataError: The annotation cannot be read, or nothing of its items is there.
        ConfigError: Features and a store of frames are both given, or ids without features.
        GalleryMismatchError: The features are none that the encoder takes.
        GalleryError: No item can be read, or something else is at `out`.
        IndexingStoppedError: `should_stop` said so.
    """
    if material.features and material.frames:
        raise ConfigError("Give features or a store of frames, not both.")
    if material.ids and not material.features:
        raise ConfigError("A list of ids goes with features.")
    items = part.read(root)
    if len({safe_id(item.id) for item in items}) < len(items):
        raise DataError(f"Two ids of {part} differ only in characters that a gallery cannot keep.")
    out = Path(out).absolute()
    job = _Job(part, items, encoder, out, checkpoint_sha256, gone, progress, should_stop)
    if material.features:
        return _from_features(job, material)
    if material.frames:
        return _from_store(job, material.frames, material.media)
    return _from_media(job, material.media or root, reader)


def read_gone(path: Path) -> frozenset[str]:
    """Ids of items whose source has disappeared: one a line, or between blanks.

    Raises:
        DataError: The file cannot be read.
    """
    return frozenset(read_words(path))


def _from_media(job: _Job, media: Path, reader: VideoReader | None) -> Gallery:
    there = find_clips(job.items, media, job.gone)
    if not there.clips:
        raise DataError(
            f"None of the {len(job.items):,} videos or pictures of {job.part} is in {media}."
        )
    root = media.resolve()
    sources = [Source(root / clip.video, clip, whole_file=True) for clip in there.clips]
    own_reader = None
    if reader is None:
        reader = own_reader = MediaReader(min(4, max(1, (os.cpu_count() or 1) // 2)))
    try:
        return _indexed(job, sources, reader, str(root), there.missing, "videos")
    finally:
        if own_reader is not None:
            own_reader.close()


def _from_store(job: _Job, folder: Path, media: Path | None) -> Gallery:
    with FrameStore(folder) as store:
        clips = _stated_clips(job, media)
        pairs = [(item, clip) for item, clip in zip(job.items, clips, strict=True)]
        there = [(item, clip) for item, clip in pairs if _is_name(item.id) and item.id in store]
        if not there:
            raise DataError(f"None of the {len(pairs):,} items of {job.part} is in {folder}.")
        sources = [StoredSource(folder.absolute() / item.id, clip) for item, clip in there]
        found = {item.id for item, _ in there}
        missing = tuple(item.id for item in job.items if item.id not in found)
        return _indexed(job, sources, StoreReader(store), _media_root(media), missing, "frames")


def _indexed(
    job: _Job,
    sources: Sequence[Source],
    reader: VideoReader,
    media_root: str,
    missing: tuple[str, ...],
    seen: Seen,
) -> Gallery:
    return index_videos(
        sources,
        job.encoder,
        job.out,
        reader=reader,
        media_root=media_root,
        checkpoint_sha256=job.sha256,
        name=str(job.part),
        data=_origin(job, missing, seen),
        progress=job.progress,
        should_stop=job.should_stop,
    )


def _from_features(job: _Job, material: Material) -> Gallery:
    vectors = open_features(material.features, ids=material.ids, max_frames=job.encoder.num_frames)
    names = [_names(item) for item in job.items]
    pictures = all(PurePosixPath(i.file).suffix.lower() in IMAGE_SUFFIXES for i in job.items)
    clips = _stated_clips(job, material.media)
    featured = list(joined(clips, names, vectors, pictures))
    if not featured:
        example = next((place.ids()[0] for place in vectors if place.ids()), "")
        raise DataError(
            f"None of the {len(clips):,} items of {job.part} has features there. An id that there "
            f"is: '{example[:60]}'; one that was looked for: '{job.items[0].id[:60]}'."
        )
    found = {item.clip.id for item in featured}
    missing = tuple(item.id for item in job.items if safe_id(item.id) not in found)
    return index_features(
        featured,
        job.encoder,
        job.out,
        media_root=_media_root(material.media),
        data=_origin(job, missing, "features"),
        checkpoint_sha256=job.sha256,
        name=str(job.part),
        progress=job.progress,
    )


def _origin(job: _Job, missing: tuple[str, ...], seen: Seen) -> DataOrigin:
    part = job.part
    return DataOrigin(part.name, part.protocol, part.split, len(job.items), missing, seen)


def _stated_clips(job: _Job, media: Path | None) -> list[Clip]:
    """All items as clips, with the file that is there or else the one that the annotation names."""
    there = find_clips(job.items, media, job.gone).clips if media else ()
    by_id = {clip.id: clip for clip in there}
    return [
        by_id.get(safe_id(item.id))
        or clip_of(item, _stated_file(item), is_gone=item.id in job.gone)
        for item in job.items
    ]


def _stated_file(item: AnnotatedItem) -> str:
    """Where the item's file would be; never a path that leads elsewhere."""
    path = PurePosixPath(item.file)
    if not item.file or path.is_absolute() or ".." in path.parts:
        return f"{safe_id(item.id)}.mp4"
    return str(path)


def _media_root(media: Path | None) -> str:
    """For the card; the gallery's own folder, which holds no videos, if there are none."""
    return str(media.resolve()) if media else "."


def _names(item: AnnotatedItem) -> tuple[str, ...]:
    """What an item may be called in a folder of features."""
    return tuple(dict.fromkeys((item.id, safe_id(item.id), PurePosixPath(item.id).name)))


def _is_name(text: str) -> bool:
    """Whether an id is one plain name, as a store's frames are called."""
    return "/" not in text and text not in ("", ".", "..")
