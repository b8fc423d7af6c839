"""A folder that changes: only what is new is read, and nothing is lost on the way."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from here_reader import HereReader
from PIL import Image
from toy_encoder import ToyEncoder

from xmr_core.errors import GalleryError, XmrError
from xmr_core.gallery import Gallery, recover_folder
from xmr_core.indexing import GalleryBusyError, IndexingStoppedError, index_folder
from xmr_core.indexing.fingerprint import WHOLE_BYTES, fingerprint
from xmr_core.indexing.known import FILES
from xmr_core.indexing.lock import only_writer
from xmr_core.media.cuts import Cutting
from xmr_core.media.write import write_mp4

LONG_AGO_NS = 1_500_000_000_000_000_000
ROOT = Path(__file__).resolve().parents[2]


def picture(path: Path, colour, age_ns=0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (20, 12), colour).save(path)
    return aged(path, age_ns)


def aged(path: Path, age_ns=0) -> Path:
    """Sets a time far enough away for it to be trusted."""
    os.utime(path, ns=(LONG_AGO_NS + age_ns, LONG_AGO_NS + age_ns))
    return path


def index(media: Path, out: Path, **options):
    reader = HereReader()
    gallery = index_folder(media, ToyEncoder(), out, reader=reader, **options)
    return gallery, reader.read


def same(one: Gallery, other: Gallery):
    assert one.clips == other.clips
    assert one.card.bad_files == other.card.bad_files
    for name, part in one.parts.items():
        assert np.array_equal(part, other.parts[name])


@pytest.fixture
def media(tmp_path):
    for name, colour in (("a.png", "red"), ("b.png", "green"), ("in/c.png", "blue")):
        picture(tmp_path / "media" / name, colour)
    return tmp_path / "media"


def counts(gallery):
    return {name: count for name, count in gallery.card.changes.items() if count}


def test_nothing_is_opened_when_nothing_changed(media, tmp_path, monkeypatch):
    first, read = index(media, tmp_path / "g")
    assert (len(read), counts(first)) == (3, {"added": 3})
    assert first.clips[0].modified == LONG_AGO_NS / 1e9
    card = (tmp_path / "g" / "card.json").stat()
    monkeypatch.setattr("xmr_core.indexing.comparing.fingerprint", pytest.fail)
    again, read = index(media, tmp_path / "g")
    assert (read, counts(again)) == ([], {"unchanged": 3})
    same(first, again)
    assert (tmp_path / "g" / "card.json").stat() == card  # not even written again


def test_only_what_is_new_is_read_and_the_result_is_that_of_a_new_index(media, tmp_path):
    out = tmp_path / "g"
    index(media, out)
    picture(media / "b.png", "yellow", 10**10)  # changed
    aged(media / "a.png", 10**10)  # touched
    (media / "in" / "c.png").rename(media / "moved.png")
    picture(media / "new.png", "white")
    picture(media / "gone.png", "black")
    index(media, out)
    (media / "gone.png").unlink()
    picture(media / "b.png", "purple", 2 * 10**10)
    gallery, read = index(media, out)
    assert read == ["b.png"]
    assert counts(gallery) == {"changed": 1, "removed": 1, "unchanged": 3}
    fresh, _ = index(media, tmp_path / "fresh")
    same(gallery, fresh)
    assert [clip.video for clip in gallery.clips] == ["a.png", "b.png", "moved.png", "new.png"]
    for clip in gallery.clips:
        assert gallery.poster_path(clip.id).read_bytes() == fresh.poster_path(clip.id).read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fresh", "g", "media"]


def test_a_renamed_file_counts_as_moved(media, tmp_path):
    index(media, tmp_path / "g")
    (media / "a.png").rename(media / "z.png")
    gallery, read = index(media, tmp_path / "g")
    assert (read, counts(gallery)) == ([], {"moved": 1, "unchanged": 2})
    assert gallery.has("z")
    assert not gallery.has("a")


def test_a_change_that_time_does_not_show_is_found(media, tmp_path):
    """Same size, and the clock stands still or goes back: the content decides."""
    (media / "a.png").write_bytes((media / "a.png").read_bytes())  # its time is now
    now_ns = (media / "a.png").stat().st_mtime_ns
    index(media, tmp_path / "g")
    other = picture(tmp_path / "other.png", "white").read_bytes()
    size = (media / "a.png").stat().st_size
    assert abs(size - len(other)) < 20
    (media / "a.png").write_bytes(other.ljust(size, b"\0")[: max(size, len(other))])
    os.utime(media / "a.png", ns=(now_ns, now_ns))
    picture(media / "b.png", "yellow", -(10**15))  # older than what it replaces
    gallery, read = index(media, tmp_path / "g")
    assert read == ["a.png", "b.png"]
    assert counts(gallery) == {"changed": 2, "unchanged": 1}


def test_files_of_the_future_are_compared_by_content_each_time(media, tmp_path):
    later_ns = time.time_ns() + 10**15
    os.utime(media / "a.png", ns=(later_ns, later_ns))
    first, _ = index(media, tmp_path / "g")
    again, read = index(media, tmp_path / "g")
    assert (read, counts(again)) == ([], {"unchanged": 3})
    same(first, again)


def test_duplicates_are_read_once_and_marked(media, tmp_path):
    shutil.copy2(media / "a.png", media / "in" / "copy.png")
    gallery, read = index(media, tmp_path / "g")
    assert sorted(read) == ["a.png", "b.png", "c.png"]
    assert {clip.id: clip.duplicate_of for clip in gallery.clips} == {
        "a": None,
        "b": None,
        "in_c": None,
        "in_copy": "a",
    }
    assert np.array_equal(gallery.parts["global"][0], gallery.parts["global"][3])
    assert gallery.poster_path("in_copy").is_file()
    assert gallery.card.changes["duplicates"] == 1
    (media / "a.png").unlink()  # the copy takes its place
    gallery, read = index(media, tmp_path / "g")
    assert read == []
    assert [clip.duplicate_of for clip in gallery.clips] == [None] * 3


def test_bad_files_are_not_tried_again_until_they_change(media, tmp_path):
    (media / "bad.png").write_bytes(b"not a picture")
    (media / "bad2.png").write_bytes(b"not a picture")
    aged(media / "bad.png")
    gallery, read = index(media, tmp_path / "g")
    assert "bad.png" in read
    reasons = {bad.path: bad.reason for bad in gallery.card.bad_files}
    assert reasons.keys() == {"bad.png", "bad2.png"}
    assert "bad" not in reasons["bad2.png"]  # nor named after its twin
    aged(media / "bad.png", 10**10)
    gallery, read = index(media, tmp_path / "g")
    assert read == []
    assert {bad.path for bad in gallery.card.bad_files} == reasons.keys()
    picture(media / "bad.png", "white", 2 * 10**10)
    gallery, read = index(media, tmp_path / "g")
    assert read == ["bad.png"]
    assert [bad.path for bad in gallery.card.bad_files] == ["bad2.png"]


def test_another_checkpoint_or_other_settings_start_anew_and_say_so(media, tmp_path):
    index(media, tmp_path / "g")
    gallery, read = index(media, tmp_path / "g", checkpoint_sha256="ab" * 32)
    assert len(read) == 3
    assert "read again" in gallery.card.note
    assert "'toy'" in gallery.card.note
    kept = {"checkpoint_sha256": "ab" * 32}
    gallery, read = index(media, tmp_path / "g", cutting=Cutting("none"), **kept)
    assert len(read) == 3
    assert "other settings" in gallery.card.note
    gallery, read = index(media, tmp_path / "g", cutting=Cutting("none"), **kept)
    assert (read, gallery.card.note) == ([], "")


def test_a_damaged_memory_is_not_believed(media, tmp_path):
    index(media, tmp_path / "g")
    memory = tmp_path / "g" / FILES
    memory.write_text(memory.read_text().replace('"digests"', '"digestz"'))
    gallery, read = index(media, tmp_path / "g")
    assert len(read) == 3
    assert "damaged" in gallery.card.note


def test_the_same_paths_elsewhere_are_not_taken_for_the_same_files(media, tmp_path):
    index(media, tmp_path / "g")
    shutil.copytree(media, tmp_path / "other")
    picture(tmp_path / "other" / "a.png", "white")
    size = (media / "a.png").stat().st_size
    with (tmp_path / "other" / "a.png").open("ab") as file:
        file.write(b"\0" * (size - file.tell()))
    aged(tmp_path / "other" / "a.png")
    gallery, read = index(tmp_path / "other", tmp_path / "g")
    assert read == ["a.png"]
    assert gallery.card.media_root == str(tmp_path / "other")


def test_the_old_gallery_stays_until_the_new_one_is_there(media, tmp_path):
    old, _ = index(media, tmp_path / "g")
    picture(media / "d.png", "white")
    with pytest.raises(IndexingStoppedError):
        index(media, tmp_path / "g", should_stop=lambda: True)
    same(old, Gallery.load(tmp_path / "g"))
    shutil.rmtree(media)
    with pytest.raises(XmrError, match="no folder"):
        index(media, tmp_path / "g")
    media.mkdir()
    with pytest.raises(XmrError, match="no videos or images"):
        index(media, tmp_path / "g")
    (media / "broken.png").write_bytes(b"x")
    with pytest.raises(GalleryError, match=r"None of the 1 files.*broken\.png"):
        index(media, tmp_path / "g")
    same(old, Gallery.load(tmp_path / "g"))


def test_a_reader_finds_a_gallery_at_every_moment(media, tmp_path):
    index(media, tmp_path / "g")
    stop, problems, loads = threading.Event(), [], []

    def load():
        while not stop.is_set():
            try:
                loads.append(len(Gallery.load(tmp_path / "g")))
            except GalleryError as error:
                problems.append(str(error))

    reader = threading.Thread(target=load)
    reader.start()
    for number in range(12):
        picture(media / "d.png", (number, 0, 9), number)
        index(media, tmp_path / "g")
    stop.set()
    reader.join()
    assert not problems
    assert loads


def test_what_a_kill_left_between_two_names_comes_back(media, tmp_path):
    old, _ = index(media, tmp_path / "g")
    (tmp_path / "g").rename(tmp_path / ".g.old")
    recover_folder(tmp_path / "g")
    same(old, Gallery.load(tmp_path / "g"))
    gallery, read = index(media, tmp_path / "g")
    assert (read, len(gallery)) == ([], 3)


HOLDER = """
import sys, time
from pathlib import Path
from xmr_core.indexing.lock import only_writer
with only_writer(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_two_processes_do_not_write_one_gallery(media, tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "g")],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    with holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(GalleryBusyError, match="Another process is indexing into"):
            index(media, tmp_path / "g")
        holder.kill()  # the lock goes with it
    assert len(index(media, tmp_path / "g")[0]) == 3
    with only_writer(tmp_path / "g"), pytest.raises(GalleryBusyError), only_writer(tmp_path / "g"):
        pass
    assert not list(tmp_path.glob(".*"))


