"""The records that travel between the floors.

All are frozen. Nothing here imports torch, so the command line and the page start quickly. Times
are seconds from the start of the video file; boxes are (left, top, right, bottom) as fractions of
the frame.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Caption:
    """One sentence about a clip; the language is an ISO 639-1 code such as "en" or "zh"."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: `text` is `whole_text[start:end]`.

    Attributes:
        known: Whether the model has seen the word in training; True for models with an open
            vocabulary.
    """

    text: str
    start: int
    end: int
    known: bool


@dataclass(frozen=True, slots=True)
class Clip:
    """One item of a gallery or a data set: a stretch of a video file.

    Attributes:
        id: Unique in its gallery; letters, digits and `_-.` only.
        video: Path of the video or image file, relative to the gallery's media root.
        start_s: Where the clip begins in the file.
        end_s: Where it ends.
        captions: Known sentences about it; empty for a user's own videos.
        action: Action class, where the data set has one.
        url: Where the source can be seen, or None.
        source_start_s: Where the clip begins in the video at `url`; `start_s` and `end_s` are times
            in the stored file.
        gone: Whether the source at `url` is known to have disappeared.
        category: What it is about, in the data set's own words.
        duplicate_of: Id of an earlier clip with the same content.
        modified: When the file was last changed, seconds since the epoch.
    """

    id: str
    video: str
    start_s: float
    end_s: float
    captions: tuple[Caption, ...] = ()
    action: str | None = None
    url: str | None = None
    source_start_s: float | None = None
    gone: bool = False
    category: str | None = None
    duplicate_of: str | None = None
    modified: float | None = None

    @property
    def folder(self) -> str:
        """Folder of the file, relative to the media root; "" for the root itself."""
        return self.video.rpartition("/")[0]

    def caption(self, language: Language) -> str:
        """The first caption in `language`, else the first of any language, else the id."""
        for caption in self.captions:
            if caption.language == language:
                return caption.text
        return self.captions[0].text if self.captions else self.id


@dataclass(frozen=True, slots=True)
class Filter:
    """Which clips of a gallery may be found; the defaults admit all but duplicates.

    A clip without a date, a category or a length passes no filter that asks for one.

    Attributes:
        folder: The file lies in this folder or below it, relative to the media root.
        longer_s: The clip lasts at least so long.
        shorter_s: The clip lasts at most so long.
        since: The file was changed at this time or later, seconds since the epoch.
        until: The file was changed before this time.
        category: The clip has this category.
        duplicates: Also admits clips that repeat an earlier one.
    """

    folder: str = ""
    longer_s: float | None = None
    shorter_s: float | None = None
    since: float | None = None
    until: float | None = None
    category: str = ""
    duplicates: bool = False

    def admits(self, clip: Clip) -> bool:
        """Whether the clip may be found."""
        length = clip.end_s - clip.start_s
        inside = not self.folder or f"{clip.folder}/".startswith(f"{self.folder.strip('/')}/")
        return (
            inside
            and (self.longer_s is None or length >= self.longer_s)
            and (self.shorter_s is None or 0 < length <= self.shorter_s)
            and (self.since is None or (clip.modified is not None and clip.modified >= self.since))
            and (self.until is None or (clip.modified is not None and clip.modified < self.until))
            and (not self.category or clip.category == self.category)
            and (self.duplicates or clip.duplicate_of is None)
        )


@dataclass(frozen=True, slots=True)
class Video:
    """Decoded frames of a video, or the single frame of an image.

    Attributes:
        frames: RGB, uint8, shape (frames, height, width, 3), rotation applied.
        times_s: Presentation time of each frame, shape (frames,), rising.
        duration_s: Length of the source stretch; 0 for an image.
        decoder: Which reader produced the frames ("decord2", "pyav" or "pillow").
    """

    frames: NDArray[np.uint8]
    times_s: NDArray[np.float64]
    duration_s: float
    decoder: str


@dataclass(frozen=True, slots=True)
class Moment:
    """Another stretch of a matched video."""

    clip: Clip
    score: float


@dataclass(frozen=True, slots=True)
class Match:
    """One row of a result list.

    Attributes:
        rank: From 1.
        clip: The matched clip.
        score: The method's own score; higher is better.
        sigma: How many standard deviations the score lies above the mean score of the whole
            gallery for this query. Comparable between queries, unlike the score.
        moments: The next best stretches of the same video, where it was cut into several clips;
            they have no ranks of their own, so that one video does not fill the list.
    """

    rank: int
    clip: Clip
    score: float
    sigma: float
    moments: tuple[Moment, ...] = ()


@dataclass(frozen=True, slots=True)
class CaptionMatch:
    """One caption found for a video: `describe` returns these."""

    rank: int
    caption: Caption
    clip_id: str
    score: float
    sigma: float


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Where the time of a query went, in milliseconds."""

    encode: float
    search: float
    total: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer to one query.

    Attributes:
        query: The sentence, or the clip id or file name for a search by clip.
        checkpoint: Id of the checkpoint that answered.
        gallery: Name of the gallery that was searched.
        gallery_size: Number of clips in it.
        matches: Best first.
        unknown_words: Words of the query that the model has never seen.
        elapsed_ms: Where the time went.
    """

    query: str
    checkpoint: str
    gallery: str
    gallery_size: int
    matches: tuple[Match, ...]
    unknown_words: tuple[str, ...]
    elapsed_ms: Elapsed


@dataclass(frozen=True, slots=True)
class Description:
    """The captions found for one video."""

    query: str
    checkpoint: str
    gallery: str
    captions: tuple[CaptionMatch, ...]
    elapsed_ms: Elapsed


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a clip got its score for a query. Effects have the unit of the score.

    Attributes:
        query: The sentence.
        clip: The clip that is explained.
        score: Score of the pair.
        words: The words of the query in order, as written.
        word_known: For each word, whether the model has seen it.
        word_effects: Score minus the score without that word, shape (words,).
        frame_times_s: Time of each frame, shape (frames,).
        frame_scores: Score of the whole query against each frame alone, shape (frames,).
        frame_effects: Score minus the score without that frame, shape (frames,).
        word_frame: Effect of each word on the score of each frame alone: that frame's score minus
            its score without the word. Shape (words, frames).
        patch_maps: Where the model looked, 0 to 1 within a map, shape
            (1 + words, frames, patch rows, patch columns); index 0 is the whole query. None where
            the method has no patches or the source video is gone.
        patch_method: Name of the published method that made the maps, or "".
        elapsed_ms: How long the explanation took.
    """

    query: str
    clip: Clip
    score: float
    words: tuple[str, ...]
    word_known: tuple[bool, ...]
    word_effects: NDArray[np.float32]
    frame_times_s: NDArray[np.float64]
    frame_scores: NDArray[np.float32]
    frame_effects: NDArray[np.float32]
    word_frame: NDArray[np.float32]
    patch_maps: NDArray[np.float32] | None
    patch_method: str
    elapsed_ms: float


