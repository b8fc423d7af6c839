"""Frame stores: the published layout both ways, frames as they went in, hostile values."""

import io
import json
import multiprocessing
import pickle
import random

import lmdb
import numpy as np
import pytest
from PIL import Image

from xmr_core.errors import DataError
from xmr_core.media.frame_pool import choose_frames, dynamic_count
from xmr_core.media.frame_store import FrameStore, FrameStoreWriter, frame_key
from xmr_core.media.limits import MediaLimits


def jpeg(grey, size=(24, 16), **options):
    file = io.BytesIO()
    Image.new("RGB", size, (grey, grey, grey)).save(file, "JPEG", **options)
    return file.getvalue()


def write_store(folder, ids=("video0", "a_b_000001", "猫"), pool=4):
    with FrameStoreWriter(folder) as writer:
        for row, video_id in enumerate(ids):
            writer.add(video_id, [jpeg(60 * row + 10 * k) for k in range(pool)])
        writer.finish(len(ids))
    return FrameStore(folder)


def test_what_goes_in_comes_out_in_the_published_layout(tmp_path):
    store = write_store(tmp_path / "s")
    assert store.pools == {"video0": 4, "a_b_000001": 4, "猫": 4}
    assert json.loads((tmp_path / "s/metadata.json").read_text()) == {"length": 3}
    frames = store.read("a_b_000001", [3, 0, 0])
    assert frames.shape == (3, 16, 24, 3) and frames.dtype == np.uint8
    assert [int(frame.mean().round()) for frame in frames] == [90, 60, 60]
    assert "猫" in store and "video1" not in store
    assert store.pool("video0") == 4 and store.pool("video1") == 0
    with lmdb.open(str(tmp_path / "s"), readonly=True, lock=False) as environment:
        with environment.begin() as transaction:
            assert transaction.get("猫_2".encode()) == store.jpeg("猫", 2)
            assert transaction.stat()["entries"] == 12


def test_frames_are_made_smaller_on_request(tmp_path):
    assert write_store(tmp_path).read("video0", [1], max_side=12).shape == (1, 8, 12, 3)


def test_the_file_grows_as_needed_and_can_be_added_to(tmp_path):
    noise = random.Random(0).randbytes(8_000_000)
    with FrameStoreWriter(tmp_path) as writer:
        for number in range(9):
            writer.add(f"v{number}", [noise])
    with FrameStoreWriter(tmp_path) as writer:
        writer.remove("v3", 1)
        writer.add("last", [noise[:10]])
        writer.finish(9)
    store = FrameStore(tmp_path)
    assert sorted(store.pools) == sorted([*(f"v{n}" for n in range(9) if n != 3), "last"])
    assert store.jpeg("v8", 0) == noise


def test_an_error_in_the_block_writes_nothing(tmp_path):
    write_store(tmp_path)
    with pytest.raises(KeyError), FrameStoreWriter(tmp_path) as writer:
        writer.add("late", [jpeg(1)])
        raise KeyError
    assert "late" not in FrameStore(tmp_path)


def read_in_child(store, answers):
    answers.put(int(store.read("video0", [1]).mean()))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_other_processes_may_read_too(tmp_path, method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system cannot {method}")
    store = write_store(tmp_path)
    context = multiprocessing.get_context(method)
    answers = context.Queue()
    child = context.Process(target=read_in_child, args=(store, answers))
    child.start()
    assert answers.get(timeout=60) == 10
    child.join()
    assert pickle.loads(pickle.dumps(store)).pools == store.pools


def test_missing_and_hostile_frames_are_one_sentence(tmp_path):
    store = write_store(tmp_path / "s")
    with pytest.raises(DataError, match="no frame 9 of 'video0'"):
        store.read("video0", [9])
    png = io.BytesIO()
    Image.new("RGB", (8, 8)).save(png, "PNG")
    values = {
        "other format": png.getvalue(),
        "cut off": jpeg(5, (200, 200))[:400],
        "empty": b"",
        "nothing": b"\x00" * 500,
    }
    with FrameStoreWriter(tmp_path / "bad") as writer:
        for name, value in values.items():
            writer.add(name, [value])
        writer.add("huge", [jpeg(5, (300, 200))])
        writer.add("uneven", [jpeg(5), jpeg(5, (24, 18))])
    store = FrameStore(tmp_path / "bad", MediaLimits(max_pixels=50_000))
    for name in values:
        with pytest.raises(DataError, match=f"Frame 0 of '{name}' in bad is no JPEG"):
            store.read(name, [0])
    with pytest.raises(DataError, match="300 x 200"):
        store.read("huge", [0])
    with pytest.raises(DataError, match="differ in size"):
        store.read("uneven", [0, 1])
    with pytest.raises(DataError):
        FrameStore(tmp_path / "nowhere")


def test_ids_that_no_key_can_hold_are_refused(tmp_path):
    with FrameStoreWriter(tmp_path) as writer:
        writer.add("x" * 509, [b"1"])
        for video_id in ("", "x" * 510, "猫" * 170):
            with pytest.raises(DataError, match="letters"):
                writer.add(video_id, [b"1"])
    assert len(frame_key("x" * 509, 0)) == 511


def test_a_damaged_store_is_not_written_to(tmp_path):
    write_store(tmp_path)
    path = tmp_path / "data.mdb"
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(DataError, match="cut off"):
        FrameStoreWriter(tmp_path)


def test_random_rules():
    rng = random.Random(0)
    for _ in range(50):
        drawn = choose_frames(30, 12, "random", rng)
        assert drawn == sorted(set(drawn)) and len(drawn) == 12 and 0 <= drawn[0] <= drawn[-1] < 30
        stretches = choose_frames(30, 12, "uniform_random", rng)
        assert [place // 2 for place in stretches] == list(range(12))
    assert choose_frames(12, 12, "random", rng) == list(range(12))
    assert choose_frames(3, 3, "uniform_random", rng) == [0, 1, 2]
    for wrong in ((30, 12, "random", None), (5, 6, "random", rng), (5, 6, "uniform_random", rng)):
        with pytest.raises(ValueError):
            choose_frames(*wrong)
    for pool, frames in ((0, 1), (1, 0)):
        with pytest.raises(ValueError):
            choose_frames(pool, frames)


def test_dynamic_count_stays_between_three_and_the_most():
    assert [dynamic_count(d, 12) for d in (0, 13.4, 20, 1e6)] == [3, 4, 6, 12]
    assert dynamic_count(20, 12, per_second=0.5) == 10
