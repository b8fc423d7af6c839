"""From frame features that somebody computed before to a gallery, without a picture being seen."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from xmr_core.datasets.feature_files import Vectors
from xmr_core.encoder import VideoEncoder
from xmr_core.errors import CheckpointError, DataError, GalleryError, GalleryMismatchError
from xmr_core.gallery import (
    BadFile,
    DataOrigin,
    Gallery,
    GalleryCard,
    caption_parts,
    check_writable,
)
from xmr_core.indexing.encoding import encode_features
from xmr_core.media.frame_pool import choose_frames
from xmr_core.progress import Progress, no_progress
from xmr_core.types import Clip

_ITEMS_AT_ONCE = 256
_AGREEING = 0.99
"""Lower mean cosines are not rounding: other weights made the vectors."""


@dataclass(frozen=True, slots=True)
class Featured:
    """A clip whose features are known.

    Attributes:
        clip: What the gallery will say about it.
        vectors: Where its features are.
        name: Under which name.
        whole: Where a vector of the whole clip is, by the same name; None if nowhere.
        is_picture: Whether it is a single picture, so that one vector is all there is of it.
    """

    clip: Clip
    vectors: Vectors
    name: str
    whole: Vectors | None = None
    is_picture: bool = False


def index_features(
    items: Sequence[Featured],
    encoder: VideoEncoder,
    out: str | Path,
    *,
    media_root: str,
    data: DataOrigin,
    checkpoint_sha256: str = "",
    name: str | None = None,
    progress: Progress = no_progress,
) -> Gallery:
    """Writes a gallery from features; an item with damaged ones is left out and named.

    Items with more frames than the encoder takes keep as many, at equal distances (the rule of
    HMMC). Memory does not grow with the number of items: what is done lies on the disk.

    Args:
        items: In the gallery's order; ids must differ.
        encoder: Whose frame features they are, as the user says.
        out: Folder of the gallery.
        media_root: Folder that the clips' paths start from, for the card.
        data: For the card.
        checkpoint_sha256: Of the encoder's weights.
        name: Of the gallery; by default that of its folder.
        progress: Counts the items.

    Raises:
        GalleryMismatchError: The features have another width than the encoder's, are of whole
            clips where it takes frames, or vectors of whole clips beside them are not what it
            makes of the frames.
        GalleryError: No item has features that can be read, or something else is at `out`.
    """
    out = Path(out).absolute()
    check_writable(out)
    draft = out.parent / f".{out.name}.features"
    shutil.rmtree(draft, ignore_errors=True)  # of a run that was killed
    draft.mkdir(parents=True)
    try:
        run = _Run(encoder, draft, len(items))
        batches = [items[i : i + _ITEMS_AT_ONCE] for i in range(0, len(items), _ITEMS_AT_ONCE)]
        for batch in progress(batches, desc="Features", total=len(batches)):
            run.add(batch)
        if not run.clips:
            first = f" The first: {run.bad[0].reason}" if run.bad else ""
            raise GalleryError(f"None of the {len(items):,} items has usable features.{first}")
        parts = run.parts()
        card = GalleryCard(
            name=name or out.name,
            checkpoint_id=encoder.id,
            checkpoint_sha256=checkpoint_sha256,
            width=parts["global" if "global" in parts else "code"].shape[1],
            num_frames=encoder.num_frames,
            num_items=len(run.clips),
            media_root=media_root,
            bad_files=tuple(run.bad),
            data=run.with_agreement(data),
        )
        clips = tuple(run.clips)
        return Gallery(card, clips, parts | caption_parts(encoder, clips, progress)).save(out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def frame_width(encoder: VideoEncoder) -> int:
    """Dimension of the frame features that an encoder takes.

    Raises:
        GalleryMismatchError: It keeps no frame features, because they are as large as the video.
    """
    if not encoder.stores_frames:
        raise GalleryMismatchError(
            f"The checkpoint '{encoder.id}' takes the pixels of a video, not features of frames."
        )
    try:
        return encoder.frame_features(np.zeros((1, 32, 32, 3), np.uint8)).shape[1]
    except CheckpointError:  # published heads come without the part that sees pictures
        return int(encoder.frame_width)  # type: ignore[attr-defined]


class _Run:
    """What is done so far, on the disk.

    Attributes:
        clips: Of the good items, in order.
        bad: The others, with reasons.
    """

    def __init__(self, encoder: VideoEncoder, draft: Path, count: int) -> None:
        self.clips: list[Clip] = []
        self.bad: list[BadFile] = []
        self._encoder = encoder
        self._width = frame_width(encoder)
        self._takes_whole = _keeps_a_single_vector(encoder, self._width)
        self._draft = draft
        self._count = count
        self._stored: dict[str, NDArray[Any]] = {}
        self._cosines: list[NDArray[np.float64]] = []

    def add(self, batch: Sequence[Featured]) -> None:
        """Embeds some items and stores what comes out."""
        good: list[Featured] = []
        features: list[torch.Tensor] = []
        for item in batch:
            try:
                values = self._frames(item)
            except DataError as error:
                self.bad.append(BadFile(item.name, str(error)))
                continue
            good.append(item)
            features.append(torch.from_numpy(values))
        if not good:
            return
        parts = encode_features(self._encoder, features)
        finite = np.ones(len(good), dtype=bool)
        for part in parts.values():
            finite &= np.isfinite(part).reshape(len(good), -1).all(axis=1)
        self._compare(good, parts, finite)
        self._store(parts, finite)
        for item, is_finite in zip(good, finite, strict=True):
            if is_finite:
                self.clips.append(item.clip)
            else:
                self.bad.append(BadFile(item.name, "the model gives no finite numbers for it"))

    def parts(self) -> dict[str, NDArray[Any]]:
        """The embeddings of all good items; they stay on the disk."""
        return {name: stored[: len(self.clips)] for name, stored in self._stored.items()}

    def with_agreement(self, data: DataOrigin) -> DataOrigin:
        """The origin with what the comparison of vectors of whole clips said.

        Raises:
            GalleryMismatchError: The checkpoint makes other vectors of the frames.
        """
        if not self._cosines:
            return data
        agreement = float(np.concatenate(self._cosines).mean())
        if agreement < _AGREEING:
            raise GalleryMismatchError(
                f"The vectors of whole clips are not what '{self._encoder.id}' makes of the frame "
                f"features: their mean cosine is {agreement:.3f}. Another checkpoint made them, "
                "or their rows are in another order."
            )
        return replace(data, agreement=round(agreement, 6))

    def _frames(self, item: Featured) -> NDArray[np.float32]:
        """Frame features of one item, checked, at most as many as the encoder takes.

        Raises:
            DataError: They are damaged.
            GalleryMismatchError: They are none that this encoder takes.
        """
        values = item.vectors.read(item.name)
        values = values[None] if values.ndim == 1 else values
        if values.ndim != 2 or not len(values):
            raise DataError(f"its features have the shape {values.shape}, not (frames, d)")
        if values.shape[1] != self._width:
            raise GalleryMismatchError(
                f"The features of '{item.name}' in {item.vectors.name} have {values.shape[1]} "
                f"numbers a frame; '{self._encoder.id}' takes {self._width}."
            )
        if not (item.vectors.is_of_frames or item.is_picture or self._takes_whole):
            raise GalleryMismatchError(
                f"{item.vectors.name} has one vector for each clip; '{self._encoder.id}' takes "
                "the features of its frames. Give an array (items, frames, d)."
            )
        if len(values) > self._encoder.num_frames:
            values = values[choose_frames(len(values), self._encoder.num_frames)]
        values = np.array(values, dtype=np.float32)  # a copy: rows of a file are read-only
        if not np.isfinite(values).all():
            raise DataError("its features hold numbers that are not finite")
        return values

    def _compare(
        self, good: Sequence[Featured], parts: dict[str, NDArray[Any]], finite: NDArray[np.bool_]
    ) -> None:
        """Cosines between vectors of whole clips that were given and those made of the frames."""
        rows = [
            row for row, item in enumerate(good) if item.whole and finite[row] and "global" in parts
        ]
        if not rows:
            return
        given = np.concatenate(
            [whole.read(good[row].name) for row in rows if (whole := good[row].whole)]
        ).astype(np.float64)
        made = parts["global"][rows].astype(np.float64)
        if given.shape != made.shape:
            raise GalleryMismatchError(
                f"The vectors of whole clips have {given.shape[1]} numbers; "
                f"'{self._encoder.id}' makes {made.shape[1]}."
            )
        lengths = np.linalg.norm(given, axis=1) * np.linalg.norm(made, axis=1)
        self._cosines.append((given * made).sum(1) / np.maximum(lengths, 1e-12))

    def _store(self, parts: dict[str, NDArray[Any]], finite: NDArray[np.bool_]) -> None:
        begin, end = len(self.clips), len(self.clips) + int(finite.sum())
        for name, part in parts.items():
            if name not in self._stored:
                shape = (self._count, *part.shape[1:])
                self._stored[name] = np.memmap(self._draft / name, part.dtype, "w+", shape=shape)
            self._stored[name][begin:end] = part[finite]


def _keeps_a_single_vector(encoder: VideoEncoder, width: int) -> bool:
    """Whether a video of one frame is embedded as just this frame's direction.

    Then the vector of a whole clip may stand for its frames: methods that average frames.
    """
    generator = torch.Generator().manual_seed(0)
    vector = torch.randn(1, width, generator=generator)
    (frame,) = encode_features(encoder, [vector]).get("global", np.zeros((1, 0)))
    if frame.shape != (width,):
        return False
    direction = vector[0].numpy() / np.linalg.norm(vector.numpy())
    return bool(np.allclose(frame, direction, atol=1e-4))


def joined(
    clips: Sequence[Clip],
    names: Sequence[Sequence[str]],
    vectors: Sequence[Vectors],
    pictures: bool,
) -> Iterator[Featured]:
    """Finds the features of clips; clips without any are passed over.

    Args:
        clips: What to look for.
        names: Names under which each may be kept, the likeliest first.
        vectors: Where to look, the first first; frame features come before vectors of clips.
        pictures: Whether the clips are single pictures.
    """
    of_frames = [place for place in vectors if place.is_of_frames]
    of_clips = [place for place in vectors if not place.is_of_frames]
    for clip, own in zip(clips, names, strict=True):
        frames = _place(of_frames, own)
        whole = _place(of_clips, own)
        if frames:
            beside = whole[0] if whole and whole[1] == frames[1] else None
            yield Featured(clip, *frames, whole=beside, is_picture=pictures)
        elif whole:
            yield Featured(clip, *whole, is_picture=pictures)


def _place(vectors: Sequence[Vectors], names: Sequence[str]) -> tuple[Vectors, str] | None:
    return next(((place, name) for place in vectors for name in names if name in place), None)
