"""The command line over what is bundled, as a user meets it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from xmr_core.__main__ import COMMANDS
from xmr_core.checkpoints import BUNDLED
from xmr_core.opened import SCENES

ROOT = Path(__file__).resolve().parents[2]

needs_bundle = pytest.mark.skipif(
    not (BUNDLED / "scenes-clip").is_dir() or not (SCENES / "galleries").is_dir(),
    reason="needs the bundled checkpoint and gallery",
)


@needs_bundle
def test_search_answers_from_a_fresh_process():
    run = subprocess.run(
        [sys.executable, "-m", "xmr_core", "search", "a red car drives to the left", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    record = json.loads(run.stdout)
    assert record["query"] == "a red car drives to the left"
    assert (record["checkpoint"], record["gallery"]) == ("scenes-clip", "scenes")
    assert [match["rank"] for match in record["matches"]] == list(range(1, 11))
    assert set(record["matches"][0]) == {
        "rank", "id", "score", "caption", "start_s", "end_s", "url",
    }  # fmt: skip
    assert set(record["elapsed_ms"]) == {"encode", "search", "total"}


@needs_bundle
def test_chinese_and_english_find_the_same_kind_of_clip(xmr):
    for query in ("two green fish under the sea", "海底两条绿色的鱼"):
        status, out, _ = xmr("search", query, "--json")
        captions = [match["caption"] for match in json.loads(out)["matches"]]
        assert status == 0
        assert sum("green" in c and "fish" in c for c in captions[:5]) >= 2, captions


@needs_bundle
def test_an_unknown_word_is_reported_and_the_rest_is_searched(xmr):
    status, out, err = xmr("search", "a red giraffe", "--top", "3")
    assert status == 0
    assert len(out.splitlines()) == 3
    assert "'giraffe' is not a word this small model knows" in err


@needs_bundle
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("search", ""), "empty"),
        (("search", "a red car", "--top", "0"), "--top is 0"),
        (("search", "a red car", "--checkpoint", "nothing"), "nothing"),
        (("search", "a red car", "--gallery", "no/such"), "no/such"),
        (("explain", "a red car", "nothing"), "nothing"),
        (("similar", "missing.mp4"), "missing.mp4"),
        (("checkpoints", "show", "nothing"), "nothing"),
        (("index", "--out", "g"), "either a folder or --data"),
    ],
)
def test_the_users_mistakes_are_one_line_and_status_2(xmr, arguments, sentence):
    status, out, err = xmr(*arguments)
    assert status == 2
    assert out == ""
    assert sentence in err
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in err


def test_a_fault_of_ours_is_status_1_and_shown_with_debug(xmr, monkeypatch):
    def broken() -> None:
        """Breaks."""
        raise ZeroDivisionError("ours")

    monkeypatch.setitem(COMMANDS, "doctor", broken)
    status, _, err = xmr("doctor")
    assert status == 1
    assert "ZeroDivisionError" in err
    assert "Traceback" not in err
    with pytest.raises(ZeroDivisionError):
        xmr("doctor", "--debug")


@needs_bundle
def test_explain_prints_words_and_writes_a_figure(xmr, tmp_path):
    figure = tmp_path / "figure.png"
    status, out, _ = xmr("explain", "a red car", "scene0000", "--out", str(figure), "--json")
    record = json.loads(out)
    assert status == 0
    assert record["words"] == ["a", "red", "car"]
    assert np.array(record["patch_maps"]).shape[:2] == (4, 12)
    with Image.open(figure) as picture:
        assert picture.width > 600


@needs_bundle
def test_describe_and_similar_answer_for_a_real_clip(xmr, shared):
    clip = str(shared("data/msrvtt/clips/video7500.mp4"))
    for command, key in (("describe", "captions"), ("similar", "matches")):
        status, out, _ = xmr(command, clip, "--json")
        assert status == 0
        assert len(json.loads(out)[key]) == 10


@needs_bundle
def test_checkpoints_are_listed_and_verified(xmr):
    status, out, _ = xmr("checkpoints", "list")
    assert (status, "scenes-clip" in out) == (0, True)
    status, out, _ = xmr("checkpoints", "verify")
    assert (status, "verified" in out) == (0, True)


@needs_bundle
def test_doctor_names_everything_and_verifies_checkpoints(xmr):
    status, out, _ = xmr("doctor")
    assert status == 0
    for name in ("python", "platform", "torch pair", "video decoder", "deno", "cache folder",
                 "offline flags", "checkpoint scenes-clip"):  # fmt: skip
        assert name in out
    assert "verified" in out


@needs_bundle
def test_a_folder_becomes_a_gallery_that_can_be_searched(xmr, tmp_path):
    import shutil

    videos = tmp_path / "videos"
    videos.mkdir()
    for number in range(3):
        name = f"scene{number:04d}.mp4"
        shutil.copy(SCENES / "clips" / name, videos / name)
    (videos / "broken.mp4").write_bytes(b"not a video")
    status, out, _ = xmr("index", str(videos), "--out", str(tmp_path / "g"))
    assert status == 0
    assert "3 clips" in out
    assert "broken.mp4" in out
    gallery = str(tmp_path / "g")
    status, out, _ = xmr("search", "a boat", "--gallery", gallery, "--json")
    assert status == 0
    assert len(json.loads(out)["matches"]) == 3
