"""Cross-modal video retrieval: encode, index, search, explain, evaluate.

    from xmr_core import Engine
    engine = Engine()                                   # bundled model, bundled gallery
    for match in engine.search("a red car drives to the left").matches:
        print(match.rank, match.clip.id, round(match.score, 3))

Names are loaded on first use, so `import xmr_core` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xmr_core import youtube
    from xmr_core.engine import Engine
    from xmr_core.errors import (
        CheckpointError,
        ConfigError,
        GalleryError,
        GalleryMismatchError,
        NothingAdmittedError,
        VideoUnavailableError,
        XmrError,
    )
    from xmr_core.indexing.videos import IndexingStoppedError
    from xmr_core.media.limits import MediaLimits
    from xmr_core.media.worker import MediaReader
    from xmr_core.types import (
        Caption,
        CaptionMatch,
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

_HOME = {
    "Engine": "engine",
    "IndexingStoppedError": "indexing.videos",
    "MediaLimits": "media.limits",
    "MediaReader": "media.worker",
    **dict.fromkeys(
        (
            "CheckpointError",
            "ConfigError",
            "GalleryError",
            "GalleryMismatchError",
            "NothingAdmittedError",
            "VideoUnavailableError",
            "XmrError",
        ),
        "errors",
    ),
    **dict.fromkeys(
        (
            "Caption",
            "CaptionMatch",
            "Clip",
            "Description",
            "Elapsed",
            "Explanation",
            "Filter",
            "Match",
            "Moment",
            "SearchResult",
            "Video",
        ),
        "types",
    ),
}

__version__ = "0.1.0"
__all__ = [
    "Caption",
    "CaptionMatch",
    "CheckpointError",
    "Clip",
    "ConfigError",
    "Description",
    "Elapsed",
    "Engine",
    "Explanation",
    "Filter",
    "GalleryError",
    "GalleryMismatchError",
    "IndexingStoppedError",
    "Match",
    "MediaLimits",
    "MediaReader",
    "Moment",
    "NothingAdmittedError",
    "SearchResult",
    "Video",
    "VideoUnavailableError",
    "XmrError",
    "youtube",
]


def __getattr__(name: str) -> Any:
    if name == "youtube":
        return import_module("xmr_core.youtube")
    if name not in _HOME:
        raise AttributeError(f"module 'xmr_core' has no attribute {name!r}")
    return getattr(import_module(f"xmr_core.{_HOME[name]}"), name)