def test_hostile_names(tmp_path):
    media = tmp_path / "media"
    names = ["new\nline.png", "-rf.png", "é🎬.png", "a'b\"c<d>.png", " .png", "x" * 251 + ".png"]
    for number, name in enumerate(names):
        picture(media / name, (number, 2, 3))
    gallery, _ = index(media, tmp_path / "g")
    assert {clip.video for clip in gallery.clips} == set(names)
    assert {clip.video for clip in Gallery.load(tmp_path / "g").clips} == set(names)
    assert all(gallery.poster_path(clip.id) for clip in gallery.clips)
    assert index(media, tmp_path / "g")[1] == []


def test_a_file_that_goes_away_while_it_is_read_is_not_bad_for_good(media, tmp_path, monkeypatch):
    class Fleeting(HereReader):
        def read_many(self, requests):
            (media / "b.png").unlink(missing_ok=True)
            yield from super().read_many(requests)

    kept = (media / "b.png").read_bytes()
    gallery = index_folder(media, ToyEncoder(), tmp_path / "g", reader=Fleeting())
    assert [bad.path for bad in gallery.card.bad_files] == ["b.png"]
    assert "went away" in gallery.card.bad_files[0].reason
    (media / "b.png").write_bytes(kept)
    aged(media / "b.png")
    gallery, read = index(media, tmp_path / "g")
    assert read == ["b.png"]
    assert gallery.card.bad_files == ()


