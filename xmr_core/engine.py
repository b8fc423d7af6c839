"""The Engine: a checkpoint and a gallery, and everything that can be asked of them.

The demo and the command line hold one Engine each and nothing else of this package. It keeps no
trace of who asked what: two visitors can use it at the same time.
"""

from collections.abc import Callable, Sequence
from copy import copy
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from xmr_core.errors import NothingAdmittedError, VideoUnavailableError, XmrError
from xmr_core.media.limits import MAX_SIDE
from xmr_core.opened import Opened
from xmr_core.progress import Progress, no_progress
from xmr_core.types import (
    CaptionMatch,
    CheckpointCard,
    Clip,
    Description,
    Elapsed,
    Explanation,
    Filter,
    Match,
    Moment,
    SearchResult,
    Video,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from xmr_core.encoder import Embeddings
    from xmr_core.gallery import Gallery
    from xmr_core.indexing.stretches import FolderReader

MAX_QUERY = 500  # characters


class Engine:
    """Answers queries with one checkpoint over one gallery. Safe to share between threads.

    Args:
        checkpoint: Id of a bundled checkpoint, a folder, `hf://owner/name@<revision>` on the Hub,
            or an open_clip name such as "ViT-B-32/laion2b_s34b_b79k".
        gallery: "scenes" (bundled), a folder written by `xmr index`, or
            `hf://owner/name@<revision>`.

    Raises:
        GalleryError: There is no such gallery. Weights are looked for at the first query.
        HubError: An address on the Hub leads nowhere.
    """

    def __init__(self, checkpoint: str = "scenes-clip", gallery: str = "scenes") -> None:
        self.checkpoint = checkpoint
        self._opened = Opened(checkpoint, gallery)

    @property
    def card(self) -> CheckpointCard | None:
        """What is known about the checkpoint; None for one without a card of ours."""
        return self._opened.card

    @property
    def gallery_name(self) -> str:
        """What the gallery's card calls it."""
        return self._opened.stored.card.name

    @property
    def made_by(self) -> str:
        """Id of the checkpoint that made the gallery: itself, or its trunk."""
        return self._opened.stored.card.checkpoint_id

    @property
    def keeps_frames(self) -> bool:
        """Whether the gallery keeps features of the frames, which heads of its maker can take."""
        return bool({"frames", "features"} & set(self._opened.stored.parts))

    @property
    def clips(self) -> tuple[Clip, ...]:
        """All clips of the gallery, in its own order."""
        return self._opened.stored.clips

    @property
    def reads_text(self) -> bool:
        """Whether sentences can be asked; a method without text compares clips with clips."""
        return self.card is None or bool(self.card.languages)

    @property
    def bits(self) -> int:
        """Length of the codes that are compared; 0 for real-valued embeddings."""
        return self.card.bits if self.card else 0

    def warm_up(self) -> None:
        """Loads weights and embeddings now (for a background thread at start-up)."""
        if not self.reads_text:
            _ = self._opened.gallery
            return
        self._search(self._opened.encoder.encode_text(["a"]), 1)
        if self._opened.captions_come_quickly:
            _ = self._opened.captions

    def clip(self, clip_id: str) -> Clip:
        """The clip with this id. Raises `GalleryError` naming the id if there is none."""
        return self.clips[self._opened.stored.position(clip_id)]

    def find(self, text: str) -> Clip | None:
        """The clip that a person means by an id or by a link of YouTube; None if there is none.

        A link means the clip of that video that lies nearest to the link's time. Nothing is
        downloaded.
        """
        return self._opened.named.find(text)

    def media_path(self, clip_id: str) -> Path:
        """Absolute path of the clip's video file; it may no longer exist."""
        return self._opened.stored.media_path(self.clip(clip_id))

    def poster_path(self, clip_id: str) -> Path | None:
        """Absolute path of the clip's still picture (WebP), or None if the gallery has none."""
        return self._opened.stored.poster_path(clip_id)

    def still_paths(self, clip_id: str) -> tuple[Path, ...]:
        """Absolute paths of the clip's small stored frames in order of time; () if none."""
        return self._opened.stored.still_paths(clip_id)

    def frames(self, clip_id: str) -> Video:
        """The frames that the checkpoint sees of a gallery clip.

        Raises:
            VideoUnavailableError: The source is gone or cannot be read.
        """
        clip = self.clip(clip_id)
        return self._opened.reader.read(
            self._opened.stored.media_path(clip),
            self._opened.encoder.num_frames,
            start_s=clip.start_s,
            end_s=clip.end_s if clip.end_s > clip.start_s else None,
            max_side=MAX_SIDE,
        )

    def search(self, query: str, top: int = 10, where: Filter | None = None) -> SearchResult:
        """The best clips for a sentence in English or Chinese.

        Of a video that was cut into several clips the best one is a match, and the match lists the
        next best.

        Args:
            query: At most 500 characters.
            top: How many matches are wanted.
            where: Which clips may be found; by default all but duplicates. Scores are compared
                with those of the whole gallery (sigma) whatever is left out.

        Raises:
            XmrError: The query is empty or too long, or has no word that the model knows; or
                `where` admits no clip.
        """
        query = self._checked_query(query)
        start = perf_counter()
        words = self._opened.encoder.words(query)
        unknown = tuple(word.text for word in words if not word.known)
        if not words or len(unknown) == len(words):
            raise XmrError(_nothing_known(query, unknown))
        queries = self._opened.encoder.encode_text([query])
        encoded = perf_counter()
        matches = self._search(queries, top, where)
        return self._result(query, matches, unknown, (start, encoded))

    def similar(
        self, video: str | Path, top: int = 10, where: Filter | None = None
    ) -> SearchResult:
        """The clips most like a gallery clip (which is left out), a file, or a YouTube video.

        Args:
            video: Id of a clip, path of a file, or a link or id of YouTube. Of YouTube only what
                the gallery does not have is downloaded.
            top: How many matches are wanted.
            where: As of `search`.

        Raises:
            VideoUnavailableError: The video cannot be had or read.
        """
        start = perf_counter()
        queries, name, row = self._video_query(video)
        encoded = perf_counter()
        matches = self._search(queries, top, where, without=row)
        return self._result(name, matches, (), (start, encoded))

    def describe(self, video: str | Path, top: int = 10) -> Description:
        """The sentences that fit a gallery clip, a file, or a YouTube video best.

        They are chosen among the first caption in each language of every clip of the gallery; the
        sentences of the clip itself are among them.

        Args:
            video: As of `similar`.
            top: How many sentences are wanted.

        Raises:
            GalleryError: The gallery has no captions.
            VideoUnavailableError: The video cannot be had or read.
        """
        captions, clip_ids, texts = self._opened.captions
        start = perf_counter()
        queries, name, _ = self._video_query(video)
        encoded = perf_counter()
        scores = self._opened.encoder.score(texts, queries)[:, 0].float().cpu().numpy()
        order = np.argsort(-scores, kind="stable")[:top]
        spread = float(scores.std()) or 1.0
        found = tuple(
            CaptionMatch(
                rank=rank,
                caption=captions[i],
                clip_id=clip_ids[i],
                score=float(scores[i]),
                sigma=float((scores[i] - scores.mean()) / spread),
            )
            for rank, i in enumerate(order, start=1)
        )
        elapsed = _elapsed(start, encoded)
        return Description(name, self._opened.encoder.id, self.gallery_name, found, elapsed)

    def explain(self, query: str, clip_id: str) -> Explanation:
        """Why this clip got its score for this query.

        Without its source file a clip is explained from its stored frame features, without
        patch maps.
        """
        query = self._checked_query(query)
        row = self._opened.stored.position(clip_id)
        try:
            frames = self.frames(clip_id)
        except VideoUnavailableError:
            frames = None
        stored = self._rows(row)
        features, mask = self._stored_features(stored, frames)
        if frames is not None and len(frames.frames) != int(mask.sum()):
            frames = None  # the file was exchanged since it was indexed
        return self._opened.explainer.explain(query, self.clips[row], frames, features, mask)

    def codes(self, query: str, clip_id: str) -> "tuple[NDArray[np.uint8], NDArray[np.uint8]]":
        """The bits of a query and of a clip, 0 or 1, shape (bits,) each.

        Args:
            query: A sentence; for a method without text, the id of a gallery clip.
            clip_id: A clip of the gallery.

        Raises:
            XmrError: The method makes no codes, or the query cannot be asked.
        """
        first, second = self.codes_of(query, [clip_id], by_clip=not self.reads_text)
        return first, second[0]

    def codes_of(
        self, query: str, clip_ids: Sequence[str], *, by_clip: bool = False
    ) -> "tuple[NDArray[np.uint8], NDArray[np.uint8]]":
        """The bits of a query and of several clips, shapes (bits,) and (clips, bits).

        Args:
            query: A sentence, or with `by_clip` the id of a gallery clip.
            clip_ids: Clips of the gallery.
            by_clip: What `query` is.

        Raises:
            XmrError: The method makes no codes, or the query cannot be asked.
        """
        if not self.bits:
            raise XmrError(f"{self.checkpoint} compares real numbers; it has no bits to show.")
        if by_clip:
            queries = self._rows(self._opened.gallery.position(query))
        else:
            queries = self._opened.encoder.encode_text([self._checked_query(query)])
        gallery = self._opened.gallery
        rows = np.array([gallery.position(clip_id) for clip_id in clip_ids], dtype=np.int64)
        first, second = (
            np.unpackbits(e["code"].numpy(), axis=1, count=self.bits, bitorder="little")
            for e in (queries, gallery.embeddings(rows))
        )
        return first[0], second

    def index_folder(
        self,
        folder: Path,
        out: Path,
        progress: Progress = no_progress,
        *,
        reader: "FolderReader | None" = None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> "Gallery":
        """Writes a gallery of all videos and images below `folder` to `out`, or updates it.

        Arguments and errors are those of `xmr_core.indexing.index_folder`.
        """
        from xmr_core.indexing import index_folder

        return index_folder(
            folder,
            self._opened.encoder,
            out,
            checkpoint_sha256=self._opened.weights_sha256,
            reader=reader,
            progress=progress,
            should_stop=should_stop,
        )

    def over(self, gallery: Path) -> "Engine":
        """The same checkpoint, with the weights that are loaded, over the gallery in a folder.

        Raises:
            GalleryError: There is none.
            GalleryMismatchError: Another checkpoint made it.
        """
        other = copy(self)
        other._opened = self._opened.over(gallery)
        return other

    def _search(
        self,
        queries: "Embeddings",
        top: int,
        where: Filter | None = None,
        without: int | None = None,
    ) -> tuple[Match, ...]:
        """The best clips that `where` admits, but for one row of the gallery."""
        from xmr_core.filters import best_moments, nothing_admitted
        from xmr_core.search import search_gallery

        table, where = self._opened.table, where or Filter()
        rows = table.rows(where)
        if not len(rows):
            raise NothingAdmittedError(nothing_admitted(self.gallery_name, where))
        rows = rows[rows != without] if without is not None else rows
        top = max(1, min(top, len(rows)))
        hits = search_gallery(
            queries,
            self._opened.gallery,
            None,
            self._opened.encoder,
            top=top if table.videos is None else len(rows),
            rows=None if len(rows) == len(self.clips) else rows,
        )
        ranked, scores, sigmas = hits.positions[0], hits.scores[0], hits.sigmas[0]
        places = [[place] for place in range(len(ranked))]
        if table.videos is not None:
            places = best_moments(ranked, table.videos, top)
        moments = [[Moment(self.clips[ranked[p]], float(scores[p])) for p in of] for of in places]
        return tuple(
            Match(rank, best.clip, best.score, float(sigmas[of[0]]), tuple(others))
            for rank, (of, (best, *others)) in enumerate(zip(places, moments, strict=True), 1)
        )

    def _checked_query(self, query: str) -> str:
        if not self.reads_text:
            raise XmrError(
                f"{self.checkpoint} compares clips with clips and reads no text; give it a clip."
            )
        return _checked_query(query)

    def _rows(self, row: int) -> "Embeddings":
        """The embeddings of one gallery clip."""
        return self._opened.gallery.embeddings(slice(row, row + 1))

    def _stored_features(
        self, stored: "Embeddings", frames: Video | None
    ) -> "tuple[Tensor, Tensor]":
        """Frame features of one clip and their mask, computed where the gallery keeps none."""
        import torch

        for name in ("features", "frames"):
            if name in stored.parts:
                return stored[name][0], stored["mask"][0].bool()
        if frames is None:
            raise VideoUnavailableError(
                f"The video is gone, and {self.checkpoint} keeps no features to explain it from."
            )
        features = self._opened.encoder.frame_features(frames.frames)
        return features, torch.ones(len(features), dtype=torch.bool)

    def _video_query(self, video: str | Path) -> "tuple[Embeddings, str, int | None]":
        """Embeddings of a gallery clip or a file, what to call it, and its row in the gallery."""
        import torch

        from xmr_core.sources import opened_video

        if isinstance(video, str) and (clip := self.find(video)) is not None:
            row = self._opened.stored.position(clip.id)
            return self._rows(row), clip.id, row
        with opened_video(video, self.gallery_name) as path:
            number = self._opened.encoder.num_frames
            frames = self._opened.reader.read(path, number, max_side=MAX_SIDE).frames
        features = self._opened.encoder.frame_features(frames)[None]
        mask = torch.ones(features.shape[:2], dtype=torch.bool)
        return self._opened.encoder.encode_video(features, mask), path.name, None

    def _result(self, query: str, matches: Any, unknown: Any, times: Any) -> SearchResult:
        return SearchResult(
            query=query,
            checkpoint=self._opened.encoder.id,
            gallery=self.gallery_name,
            gallery_size=len(self.clips),
            matches=matches,
            unknown_words=unknown,
            elapsed_ms=_elapsed(*times),
        )


def _checked_query(query: str) -> str:
    query = " ".join(query.split())
    if not query:
        raise XmrError("The query is empty; type a sentence about what the video shows.")
    if len(query) > MAX_QUERY:
        raise XmrError(
            f"The query has {len(query):,} characters; shorten it to {MAX_QUERY} at most."
        )
    return query


def _nothing_known(query: str, unknown: tuple[str, ...]) -> str:
    if not unknown:
        return f"There is no word in '{query}'; type a sentence about what the video shows."
    words = ", ".join(f"'{word}'" for word in unknown)
    verb = "is not a word" if len(unknown) == 1 else "are not words"
    return f"{words} {verb} this small model knows; try other words."


def _elapsed(start: float, encoded: float) -> Elapsed:
    now = perf_counter()
    return Elapsed(1000 * (encoded - start), 1000 * (now - encoded), 1000 * (now - start))
