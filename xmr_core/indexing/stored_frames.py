"""From a store of JPEG frames to the videos that are indexed."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from xmr_core.errors import DataError, VideoUnavailableError
from xmr_core.indexing.videos import Reading, Source
from xmr_core.media.frame_pool import choose_frames
from xmr_core.media.frame_store import DATA, FrameStore
from xmr_core.media.limits import MAX_SIDE
from xmr_core.media.worker import ReadRequest
from xmr_core.types import Video


@dataclass(frozen=True, slots=True)
class StoredSource(Source):
    """A clip whose frames are in a store; `path` is the store with the video's id behind it."""

    def key(self) -> str:
        """Changes when the store, the stretch or the id does."""
        status = (self.path.parent / DATA).stat()
        clip = self.clip
        what = (clip.id, self.path.name, clip.start_s, clip.end_s, status.st_size)
        return hashlib.sha256(repr((what, status.st_mtime_ns)).encode()).hexdigest()[:32]


class StoreReader:
    """Reads videos from a store as indexing wants them; frames by the test rule of HMMC.

    Decodes in this process: Pillow takes no pictures but JPEG here, and refuses large ones.

    Args:
        store: Where the frames are.
    """

    def __init__(self, store: FrameStore) -> None:
        self._store = store

    def read_many(self, requests: Iterable[ReadRequest]) -> Iterator[Reading]:
        """The videos in order; one that cannot be read comes as the reason."""
        for request in requests:
            try:
                yield request, self._video(request)
            except DataError as error:
                yield request, VideoUnavailableError(str(error))

    def _video(self, request: ReadRequest) -> Video:
        video_id = request.path.name
        pool = self._store.pool(video_id)
        if not pool:
            raise DataError(f"The store has no frames of '{video_id}'.")
        places = sorted(set(choose_frames(pool, request.num_frames)))
        frames = self._store.read(video_id, places, max_side=request.max_side or MAX_SIDE)
        length_s = max(0.0, (request.end_s or 0.0) - request.start_s)
        times_s = (np.array(places) + 0.5) / pool * length_s
        return Video(frames, times_s, length_s, "store")
