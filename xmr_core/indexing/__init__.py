"""From video files to a gallery: decode and encode side by side, stop and resume at any moment.

`folder` finds the files, `videos` runs over them, `ahead` decodes beside the encoder, `encoding`
embeds, `journal` keeps what is finished until the gallery is complete. `frame_import` keeps the
frames themselves.
"""

from xmr_core.indexing.encoding import encode_videos
from xmr_core.indexing.frame_import import FrameImport, import_frames
from xmr_core.indexing.videos import (
    MAX_SIDE,
    IndexingStoppedError,
    Source,
    index_folder,
    index_videos,
)

__all__ = [
    "MAX_SIDE",
    "FrameImport",
    "IndexingStoppedError",
    "Source",
    "encode_videos",
    "import_frames",
    "index_folder",
    "index_videos",
]
