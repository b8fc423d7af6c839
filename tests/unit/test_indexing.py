"""Indexing: every file once, whatever happens on the way."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from here_reader import HereReader
from PIL import Image
from toy_encoder import ToyEncoder

from xmr_core.errors import GalleryError, XmrError
from xmr_core.gallery import Gallery
from xmr_core.indexing import IndexingStoppedError, Source, index_folder, index_videos
from xmr_core.indexing.ahead import read_ahead
from xmr_core.indexing.folder import clip_ids, find_media
from xmr_core.indexing.journal import Finished, Journal
from xmr_core.media.write import write_mp4
from xmr_core.types import Clip

ROOT = Path(__file__).resolve().parents[2]


def make_pictures(folder: Path, count: int, size=(20, 12)) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for i in range(count):
        paths.append(folder / f"{i:03d}.png")
        Image.new("RGB", size, (10 * i % 256, 200 - i, 5 * i)).save(paths[-1])
    return paths


def sources_of(paths):
    return [Source(p, Clip(p.stem, p.name, 0, 0), whole_file=True) for p in paths]


def index_pictures(paths, out, reader=None, **options) -> Gallery:
    reader = reader or HereReader()
    return index_videos(
        sources_of(paths), ToyEncoder(), out, reader=reader, media_root="..", **options
    )


def test_a_folder_becomes_a_gallery(tmp_path):
    media = tmp_path / "media"
    make_pictures(media / "in", 1, size=(40, 30))
    red, blue = (np.full((8, 64, 96, 3), c, np.uint8) for c in ((250, 5, 5), (5, 5, 250)))
    write_mp4(media / "red.mp4", red, fps=4)
    write_mp4(media / "红色.mp4", red, fps=4)
    write_mp4(media / "blue.MP4", blue, fps=4)
    (media / "broken.mp4").write_bytes(b"no video")
    (media / "empty.webm").write_bytes(b"")
    (media / "notes.txt").write_text("not media")
    seen = []

    def progress(iterable, *, desc=None, total=None):
        seen.append((desc, total))
        yield from iterable

    out = tmp_path / "g"
    index_folder(media, ToyEncoder(), out, checkpoint_sha256="ab" * 32, progress=progress)
    gallery = Gallery.load(out)
    assert seen == [("Comparing", 6), ("Measuring", 5), ("Indexing", 3)]
    videos = [clip.video for clip in gallery.clips]
    assert videos == ["blue.MP4", "in/000.png", "red.mp4", "红色.mp4"]
    assert [clip.id for clip in gallery.clips[:3]] == ["blue", "in_000", "red"]
    assert [clip.end_s for clip in gallery.clips] == pytest.approx([2, 0, 2, 2], abs=0.01)
    assert all(clip.captions == () for clip in gallery.clips)
    assert [bad.path for bad in gallery.card.bad_files] == ["broken.mp4", "empty.webm"]
    assert "empty" in gallery.card.bad_files[1].reason
    assert gallery.parts["frames"].shape == (4, 4, 16)
    assert gallery.parts["frames"].dtype == np.float16
    assert gallery.parts["mask"].sum(axis=1).tolist() == [4, 1, 4, 4]
    query = ToyEncoder().encode_text(["red"])
    scores = (query["global"].numpy() @ gallery.parts["global"].T)[0]
    assert np.argsort(-scores)[:2].tolist() in ([2, 3], [3, 2])
    for clip in gallery.clips:
        assert gallery.media_path(clip).is_file()
        with Image.open(gallery.poster_path(clip.id)) as poster:
            assert poster.size in ((96, 64), (40, 30))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["g", "media"]


def test_batches_give_what_single_videos_give(tmp_path, monkeypatch):
    paths = make_pictures(tmp_path / "m", 9)
    paths[3:5] = make_pictures(tmp_path / "other", 2, size=(7, 9))  # sizes mixed in one batch
    paths = [path.rename(path.with_name(f"{i}-{path.name}")) for i, path in enumerate(paths)]
    together = index_pictures(paths, tmp_path / "a")
    monkeypatch.setattr("xmr_core.indexing.videos._FRAMES_PER_BATCH", 1)
    monkeypatch.setattr("xmr_core.indexing.videos._SAVE_EVERY_S", 0)
    alone = index_pictures(paths, tmp_path / "b")
    assert [clip.video for clip in alone.clips] == [path.name for path in paths]
    for name, part in together.parts.items():
        assert np.array_equal(part, alone.parts[name])


def test_stopping_keeps_what_is_done(tmp_path):
    paths = make_pictures(tmp_path / "m", 10)
    (tmp_path / "m" / "000.png").write_bytes(b"broken")
    asked = iter([False] * 5 + [True])
    with pytest.raises(IndexingStoppedError, match="after 6 of 10"):
        index_pictures(paths, tmp_path / "g", should_stop=lambda: next(asked))
    assert not (tmp_path / "g").exists()
    reader = HereReader()
    gallery = index_pictures(paths, tmp_path / "g", reader)
    assert reader.read == [path.name for path in paths[6:]]
    assert [clip.id for clip in gallery.clips] == [f"{i:03d}" for i in range(1, 10)]
    assert [bad.path for bad in gallery.card.bad_files] == ["000.png"]


def test_ctrl_c_keeps_what_is_done(tmp_path):
    paths = make_pictures(tmp_path / "m", 6)

    def interrupted(iterable, *, desc=None, total=None):
        for number, item in enumerate(iterable):
            if number == 4:
                raise KeyboardInterrupt
            yield item

    with pytest.raises(KeyboardInterrupt):
        index_pictures(paths, tmp_path / "g", progress=interrupted)
    reader = HereReader()
    assert len(index_pictures(paths, tmp_path / "g", reader)) == 6
    assert reader.read == ["004.png", "005.png"]


def test_a_changed_file_is_read_again_and_a_deleted_one_forgotten(tmp_path):
    paths = make_pictures(tmp_path / "m", 5)
    asked = iter([False] * 3 + [True])
    with pytest.raises(IndexingStoppedError):
        index_pictures(paths, tmp_path / "g", should_stop=lambda: next(asked))
    Image.new("RGB", (30, 30), "white").save(paths[1])
    reader = HereReader()
    gallery = index_pictures(paths[1:], tmp_path / "g", reader)
    assert reader.read == ["001.png", "004.png"]
    assert [clip.id for clip in gallery.clips] == ["001", "002", "003", "004"]
    assert gallery.parts["frames"][0, 0, :3] == pytest.approx(0.5)


def test_another_checkpoint_starts_anew(tmp_path):
    paths = make_pictures(tmp_path / "m", 4)
    with pytest.raises(IndexingStoppedError):
        index_pictures(paths, tmp_path / "g", checkpoint_sha256="a", should_stop=lambda: True)
    reader = HereReader()
    index_pictures(paths, tmp_path / "g", reader, checkpoint_sha256="b")
    assert len(reader.read) == 4


def test_what_the_model_cannot_embed_is_a_bad_file(tmp_path):
    class Fragile(ToyEncoder):
        def encode_video(self, features, mask):
            parts = super().encode_video(features, mask).parts
            broken = features[:, 0, 0] < -0.4
            parts["global"][broken] = torch.nan
            return type(super().encode_video(features, mask))(parts)

    paths = make_pictures(tmp_path / "m", 4)
    gallery = index_videos(
        sources_of(paths), Fragile(), tmp_path / "g", reader=HereReader(), media_root=".."
    )
    assert [bad.path for bad in gallery.card.bad_files] == ["000.png", "001.png", "002.png"]
    assert np.isfinite(gallery.parts["global"]).all()


def test_nothing_to_index_is_said(tmp_path):
    with pytest.raises(XmrError, match="no folder"):
        index_folder(tmp_path / "nowhere", ToyEncoder(), tmp_path / "g")
    (tmp_path / "m").mkdir()
    with pytest.raises(XmrError, match=r"no videos or images.*mp4"):
        index_folder(tmp_path / "m", ToyEncoder(), tmp_path / "g")
    broken = tmp_path / "m" / "broken.png"
    broken.write_bytes(b"x")
    with pytest.raises(GalleryError, match=r"None of the 1 files.*broken\.png"):
        index_pictures([broken], tmp_path / "g")
    with pytest.raises(GalleryError, match="not a gallery"):
        index_pictures(make_pictures(tmp_path / "m", 1), tmp_path / "m")


def test_only_the_folders_own_files_are_found(tmp_path):
    outside, root = tmp_path / "outside", tmp_path / "root"
    make_pictures(outside, 1)
    make_pictures(root / "a", 1)
    make_pictures(root / ".hidden", 1)
    (root / "a" / "._000.png").write_bytes(b"macOS")
    index_pictures(make_pictures(root / "b", 1), root / "gallery")  # has posters in it
    make_pictures(root / "skip", 1)
    (root / "file.png").symlink_to(outside / "000.png")
    (root / "folder").symlink_to(outside, target_is_directory=True)
    (root / "twice.png").symlink_to(root / "a" / "000.png")
    (root / "loop").symlink_to(root, target_is_directory=True)
    undecodable = os.fsencode(root) + b"/\xff.png"
    Path(os.fsdecode(undecodable)).write_bytes(b"x")
    found = find_media(root, skip=[root / "skip"])
    assert found.paths == ("a/000.png", "b/000.png")
    assert {bad.path: bad.reason for bad in found.bad} == {
        "file.png": "it is a link that leads out of the folder",
        "folder": "it is a link that leads out of the folder",
        "\\udcff.png": "its name is not valid UTF-8; rename it",
    }


def test_ids_are_safe_unique_and_stable():
    paths = [
        "a/b c.mp4",
        "a_b c.mp4",
        "x.mp4",
        "X.mov",
        "视频.mp4",
        "视频2.mp4",
        "..mp4",
        "p.1.mp4",
    ]
    paths.append("long" * 60 + ".mp4")
    ids = clip_ids(paths)
    assert len({name.lower() for name in ids.values()}) == len(paths)
    for name in ids.values():
        assert len(name) < 100
        assert all(letter.isascii() and (letter.isalnum() or letter in "_-.") for letter in name)
        assert name[0] not in ".-"
    assert ids["p.1.mp4"] == "p.1"
    assert clip_ids(["x.mp4"])["x.mp4"] == "x"
    assert clip_ids(["视频.mp4", "other.mp4"])["视频.mp4"] == ids["视频.mp4"]


def test_a_shard_that_was_being_written_does_not_count(tmp_path):
    journal = Journal(tmp_path / "j", {"a": 1})
    journal.append([Finished("x", 1.5)], {"global": np.ones((1, 2))}, {"y": "bad"})
    (tmp_path / "j" / "00000001.draft").write_bytes(b"half")
    again = Journal(tmp_path / "j", {"a": 1})
    assert (again.durations_s, again.reasons) == ({"x": 1.5}, {"y": "bad"})
    again.append([Finished("z", 2.5)], {"global": np.zeros((1, 2))}, {})
    assert again.collect(["z", "x"])["global"].tolist() == [[0, 0], [1, 1]]
    assert Journal(tmp_path / "j", {"a": 2}).durations_s == {}


def test_reading_ahead_passes_errors_on_and_stops_when_closed():
    def failing() -> Iterator[int]:
        yield 1
        raise KeyError("in the thread")

    items = read_ahead(failing())
    assert next(items) == 1
    with pytest.raises(KeyError, match="in the thread"):
        next(items)

    made = []

    def endless() -> Iterator[int]:
        while True:
            made.append(len(made))
            yield made[-1]

    items = read_ahead(endless(), depth=3)
    assert next(items) == 0
    items.close()
    assert len(made) <= 6


KILLED = """
import itertools, json, os, signal, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
os.fsync = lambda handle: None  # matters for power cuts, not for kill -9
import xmr_core.indexing.videos as videos
from test_indexing import index_pictures
from xmr_core.gallery import Gallery