def test_what_goes_away_between_listing_and_opening_is_said(media, tmp_path, monkeypatch):
    def late(path, size):
        if path.name == "b.png":
            path.unlink()
        return fingerprint(path, size)

    monkeypatch.setattr("xmr_core.indexing.comparing.fingerprint", late)
    gallery, _ = index(media, tmp_path / "g")
    assert [clip.id for clip in gallery.clips] == ["a", "in_c"]
    assert "cannot be opened (No such file" in gallery.card.bad_files[0].reason


def test_a_folder_that_may_not_be_listed_keeps_what_is_known(media, tmp_path, monkeypatch):
    """The tests may run as root, who may list everything: the system's answer is what counts."""
    scandir = os.scandir

    def denied(place):
        if str(place).endswith("/in"):
            raise PermissionError(13, "Permission denied", place)
        return scandir(place)

    index(media, tmp_path / "g")
    monkeypatch.setattr(os, "scandir", denied)
    gallery, read = index(media, tmp_path / "g")
    assert read == []
    assert gallery.has("in_c")
    assert [(bad.path, bad.reason) for bad in gallery.card.bad_files] == [
        ("in", "the folder cannot be read (Permission denied)")
    ]
    monkeypatch.undo()
    gallery, _ = index(media, tmp_path / "g")
    assert gallery.card.bad_files == ()


