"""Which galleries and methods `app.py` opens; nothing is loaded here."""

import logging

import numpy as np
import pytest

import app
from demo.opening import engines_over, open_galleries
from xmr_core import Clip, XmrError
from xmr_core.checkpoints import bundled_checkpoints
from xmr_core.gallery import Gallery, GalleryCard

HEADS = {card.id for card in bundled_checkpoints() if card.trunk == "scenes-clip"}


def write(folder, *, maker="scenes-clip", frames=True):
    ids = ["one", "two", "three"]
    parts = {"global": np.eye(3, 8, dtype=np.float32)}
    if frames:
        parts |= {"frames": np.zeros((3, 2, 8), np.float16), "mask": np.ones((3, 2), bool)}
    card = GalleryCard("mine", maker, "", 8, 2, len(ids), "media")
    Gallery(card, tuple(Clip(i, f"{i}.mp4", 0.0, 1.0) for i in ids), parts).save(folder)
    return folder


def test_the_bundled_gallery_alone():
    galleries = open_galleries([])
    assert list(galleries) == ["scenes"]
    assert set(galleries["scenes"]) == {card.id for card in bundled_checkpoints()}
    assert next(iter(galleries["scenes"])) == "scenes-clip"


def test_a_gallery_of_the_trunk_is_searched_with_its_heads(tmp_path):
    galleries = open_galleries([f"mine={write(tmp_path / 'mine')}"])
    assert list(galleries) == ["mine", "scenes"]
    assert next(iter(galleries["mine"])) == "scenes-clip"
    assert set(galleries["mine"]) == HEADS | {"scenes-clip"} and "scenes-cmfh-64" in HEADS
    assert [clip.id for clip in galleries["mine"]["scenes-cmfh-64"].clips] == [
        "one", "two", "three",
    ]  # fmt: skip


def test_heads_need_features_of_frames(tmp_path):
    assert set(engines_over(str(write(tmp_path, frames=False)))) == {"scenes-clip"}


def test_another_maker(tmp_path):
    engines = engines_over(str(write(tmp_path, maker="ViT-B-32/some_tag")))
    assert list(engines) == ["ViT-B-32/some_tag"]
    assert engines["ViT-B-32/some_tag"].checkpoint == "ViT-B-32/some_tag"


def test_the_order_is_the_one_that_was_asked_for(tmp_path):
    mine = write(tmp_path / "mine")
    galleries = open_galleries(["scenes", f"mine={mine}"], "scenes-cmfh-64")
    assert list(galleries) == ["scenes", "mine"]
    assert {next(iter(engines)) for engines in galleries.values()} == {"scenes-cmfh-64"}


def test_a_broken_gallery_is_left_out(tmp_path, caplog):
    with caplog.at_level(logging.WARNING, "xmr"):
        galleries = open_galleries([f"lost={tmp_path / 'nowhere'}"])
    assert list(galleries) == ["scenes"]
    assert "the gallery lost is left out: There is no gallery at" in caplog.text


@pytest.mark.parametrize(
    "entry", ["", "mine", "=x", "mine=", "a b=x", "a/b=x", "../x=y", "<b>=x", "scenes=x", "x" * 99]
)
def test_names_that_are_none(entry):
    with pytest.raises(XmrError, match="names no gallery"):
        open_galleries([entry])


def test_two_galleries_of_one_name_and_an_unknown_checkpoint(tmp_path):
    mine = write(tmp_path / "mine")
    with pytest.raises(XmrError, match="same name"):
        open_galleries([f"mine={mine}", f"mine={mine}"])
    with pytest.raises(XmrError, match="'no-such' can search none"):
        open_galleries([], "no-such")


def test_options_and_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("XMR_GALLERIES", "scenes, films=hf://owner/name ,")
    assert app.options([]).gallery == ["scenes", "films=hf://owner/name"]
    found = app.options(["--gallery", "mine=x", "--gallery", "b=y", "--checkpoint", "c"])
    assert (found.gallery, found.checkpoint) == (["mine=x", "b=y"], "c")
    monkeypatch.delenv("XMR_GALLERIES")
    monkeypatch.setattr("sys.argv", ["app.py", "--gallery", "a b=x"])
    with pytest.raises(SystemExit, match="xmr: 'a b=x' names no gallery"):
        app.main()
