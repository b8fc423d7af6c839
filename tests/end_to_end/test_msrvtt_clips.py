"""The whole path on real clips: annotation, gallery, search, explanation, measuring.

The model here is the bundled one of drawn scenes, which has seen no real video: what it finds means
nothing, so the tests look at the path alone.
"""

import json
import sys

import numpy as np
import pytest
from PIL import Image

from xmr_core.__main__ import main
from xmr_core.gallery import Gallery

CHECKPOINT = "scenes-clip"


@pytest.fixture(scope="module")
def root(shared):
    return shared("data/msrvtt")


@pytest.fixture(scope="module")
def run():
    def call(*arguments):
        """Runs a command in this process: exit status, stdout, stderr."""
        import contextlib
        import io

        out, err = io.StringIO(), io.StringIO()
        status = 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["xmr", *map(str, arguments)])
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                try:
                    main()
                except SystemExit as stop:
                    status = stop.code or 0
        return status, out.getvalue(), err.getvalue()

    return call


@pytest.fixture(scope="module")
def made(root, run, tmp_path_factory):
    out = tmp_path_factory.mktemp("msrvtt") / "gallery"
    gone = out.parent / "gone.txt"
    gone.write_text("video0\nvideo7015\n")
    status, told, err = run(
        "index", "--data", "msrvtt", "--root", root, "--media", root / "clips", "--gone", gone,
        "--checkpoint", CHECKPOINT, "--out", out,
    )  # fmt: skip
    assert status == 0, err
    return out, told


def test_what_is_there_is_counted_first(root, run):
    status, out, _ = run("data", "check", "msrvtt", "--root", root)
    assert status == 0
    assert "train: 11 of 9,000 media files are there" in out
    assert "test: 4 of 1,000 media files are there" in out


def test_the_gallery_says_what_the_annotation_says(made):
    folder, told = made
    assert "15 of the 10,000 items of msrvtt full all" in told and "9,985 were not there" in told
    gallery = Gallery.load(folder)
    assert len(gallery) == 15 and not gallery.card.bad_files
    assert len(gallery.card.data.missing) == 9985 and "video7015" in gallery.card.data.missing
    clip = gallery.clips[gallery.position("video9770")]
    assert clip.url == "https://www.youtube.com/watch?v=XbtKlKAFsQw"
    assert (clip.source_start_s, clip.category, len(clip.captions)) == (239.28, "howto", 20)
    assert clip.end_s == pytest.approx(11, abs=0.5) and not clip.gone
    assert [clip.id for clip in gallery.clips if clip.gone] == ["video0"]
    for clip in gallery.clips:
        stills = gallery.still_paths(clip.id)
        assert len(stills) == 3
        with Image.open(stills[1]) as still:
            assert max(still.size) == 240
            assert np.asarray(still.convert("L")).std() > 5  # a picture, not a grey field


def test_search_and_explanation(made, run, tmp_path):
    folder, _ = made
    status, out, err = run(
        "search", "a man drives a car", "--gallery", folder, "--checkpoint", CHECKPOINT, "--json"
    )
    assert status == 0, err
    matches = json.loads(out)["matches"]
    assert len(matches) == 10 and matches[0]["url"].startswith("https://www.youtube.com/")
    status, out, err = run(
        "explain", "a car drives", "video24", "--gallery", folder, "--checkpoint", CHECKPOINT,
        "--out", tmp_path / "why.png", "--json",
    )  # fmt: skip
    assert status == 0, err
    why = json.loads(out)
    assert len(why["frame_scores"]) == 12 and (tmp_path / "why.png").stat().st_size > 10_000
    status, out, err = run("describe", "video0", "--gallery", folder, "--json")
    assert status == 0, err


@pytest.mark.parametrize("with_root", [True, False])
def test_measuring_says_how_much_was_there(made, root, run, tmp_path, with_root):
    folder, _ = made
    command = ("evaluate", CHECKPOINT, "--data", "msrvtt", "--split", "1k-A")
    if with_root:
        status, out, err = run(*command, "--gallery", folder, "--root", root, "--language", "en")
        assert status == 0, err
        first, *lines = out.splitlines()
        assert first == (
            "msrvtt 1k-A test: 4 of 1,000 clips available; not comparable with published numbers"
        )
        assert len(lines) == 3 and all(
            "4 videos ranked" in x or "4 c" in x or "4 g" in x for x in lines
        )
        status, out, _ = run(*command, "--gallery", folder, "--root", root, "--json")
        protocol = json.loads(out)["protocol"]
        assert (protocol["available"], protocol["wanted"]) == (4, 1000)
        assert not protocol["comparable"] and protocol["seen"] == "videos"
        status, _, err = run(*command, "--gallery", folder, "--root", root, "--card")
        assert status == 2 and "does not go into a card" in err
    else:
        status, _, err = run(*command, "--gallery", folder)
        assert status == 2 and "give the annotation with --root" in err
        status, _, err = run(*command)
        assert status == 2 and "give --gallery G, or --root" in err


def test_features_of_the_clips_need_no_video(made, root, run, tmp_path):
    folder, _ = made
    gallery = Gallery.load(folder)
    frames, mask = gallery.frame_features(), gallery.parts["mask"]
    (tmp_path / "features").mkdir()
    for row, clip in enumerate(gallery.clips):
        np.save(tmp_path / f"features/{clip.id}.npy", frames[row][mask[row]])
    common = ("--data", "msrvtt", "--split", "1k-A", "--root", root)
    status, out, err = run(
        "index", *common, "--features", tmp_path / "features", "--out", tmp_path / "g",
        "--checkpoint", CHECKPOINT,
    )  # fmt: skip
    assert status == 0, err
    assert "4 of the 1,000 items" in out and "is what you said; numbers do not tell" in out
    again = Gallery.load(tmp_path / "g")
    for row, clip in enumerate(again.clips):
        before = gallery.parts["global"][gallery.position(clip.id)]
        assert np.allclose(again.parts["global"][row], before, atol=2e-3)
    # Search and explanation work without any video; only pictures cannot be shown.
    status, out, err = run("explain", "a car", "video7202", "--gallery", tmp_path / "g", "--json")
    assert status == 0, err
    status, out, err = run("evaluate", CHECKPOINT, *common, "--features", tmp_path / "features")
    assert status == 0 and "features of the checkpoint that the user stated" in out, err


def test_wrong_calls_end_with_one_sentence(root, run, tmp_path):
    out = ("--out", tmp_path / "g")
    for arguments, message in (
        (("--data", "msrvtt"), "with --root"),
        (("--data", "nothing", "--root", root), "no data set 'nothing'"),
        (("--data", "msrvtt", "--root", root, "--split", "none"), "No item is in the split none"),
        (("--data", "msrvtt", "--root", tmp_path), "holds no"),
        (("--data", "scenes", "--root", root), "go with a published data set"),
        (("--data", "msrvtt", "--root", root, "--frames", tmp_path), "data.mdb"),
    ):
        status, _, err = run("index", *arguments, *out)
        assert status == 2 and message in err and "Traceback" not in err, err