def test_fingerprints_of_large_files_see_head_middle_and_tail(tmp_path):
    path = tmp_path / "large"
    content = bytearray(np.random.default_rng(0).bytes(3 * WHOLE_BYTES))
    size = len(content)
    seen = set()
    for place in (None, 0, size // 15, size - 1):
        changed = bytearray(content)
        if place is not None:
            changed[place] ^= 1
        path.write_bytes(changed)
        seen.add(fingerprint(path, size))
    assert len(seen) == 4
    path.write_bytes(content[:100])
    assert fingerprint(path, 100) != fingerprint(path, 101)


def long_video(path: Path, colours, seconds_each=6, fps=4) -> Path:
    frames = [np.full((1, 48, 64, 3), colour, np.uint8) for colour in colours]
    write_mp4(path, np.concatenate([np.repeat(f, seconds_each * fps, axis=0) for f in frames]), fps)
    return aged(path)


COLOURS = {"red": (250, 5, 5), "green": (5, 250, 5), "blue": (5, 5, 250)}
SHORT = {"longer_than_s": 8.0, "window_s": 6.0, "overlap_s": 1.0}


def test_a_long_video_becomes_windows_that_point_to_their_moment(tmp_path):
    media = tmp_path / "media"
    media.mkdir()
    long_video(media / "film.mp4", COLOURS.values())
    picture(media / "film.0001.png", "white")  # would have the id of the first window
    gallery, read = index(media, tmp_path / "g", cutting=Cutting(**SHORT))
    assert read.count("film.mp4") == 4
    film = [clip for clip in gallery.clips if clip.video == "film.mp4"]
    assert [(clip.start_s, clip.end_s) for clip in film] == [(0, 6), (4, 10), (8, 14), (12, 18)]
    assert len({clip.id for clip in gallery.clips}) == 5
    assert all(clip.id.startswith("film-") and clip.id[-5:-1] == ".000" for clip in film)
    vectors = np.stack([gallery.parts["global"][gallery.position(clip.id)] for clip in film])
    query = ToyEncoder().encode_text(["blue"])["global"].numpy()[0]
    assert int(np.argmax(vectors @ query)) == 3
    again, read = index(media, tmp_path / "g", cutting=Cutting(**SHORT))
    assert read == []
    same(gallery, again)
    shutil.copy2(media / "film.mp4", media / "twice.mp4")
    gallery, read = index(media, tmp_path / "g", cutting=Cutting(**SHORT))
    assert read == []
    assert gallery.clips[gallery.position("twice.0002")].duplicate_of == film[1].id
    whole, _ = index(media, tmp_path / "whole")  # 18 s are short as people see it
    assert [clip.id for clip in whole.clips] == ["film.0001", "film", "twice"]


def test_shots_end_where_the_picture_changes_at_once(tmp_path):
    media = tmp_path / "media"
    media.mkdir()
    long_video(media / "film.mp4", COLOURS.values(), seconds_each=5)
    gallery, _ = index(media, tmp_path / "g", cutting=Cutting("shots", **SHORT))
    assert [(clip.start_s, clip.end_s) for clip in gallery.clips] == [(0, 5), (5, 10), (10, 15)]
    red, green, blue = (gallery.parts["global"][row][:3].argmax() for row in range(3))
    assert (red, green, blue) == (0, 1, 2)


def test_a_broken_stretch_does_not_lose_the_film(tmp_path):
    media = tmp_path / "media"
    media.mkdir()
    noise = np.random.default_rng(0).integers(0, 255, (100, 48, 64, 3), dtype=np.uint8)
    write_mp4(tmp_path / "whole.mp4", noise, fps=2)
    content = (tmp_path / "whole.mp4").read_bytes()
    (media / "cut.mp4").write_bytes(content[: int(0.6 * len(content))])
    aged(media / "cut.mp4")
    gallery, _ = index(media, tmp_path / "g", cutting=Cutting(**SHORT))
    assert 1 <= len(gallery) < 11
    assert gallery.card.bad_files
    assert all(bad.path == "cut.mp4" for bad in gallery.card.bad_files)
    assert "from" in gallery.card.bad_files[0].reason
    again, read = index(media, tmp_path / "g", cutting=Cutting(**SHORT))
    assert read == []
    assert again.card.bad_files == gallery.card.bad_files


def test_cuts_that_are_found_survive_a_stop(tmp_path):
    media = tmp_path / "media"
    media.mkdir()
    long_video(media / "film.mp4", COLOURS.values())
    asked = iter([False, False, True])
    cutting = Cutting("shots", **SHORT)
    with pytest.raises(IndexingStoppedError):
        index(media, tmp_path / "g", cutting=cutting, should_stop=lambda: next(asked))
    notes = tmp_path / ".g.partial" / "cuts.jsonl"
    assert len(json.loads(notes.read_text())[1]) == 3
    reader = HereReader()
    reader.length = reader.changes = pytest.fail
    gallery = index_folder(media, ToyEncoder(), tmp_path / "g", cutting=cutting, reader=reader)
    assert len(gallery) == 3


def test_windows_reach_the_end_and_have_one_length():
    for length_s in (60.1, 61, 75, 100, 3599.5):
        windows = Cutting().windows(0, length_s)
        assert windows[0][0] == 0
        assert windows[-1][1] == pytest.approx(length_s, abs=0.002)
        for (start_s, end_s), (next_s, _) in pairwise(windows):
            assert end_s - start_s == pytest.approx(20, abs=0.002)
            assert end_s - next_s >= 5 - 0.002
    assert Cutting().windows(0, 60) == ((0, 60),)
    for wrong in ({"window_s": 0}, {"window_s": 70}, {"overlap_s": 16}, {"overlap_s": -1}):
        with pytest.raises(XmrError, match="must be"):
            Cutting(**wrong)


KILLED = """
import itertools, os, shutil, signal, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
os.fsync = lambda handle: None  # matters for power cuts, not for kill -9
import xmr_core.indexing.videos as videos
from test_own_folder import index
from xmr_core.gallery import Gallery

videos._FRAMES_PER_BATCH, videos._SAVE_EVERY_S = 2, 0.0
before, after, base = map(Path, sys.argv[1:])
steps, last = itertools.count(1), [0]

def watch(event, arguments):
    # Counts what is done to files, and dies as under kill -9 before a given step.
    if event == "open" or event.startswith(("os.", "shutil.", "ctypes.call")):
        if next(steps) == last[0]:
            os.kill(os.getpid(), signal.SIGKILL)

def run(out, die_at):
    child = os.fork()
    if child == 0:
        last[0] = next(steps) + die_at
        index(after, out)
        os._exit(0)
    return os.waitpid(child, 0)[1]

index(before, base / "old")
shutil.copytree(base / "old", base / "count")
sys.addaudithook(watch)
begin = next(steps)
index(after, base / "count")
total = next(steps) - begin
deaths = 0
for number in range(8):
    out = base / f"g{number}"
    shutil.copytree(base / "old", out)
    point = 1 + number * (total - 2) // 7
    deaths += os.WTERMSIG(run(out, point)) == signal.SIGKILL
    assert len(Gallery.load(out)) in (4, 6), "the gallery went away"
    run(out, 1 + point // 3)
    assert run(out, 10**9) == 0
print(deaths)
"""


def test_killed_at_any_moment_there_is_a_gallery_and_the_next_run_ends_it(tmp_path):
    for number in range(4):
        picture(tmp_path / "before" / f"{number}.png", (number * 20, 9, 9))
    shutil.copytree(tmp_path / "before", tmp_path / "after")
    picture(tmp_path / "after" / "1.png", "white", 5)
    picture(tmp_path / "after" / "5.png", "red")
    picture(tmp_path / "after" / "6.png", "blue")
    shutil.copy2(tmp_path / "after" / "0.png", tmp_path / "after" / "9.png")
    (tmp_path / "after" / "2.png").unlink()
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            KILLED,
            *(str(tmp_path / name) for name in ("before", "after", "out")),
        ],
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
    assert int(run.stdout) >= 7
    fresh, _ = index(tmp_path / "after", tmp_path / "fresh")
    for number in range(8):
        gallery = Gallery.load(tmp_path / "out" / f"g{number}")
        same(gallery, fresh)
        assert all(gallery.poster_path(clip.id) for clip in gallery.clips)
    assert not list((tmp_path / "out").glob(".*"))