videos._FRAMES_PER_BATCH, videos._SAVE_EVERY_S = 2, 0.0
paths, base = sorted(Path(sys.argv[1]).glob("*.png")), Path(sys.argv[2])
steps, last = itertools.count(1), [0]

def watch(event, arguments):
    # Counts what is done to files, and dies as under kill -9 before a given step.
    if event == "open" or event.startswith(("os.", "shutil.")):
        if next(steps) == last[0]:
            os.kill(os.getpid(), signal.SIGKILL)

def run(out, die_at):
    child = os.fork()
    if child == 0:
        last[0] = next(steps) + die_at
        index_pictures(paths, out)
        os._exit(0)
    return os.waitpid(child, 0)[1]

index_pictures(paths, base / "warm")  # all imports are done
sys.addaudithook(watch)
begin = next(steps)
index_pictures(paths, base / "reference")
total = next(steps) - begin
for number in range(12):
    out = base / f"g{number}"
    point = 1 + number * (total - 2) // 11
    deaths = [os.WTERMSIG(run(out, point)), os.WTERMSIG(run(out, 1 + point // 3))]
    if out.exists():
        Gallery.load(out)
    assert run(out, 10**9) == 0
    print(json.dumps(deaths))
"""


def test_killed_at_any_moment_every_file_is_in_the_result_once(tmp_path):
    make_pictures(tmp_path / "m", 8)
    (tmp_path / "m" / "005.png").write_bytes(b"broken")
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "m"), str(tmp_path / "out")],
        cwd=ROOT,
        env=os.environ
        | {
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(__file__).parent)]),
            "OMP_NUM_THREADS": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    deaths = [json.loads(line) for line in run.stdout.splitlines()]
    assert [first for first, _ in deaths] == [signal.SIGKILL] * 12
    reference = Gallery.load(tmp_path / "out" / "reference")
    assert len(reference) == 7
    for number in range(12):
        gallery = Gallery.load(tmp_path / "out" / f"g{number}")
        assert gallery.clips == reference.clips
        assert gallery.card.bad_files == reference.card.bad_files
        for name, part in reference.parts.items():
            assert np.array_equal(gallery.parts[name], part)
        assert all(gallery.poster_path(clip.id) for clip in gallery.clips)
    left = {path.name for path in (tmp_path / "out").iterdir()}
    assert left == {"warm", "reference", *(f"g{number}" for number in range(12))}
