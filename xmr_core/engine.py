"""The Engine: a checkpoint and a gallery, and everything that can be asked of them.

The demo and the command line hold one Engine each and nothing else of this package.
"""

from pathlib import Path

from xmr_core.progress import Progress, no_progress
from xmr_core.types import Clip, Description, Explanation, SearchResult


class Engine:
    """Answers queries with one checkpoint over one gallery. Safe to share between threads.

    Args:
        checkpoint: Id of a bundled checkpoint, a folder, `hf-hub:owner/name`, or an open_clip
            name such as "ViT-B-32/laion2b_s34b_b79k".
        gallery: "scenes" (bundled) or a folder written by `xmr index`.

    Raises:
        CheckpointError, GalleryError, GalleryMismatchError: One sentence for the user.
    """

    def __init__(self, checkpoint: str = "scenes-clip", gallery: str = "scenes") -> None:
        """Reads the cards only; weights are loaded at the first query or by `warm_up`."""
        raise NotImplementedError

    @property
    def clips(self) -> tuple[Clip, ...]:
        """All clips of the gallery, in its own order."""
        raise NotImplementedError

    def warm_up(self) -> None:
        """Loads weights and embeddings now (for a background thread at start-up)."""
        raise NotImplementedError

    def clip(self, clip_id: str) -> Clip:
        """The clip with this id. Raises `GalleryError` naming the id if there is none."""
        raise NotImplementedError

    def media_path(self, clip_id: str) -> Path:
        """Absolute path of the clip's video file; it may no longer exist."""
        raise NotImplementedError

    def poster_path(self, clip_id: str) -> Path | None:
        """Absolute path of the clip's still picture (WebP), or None if the gallery has none."""
        raise NotImplementedError

    def search(self, query: str, top: int = 10) -> SearchResult:
        """The best clips for a sentence in English or Chinese.

        Raises:
            XmrError: The query is empty or longer than 500 characters.
        """
        raise NotImplementedError

    def similar(self, video: str | Path, top: int = 10) -> SearchResult:
        """The clips most like a gallery clip (given by id; it is left out) or a video file."""
        raise NotImplementedError

    def describe(self, video: str | Path, top: int = 10) -> Description:
        """The gallery's captions that fit a gallery clip (by id) or a video file best."""
        raise NotImplementedError

    def explain(self, query: str, clip_id: str) -> Explanation:
        """Why this clip got its score for this query."""
        raise NotImplementedError

    def index_folder(self, folder: Path, out: Path, progress: Progress = no_progress) -> None:
        """Writes a gallery of all videos and images below `folder` to `out`; resumes if stopped."""
        raise NotImplementedError
