"""Real clips through decoding, storing and sampling, as HMMC reads them."""

import shutil

import numpy as np

from xmr_core.errors import VideoUnavailableError
from xmr_core.indexing import import_frames
from xmr_core.media.frame_pool import choose_frames
from xmr_core.media.frame_store import FrameStore
from xmr_core.media.frames import sample_frames


class HereReader:
    """Decodes in this process: it starts at once."""

    def read_many(self, requests):
        for request in requests:
            try:
                yield request, sample_frames(request.path, request.num_frames, max_side=160)
            except VideoUnavailableError as error:
                yield request, error


def test_stored_frames_are_those_of_the_video(shared, tmp_path):
    clip = shared("data/msrvtt/clips/video9771.mp4")
    (tmp_path / "videos").mkdir()
    shutil.copy(clip, tmp_path / "videos")
    (tmp_path / "videos/cut.mp4").write_bytes(clip.read_bytes()[:20_000])
    made = import_frames(tmp_path / "videos", tmp_path / "store", frames=6, reader=HereReader())
    assert made.num_videos == 1 and [bad.path for bad in made.bad_files] == ["cut.mp4"]
    with FrameStore(made.store) as store:
        stored = store.read("video9771", choose_frames(store.pool("video9771"), 3))
    frames = sample_frames(clip, 6, max_side=160).frames[[0, 2, 4]]
    assert np.abs(stored.astype(int) - frames).mean() < 3  # JPEG of quality 95
