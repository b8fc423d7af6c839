"""Features in all published layouts, and files that are none or lie about themselves."""

import io
import pickle
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest

from xmr_core.datasets import npy_file, tar_shards
from xmr_core.datasets.feature_files import open_features
from xmr_core.datasets.npy_file import map_npy, read_npy
from xmr_core.errors import DataError

FRAMES = np.arange(12, dtype=np.float16).reshape(3, 4)


def as_npy(values, version=(1, 0)):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(values), version=version)
    return file.getvalue()


def shard(path, members, format=tarfile.PAX_FORMAT):
    with tarfile.open(path, "w", format=format) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def read(content):
    return read_npy(io.BytesIO(content), len(content), "x.npy")


def test_numbers_of_every_kind_are_read():
    for dtype in ("<f2", "<f4", "<f8", ">f4"):
        assert np.array_equal(read(as_npy(FRAMES.astype(dtype))), FRAMES)
    assert np.array_equal(read(as_npy(np.asfortranarray(FRAMES))), FRAMES)
    assert np.array_equal(read(as_npy(FRAMES, (2, 0))), FRAMES)


def header(text, size=64):
    text = text.ljust(size - 11) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a NumPy file"),
        (b"PK\x03\x04", "not a NumPy file"),
        (pickle.dumps([1]), "not a NumPy file"),
        (as_npy(np.arange(3)), "holds int64"),
        (as_npy(np.zeros(2, np.longdouble)), "holds"),
        (as_npy(np.zeros(2, "f4,f4")), "holds"),
        (as_npy(FRAMES)[:-1], "its header announces"),
        (as_npy(FRAMES) + b"x", "its header announces"),
        (as_npy(np.zeros((0, 4))), "is empty"),
        (header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}"), "not a NumPy"),
        (header("{'descr': '<f4', 'fortran_order': False, 'shape': (10**12, 9)}"), "NumPy"),
        (header("{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999,)}"), "announces"),
        (header("{'descr': '|O', 'fortran_order': False, 'shape': ()}"), "holds object"),
        (header("{'descr': __import__('os'), 'fortran_order': 0, 'shape': ()}"), "not a NumPy"),
        (b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**32 - 1) + b"{" * 99, "not a NumPy"),
        (b"\x93NUMPY\x09\x00" + b"{}" * 99, "not a NumPy"),
        (header("(" * 9000, 9100), "not a NumPy"),
    ],
)
def test_other_content_is_refused_with_a_sentence(content, message, tmp_path):
    with pytest.raises(DataError, match=message):
        read(content)
    (tmp_path / "x.npy").write_bytes(content)
    with pytest.raises(DataError, match=message):
        map_npy(tmp_path / "x.npy")


