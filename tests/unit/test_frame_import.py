"""Videos into a frame store: every video once, whatever happens on the way."""

import os

import numpy as np
import pytest
from PIL import Image

from xmr_core.errors import VideoUnavailableError, XmrError
from xmr_core.indexing import IndexingStoppedError
from xmr_core.indexing.frame_import import import_frames
from xmr_core.media.frame_store import FrameStore
from xmr_core.media.frames import sample_frames


class HereReader:
    """Decodes in this process and remembers what it was asked for."""

    def __init__(self):
        self.asked = []

    def read_many(self, requests):
        for request in requests:
            self.asked.append(request.path.stem)
            try:
                yield (
                    request,
                    sample_frames(request.path, request.num_frames, max_side=request.max_side),
                )
            except VideoUnavailableError as error:
                yield request, error


def write_gif(path, greys, size=(24, 16)):
    path.parent.mkdir(parents=True, exist_ok=True)
    first, *others = [Image.new("L", size, grey) for grey in greys]
    first.save(path, save_all=True, append_images=others, duration=100)


@pytest.fixture
def folder(tmp_path):
    for number in range(5):
        write_gif(tmp_path / f"videos/part{number % 2}/video{number}.gif", range(0, 250, 25))
    return tmp_path / "videos"


def stop_after(count):
    calls = iter(range(1, 1000))
    return lambda: next(calls) == count


def test_frames_are_the_middles_of_equal_stretches(folder, tmp_path):
    write_gif(folder / "short.gif", (10, 200))
    write_gif(folder / "one.gif", (90,))
    made = import_frames(folder, tmp_path / "store", frames=5, reader=HereReader())
    assert (made.num_videos, made.bad_files) == (7, ())
    store = FrameStore(made.store)
    assert set(store.pools.values()) == {5}

    def greys(video_id):
        return [round(float(frame.mean())) for frame in store.read(video_id, range(5))]

    assert np.allclose(greys("video3"), [25, 75, 125, 175, 225], atol=2)
    assert np.allclose(greys("short"), [10, 10, 200, 200, 200], atol=2)
    assert np.allclose(greys("one"), [90] * 5, atol=2)
    assert sorted(path.name for path in made.store.iterdir()) == [
        "data.mdb",
        "lock.mdb",
        "metadata.json",
    ]


def test_a_stopped_run_goes_on_and_sees_what_changed(folder, tmp_path):
    out = tmp_path / "store"
    with pytest.raises(IndexingStoppedError, match="after 3 of 5"):
        import_frames(folder, out, frames=3, reader=HereReader(), should_stop=stop_after(3))
    assert not out.exists()
    done = sorted(folder.rglob("*.gif"), key=lambda path: path.relative_to(folder))[:3]
    done[0].unlink()
    os.utime(done[1], (1, 1))
    reader = HereReader()
    made = import_frames(folder, out, frames=3, reader=reader)
    assert done[1].stem in reader.asked and done[2].stem not in reader.asked
    assert made.num_videos == len(reader.asked) + 1 == 4
    assert sorted(FrameStore(out).pools) == sorted(path.stem for path in folder.rglob("*.gif"))


def test_other_settings_start_anew(folder, tmp_path):
    out = tmp_path / "store"
    with pytest.raises(IndexingStoppedError):
        import_frames(folder, out, frames=3, reader=HereReader(), should_stop=stop_after(3))
    reader = HereReader()
    import_frames(folder, out, frames=2, max_side=12, reader=reader)
    assert len(reader.asked) == 5
    with FrameStore(out) as store:
        assert set(store.pools.values()) == {2}
        assert store.read("video1", [0]).shape == (1, 8, 12, 3)


def test_bad_videos_are_named_and_skipped(folder, tmp_path):
    (folder / "broken.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(100))
    write_gif(folder / "part9/video0.gif", (1, 2))
    made = import_frames(folder, tmp_path / "store", frames=2, reader=HereReader())
    assert made.num_videos == 5
    assert [bad.path for bad in made.bad_files] == ["part9/video0.gif", "broken.mp4"]
    assert "already that of part0/video0.gif" in made.bad_files[0].reason


def test_one_sentence_where_nothing_can_be_made(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(XmrError, match="no videos"):
        import_frames(tmp_path / "empty", tmp_path / "store", reader=HereReader())
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/x.mp4").write_bytes(bytes(100))
    with pytest.raises(XmrError, match="None of the 1 videos"):
        import_frames(tmp_path / "bad", tmp_path / "store", reader=HereReader())
    assert not (tmp_path / ".store.partial").exists()
    with pytest.raises(XmrError, match="already something"):
        import_frames(folder, tmp_path / "empty", reader=HereReader())
    with pytest.raises(ValueError):
        import_frames(folder, tmp_path / "store", frames=0, reader=HereReader())
