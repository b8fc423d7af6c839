"""From video files to a gallery: decode and encode side by side, stop and resume at any moment.

`folder` finds the files, `videos` runs over them, `ahead` decodes beside the encoder, `encoding`
embeds, `journal` keeps what is finished until the gallery is complete. `update` brings the gallery
of a folder up to date: `known` is what it remembers, `comparing` finds what is new, `stretches`
cuts long videos, `merging` puts old and new together. `frame_import` keeps the frames themselves.
"""

from xmr_core.indexing.encoding import encode_videos
from xmr_core.indexing.frame_import import FrameImport, import_frames
from xmr_core.indexing.lock import GalleryBusyError
from xmr_core.indexing.update import index_folder
from xmr_core.indexing.videos import IndexingStoppedError, Source, index_videos

__all__ = [
    "FrameImport",
    "GalleryBusyError",
    "IndexingStoppedError",
    "Source",
    "encode_videos",
    "import_frames",
    "index_folder",
    "index_videos",
]
