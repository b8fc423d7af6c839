"""From video files to a gallery: decode and encode side by side, stop and resume at any moment.

`folder` finds the files, `videos` runs over them, `ahead` decodes beside the encoder, `encoding`
embeds, `journal` keeps what is finished until the gallery is complete.
"""

from xmr_core.indexing.encoding import encode_videos
from xmr_core.indexing.videos import (
    MAX_SIDE,
    IndexingStoppedError,
    Source,
    index_folder,
    index_videos,
)

__all__ = [
    "MAX_SIDE",
    "IndexingStoppedError",
    "Source",
    "encode_videos",
    "index_folder",
    "index_videos",
]