@dataclass(frozen=True, slots=True)
class CheckpointCard:
    """What is known about a checkpoint; `checkpoints/<id>/card.toml`.

    Attributes:
        id: Name of the checkpoint's folder.
        method: Key in `METHODS`.
        title: One line for a visitor.
        languages: Languages of its text tower.
        width: Dimension of its embeddings.
        num_frames: Frames sampled from a clip.
        weights: File name inside the folder; "" where `source` says where they are.
        sha256: Of the weights file.
        licence: Of the weights.
        closed_vocabulary: Whether words outside its vocabulary mean nothing to the model.
        trained: How they came to be: data, command, commit, seed, minutes, machine.
        metrics: Measured numbers with the command that prints them, by protocol name.
        trunk: Id of the bundled checkpoint whose frame features it takes; "" for a method with a
            picture part of its own.
        bits: Length of its codes; 0 for real-valued embeddings.
        compares_frames: Whether the score also compares a vector of every frame.
        source: Where weights that are not in the folder come from: kind ("open_clip" or
            "transformers"), architecture, repo, revision (40 hex digits), files (sha256 by name).
        scale: Published factor of the cosine in the softmax, not its logarithm.
        tokenizer: What cuts the text into tokens.
        image_size: Longer side of the pictures that its image tower takes, pixels; 0 where the
            files say it.
        published: Published numbers, each with its source.
        notes: What was and what was not run by us.
    """

    id: str
    method: str
    title: str
    languages: tuple[str, ...]
    width: int
    num_frames: int
    weights: str
    sha256: str
    licence: str
    closed_vocabulary: bool = False
    trained: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    trunk: str = ""
    bits: int = 0
    compares_frames: bool = False
    source: dict[str, Any] = field(default_factory=dict)
    scale: float | None = None
    tokenizer: str = ""
    image_size: int = 0
    published: tuple[dict[str, Any], ...] = ()
    notes: str = ""

    @property
    def bytes_per_clip(self) -> int:
        """What the score needs of a clip: packed bits, or float32 vectors."""
        if self.bits:
            return -(-self.bits // 8)
        return 4 * self.width * (1 + self.num_frames * self.compares_frames)
