"""Own videos without a browser: limits, tokens, what is left behind, what is told."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image
from small_models import small_clip, write_small_card

from demo.folders import OwnFolders
from demo.jobs import Job
from demo.shelf import Shelf
from demo.visitors import VisitorLimits, Visitors
from xmr_core import Engine, IndexingStoppedError, XmrError
from xmr_core.checkpoints import load_checkpoint
from xmr_core.indexing import index_folder


def picture(path: Path, colour="red") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (32, 24), colour).save(path)
    return path


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Engine:
    root = tmp_path_factory.mktemp("base")
    small_clip(root / "small")
    write_small_card(root / "small")
    picture(root / "media" / "a.png")
    encoder, sha256 = load_checkpoint(str(root / "small"))
    index_folder(root / "media", encoder, root / "g", sha256)
    return Engine(str(root / "small"), str(root / "g"))


def ended(job_of, timeout_s=60.0):
    """Waits until a state is one of those that last."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        state = job_of()
        if state["stage"] in ("done", "failed", "stopped"):
            return state
        time.sleep(0.05)
    pytest.fail(f"still {job_of()}")


@pytest.fixture
def visitors(base, tmp_path):
    return Visitors(tmp_path / "visitors", base, VisitorLimits(files=3, total_bytes=5000))


def test_a_visit(visitors, tmp_path):
    token = visitors.begin()
    visit = visitors.get(token)
    (tmp_path / "bad.png").write_bytes(b"no picture")
    hostile = tmp_path / "..%2f<b>\n.png"
    visit.add([picture(tmp_path / "red.png"), picture(hostile, "blue"), tmp_path / "bad.png"])
    state = ended(visit.state)
    assert (state["stage"], state["size"], state["files"]) == ("done", 2, 2)
    assert state["refused"][0]["name"] == "bad.png"
    assert state["refused"][0]["reason"]["zh"] != state["refused"][0]["reason"]["en"]
    assert not (tmp_path / "red.png").exists()  # taken over, not copied
    engine = next(iter(visitors.engines(token).values()))
    assert len(engine.search("a red car").matches) == 2
    with pytest.raises(XmrError, match="At most 3 files"):
        visit.add([picture(tmp_path / f"{n}.png") for n in range(2)])
    visit.add([picture(tmp_path / "red.png", "green")])  # the name is taken: both stay
    assert ended(visit.state)["size"] == 3
    visitors.end(token)
    assert visitors.engines(token) is None
    assert not list((tmp_path / "visitors").glob("*/*"))


def test_too_large_is_said_and_nothing_is_taken(visitors, tmp_path):
    visit = visitors.get(visitors.begin())
    (tmp_path / "large.png").write_bytes(bytes(6000))
    with pytest.raises(XmrError, match="MB and the limit is"):
        visit.add([tmp_path / "large.png"])
    assert (tmp_path / "large.png").exists()
    assert visit.state()["stage"] == "idle"


def test_only_the_whole_token_opens_a_visit(visitors):
    token = visitors.begin()
    assert visitors.get(token) is not None
    for wrong in (None, "", token[:-1], token.upper() + "0", "../" + token, "*"):
        assert visitors.get(wrong) is None
    shelf = Shelf({"scenes": {}}, dict, visitors.engines)
    assert list(shelf) == ["scenes"]
    assert token not in shelf  # nothing is indexed yet


def test_old_visits_are_forgotten_and_their_number_is_bounded(base, tmp_path):
    left = picture(tmp_path / "visitors" / "999999999-of-an-earlier-run" / "a.png")
    running = picture(tmp_path / "visitors" / f"{os.getppid()}-of-another-app" / "a.png")
    limits = VisitorLimits(visitors=2, life_s=0.2)
    visitors = Visitors(tmp_path / "visitors", base, limits)
    assert not left.exists()
    assert running.exists()
    tokens = [visitors.begin(), visitors.begin()]
    with pytest.raises(XmrError, match="Too many visitors"):
        visitors.begin()
    time.sleep(1)
    assert [visitors.get(token) for token in tokens] == [None, None]
    assert list((tmp_path / "visitors").glob("*/*")) == [running]


def test_videos_that_are_too_long_together_are_refused(base, tmp_path):
    import numpy as np

    from xmr_core.media.write import write_mp4

    visitors = Visitors(tmp_path / "visitors", base, VisitorLimits(total_s=5.0))
    for name in ("a", "b"):
        frames = np.full((12, 32, 32, 3), ord(name), np.uint8)
        write_mp4(tmp_path / f"{name}.mp4", frames, fps=4)
    visit = visitors.get(visitors.begin())
    visit.add([tmp_path / "a.mp4", tmp_path / "b.mp4"])
    state = ended(visit.state)
    assert state["size"] == 1
    assert "6 s and the limit is 5 s" in state["refused"][0]["reason"]["en"]


def test_folders_keep_their_gallery_between_two_starts(base, tmp_path):
    picture(tmp_path / "a" / "my videos" / "red.png")
    picture(tmp_path / "b" / "my videos" / "blue.png")
    places = [tmp_path / name / "my videos" for name in ("a", "b")]
    folders = OwnFolders(places, tmp_path / "state", base, taken=["scenes"])
    assert not folders.galleries()
    folders.start()
    for name in ("my-videos", "my-videos-2"):
        assert ended(folders.get(name).state)["stage"] == "done"
    assert list(folders.galleries()) == ["my-videos", "my-videos-2"]
    again = OwnFolders(places[:1], tmp_path / "state", base)
    again.start()
    state = ended(again.get("my-videos").state)
    assert (state["size"], state["changes"]["added"]) == (1, 0)
    with pytest.raises(XmrError, match="is not a folder"):
        OwnFolders([tmp_path / "nowhere"], tmp_path / "state", base)


def test_a_failure_does_not_tell_where_things_are(base, tmp_path):
    (tmp_path / "empty").mkdir()
    folders = OwnFolders([tmp_path / "empty"], tmp_path / "state", base)
    folders.start()
    state = ended(folders.get("empty").state)
    assert state["stage"] == "failed"
    assert "no videos or images in empty" in state["problem"]["en"]
    assert str(tmp_path) not in str(state)


def test_a_job_is_stopped_and_started_again():
    begun, seen = threading.Event(), []

    def work(job):
        begun.set()
        for number in job.progress(range(1000), desc="Indexing (0 of 9)", total=1000):
            seen.append(number)
            if job.should_stop():
                raise IndexingStoppedError("stopped")
            time.sleep(0.01)

    job = Job(work, ThreadPoolExecutor(1))
    job.start()
    job.start()  # once is enough
    assert begun.wait(5)
    job.stop()
    assert ended(job.state)["stage"] == "stopped"
    assert 0 < len(seen) < 900
    assert job.state()["step"] == "indexing"
    begun.clear()
    job.start()
    assert begun.wait(5)
    job.stop()
    ended(job.state)


def test_a_fault_of_ours_ends_the_job_and_is_logged(caplog):
    def work(job):
        raise ZeroDivisionError("ours")

    job = Job(work, ThreadPoolExecutor(1))
    job.start()
    state = ended(job.state)
    assert (state["stage"], "ours" in state["problem"]) == ("failed", False)
    assert "ZeroDivisionError" in caplog.text