def test_pickled_objects_never_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return Path.touch, (tmp_path / "ran",)

    file = io.BytesIO()
    np.lib.format.write_array(file, np.array([Bomb()], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="holds object"):
        read(file.getvalue())
    assert not (tmp_path / "ran").exists()


def test_a_large_item_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(npy_file, "MAX_ITEM_BYTES", 100)
    with pytest.raises(DataError, match="the limit is 100"):
        read(as_npy(FRAMES))


def test_a_folder(tmp_path):
    np.save(tmp_path / "video0.npy", FRAMES)
    (tmp_path / "b.npy").mkdir()
    (vectors,) = open_features([tmp_path])
    assert vectors.ids() == ("b", "video0") and "video1" not in vectors
    assert np.array_equal(vectors.read("video0"), FRAMES)
    with pytest.raises(DataError, match="is not a file"):
        vectors.read("b")
    with pytest.raises(DataError, match="holds neither"):
        open_features([tmp_path / "b.npy"])
    with pytest.raises(DataError, match="holds no features"):
        open_features([tmp_path / "nothing.txt"])


@pytest.mark.parametrize("format", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_shards(tmp_path, format):
    long = "a" * (99 if format == tarfile.USTAR_FORMAT else 150)
    members = [
        ("video0.npy", as_npy(FRAMES)),
        ("video0.json", b"{}"),
        ("part/video1.npy", as_npy(2 * FRAMES)),
        ("video0.npy", as_npy(7 * FRAMES)),
        (f"{long[:-4]}.npy", as_npy(FRAMES)),
    ]
    shard(tmp_path / "00000.tar", members, format)
    shard(tmp_path / "00001.tar", [("video2.npy", b"nothing")], format)
    first, second = open_features([tmp_path])
    assert first.ids() == ("video0", "video1", long[:-4])
    assert np.array_equal(first.read("video0"), FRAMES)
    assert np.array_equal(first.read("video1"), 2 * FRAMES)
    with pytest.raises(DataError, match=r"video2\.npy in 00001\.tar is not a NumPy"):
        second.read("video2")


def test_hostile_shards(tmp_path, monkeypatch):
    path = tmp_path / "s.tar"
    escaping = [("../../outside.npy", as_npy(FRAMES)), ("/etc/absolute.npy", as_npy(FRAMES))]
    with tarfile.open(shard(path, escaping), "a") as archive:
        for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE)):
            info = tarfile.TarInfo(f"{name}.npy")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        device = tarfile.TarInfo("device.npy")
        device.type = tarfile.CHRTYPE
        archive.addfile(device)
    (vectors,) = open_features([path])
    assert vectors.ids() == ("outside", "absolute")  # names are ids, never places
    assert np.array_equal(vectors.read("outside"), FRAMES)
    assert [entry.name for entry in tmp_path.iterdir()] == ["s.tar"]

    (tmp_path / "g.tar").write_bytes(b"\x1f\x8b" + bytes(600))
    with pytest.raises(DataError, match="plain tar file"):
        open_features([tmp_path / "g.tar"])
    # A header that announces a gigabyte of names.
    info = tarfile.TarInfo("long")
    info.type, info.size = tarfile.XHDTYPE, 1 << 30
    with (tmp_path / "h.tar").open("wb") as file:
        file.write(info.tobuf(tarfile.USTAR_FORMAT))
        file.truncate(1 << 31)
    with pytest.raises(DataError, match="a header of 1,073,741,824 bytes"):
        open_features([tmp_path / "h.tar"])
    monkeypatch.setattr(tar_shards, "MAX_MEMBERS", 2)
    with pytest.raises(DataError, match="more than 2 members"):
        open_features([path])
    content = shard(tmp_path / "t.tar", [("a.npy", as_npy(np.zeros((50, 64))))]).read_bytes()
    (tmp_path / "t.tar").write_bytes(content[:2000])
    with pytest.raises(DataError):
        (cut,) = open_features([tmp_path / "t.tar"])
        cut.read("a")


def test_one_array_needs_a_list_of_ids(tmp_path):
    folder = tmp_path / "features"
    folder.mkdir()
    stacked = np.stack([FRAMES, FRAMES + 1])
    path = folder / "English_batch_frame_output_list.npy"
    np.save(path, stacked)
    with pytest.raises(DataError, match="which row is which item"):
        open_features([path])
    (tmp_path / "test_list.txt").write_text("video9\nvideo3\n")  # as in the public demo
    (vectors,) = open_features([path])
    assert vectors.ids() == ("video9", "video3") and vectors.is_of_frames
    assert np.array_equal(vectors.read("video3"), FRAMES + 1)
    (tmp_path / "own.txt").write_text("a b")
    assert open_features([path], ids=tmp_path / "own.txt")[0].ids() == ("a", "b")
    np.save(folder / "visual.npy", stacked[:, 0])
    (whole,) = open_features([folder / "visual.npy"])
    assert not whole.is_of_frames and whole.read("video3").shape == (1, 4)
    for ids, message in (("a b c", "2 items and the list 3"), ("a a", "an id twice")):
        (tmp_path / "own.txt").write_text(ids)
        with pytest.raises(DataError, match=message):
            open_features([path], ids=tmp_path / "own.txt")
    np.save(folder / "flat.npy", np.zeros(2))
    with pytest.raises(DataError, match="expected"):
        open_features([folder / "flat.npy"], ids=tmp_path / "own.txt")
    with pytest.raises(DataError, match="no file"):
        open_features([folder / "none.npy"])


def test_big_files(tmp_path):
    rows = np.arange(24, dtype="<f4").reshape(6, 4)
    (tmp_path / "feature.bin").write_bytes(rows.tobytes())
    (tmp_path / "shape.txt").write_text("6 4")
    (tmp_path / "id.txt").write_text("a_0 a_1 b_000_1 a_2 b_000_0 c_0")
    (vectors,) = open_features([tmp_path], max_frames=2)
    assert set(vectors.ids()) == {"a", "b_000", "c"}
    assert np.array_equal(vectors.read("a"), rows[[0, 1]])
    assert np.array_equal(vectors.read("b_000"), rows[[4, 2]])
    (tmp_path / "id.txt").write_text("100 101 102 103 104 105")  # pictures: one row each
    (vectors,) = open_features([tmp_path])
    assert "103" in vectors and np.array_equal(vectors.read("103"), rows[[3]])
