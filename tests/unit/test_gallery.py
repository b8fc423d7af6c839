"""Galleries survive the disk, notice damage, and know whose they are."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from xmr_core.errors import GalleryError, GalleryMismatchError
from xmr_core.gallery import BadFile, Gallery, GalleryCard
from xmr_core.types import Caption, Clip

ROOT = Path(__file__).resolve().parents[2]


def make_gallery(items=5, width=8, **changes):
    generator = np.random.default_rng(items)
    clips = tuple(
        Clip(
            f"clip-{i}",
            f"in/é {i}.mp4",
            0.0,
            4.0,
            (Caption("a red\u2028car\n", "en"), Caption("一辆红色的汽车", "zh")),
            "drives",
        )
        for i in range(items)
    )
    parts = {
        "global": generator.standard_normal((items, width)).astype(np.float32),
        "frames": generator.standard_normal((items, 3, width)).astype(np.float16),
        "mask": generator.random((items, 3)) < 0.7,
        "code": generator.integers(0, 256, (items, 2)).astype(np.uint8),
    }
    card = {
        "name": "test",
        "checkpoint_id": "toy",
        "checkpoint_sha256": "ab" * 32,
        "width": width,
        "num_frames": 3,
        "num_items": items,
        "media_root": "../media",
        "bad_files": (BadFile("broken.mp4", "it is empty"),),
    }
    return Gallery(GalleryCard(**(card | changes)), clips, parts)


def test_what_is_saved_is_loaded(tmp_path):
    gallery = make_gallery()
    poster = tmp_path / "p.webp"
    poster.write_bytes(b"picture")
    gallery.save(tmp_path / "g", {"clip-2": poster}, {"clip-3": [poster] * 4})
    loaded = Gallery.load(tmp_path / "g")
    assert loaded.clips == gallery.clips
    assert loaded.card.bad_files == gallery.card.bad_files
    assert loaded.card.created == gallery.card.created
    assert loaded.parts.keys() == gallery.parts.keys()
    for name, part in gallery.parts.items():
        assert loaded.parts[name].dtype == part.dtype
        assert np.array_equal(loaded.parts[name], part)
    assert loaded.poster_path("clip-2").read_bytes() == b"picture"
    assert loaded.poster_path("clip-1") is None
    assert loaded.poster_path("../card") is None
    assert [path.name for path in loaded.still_paths("clip-3")] == [
        f"clip-3.{n}.webp" for n in range(3)
    ]
    assert loaded.still_paths("clip-2") == loaded.still_paths("../card") == ()
    assert loaded.media_path(loaded.clips[0]) == (tmp_path / "media" / "in" / "é 0.mp4").resolve()
    assert loaded.position("clip-3") == 3
    with pytest.raises(GalleryError, match="no clip 'clip-9'"):
        loaded.position("clip-9")


def test_embeddings_become_float32_tensors(tmp_path):
    gallery = make_gallery().save(tmp_path / "g")
    some = gallery.embeddings(slice(1, 3))
    assert len(some) == 2
    assert {name: str(part.dtype) for name, part in some.parts.items()} == {
        "global": "torch.float32",
        "frames": "torch.float32",
        "mask": "torch.bool",
        "code": "torch.uint8",
    }
    assert np.array_equal(
        gallery.embeddings(np.array([4, 0]))["code"].numpy(), gallery.parts["code"][[4, 0]]
    )
    assert np.array_equal(some["frames"].numpy(), gallery.parts["frames"][1:3].astype(np.float32))


def test_a_changed_tensor_does_not_reach_the_file(tmp_path):
    make_gallery().save(tmp_path / "g")
    Gallery.load(tmp_path / "g").parts["global"][:] = 0
    assert np.any(Gallery.load(tmp_path / "g").parts["global"])


def test_saving_over_a_gallery_replaces_it_whole(tmp_path):
    make_gallery(5).save(tmp_path / "g", {"clip-0": Path(__file__)})
    old = Gallery.load(tmp_path / "g")
    make_gallery(2).save(tmp_path / "g")
    new = Gallery.load(tmp_path / "g")
    assert (len(new), new.poster_path("clip-0")) == (2, None)
    assert np.isfinite(old.parts["global"]).all()  # its mapped file lives on
    assert [path.name for path in tmp_path.iterdir()] == ["g"]


def test_saving_never_replaces_what_is_not_a_gallery(tmp_path):
    (tmp_path / "holiday.mp4").write_bytes(b"precious")
    with pytest.raises(GalleryError, match="not a gallery"):
        make_gallery().save(tmp_path)
    with pytest.raises(GalleryError, match="not a gallery"):
        make_gallery().save(tmp_path / "holiday.mp4")
    assert (tmp_path / "holiday.mp4").read_bytes() == b"precious"


def test_a_failed_save_leaves_the_old_gallery(tmp_path):
    make_gallery(5).save(tmp_path / "g")
    with pytest.raises(OSError, match="nowhere"):
        make_gallery(2).save(tmp_path / "g", {"clip-0": tmp_path / "nowhere.webp"})
    assert len(Gallery.load(tmp_path / "g")) == 5


@pytest.mark.parametrize("name", ["items.jsonl", "embeddings.safetensors"])
def test_damage_is_noticed(tmp_path, name):
    make_gallery().save(tmp_path / "g")
    path = tmp_path / "g" / name
    content = path.read_bytes()
    for damaged in (content[:-20], content[:40], b"", content[:-1] + bytes([content[-1] ^ 1])):
        path.write_bytes(damaged)
        with pytest.raises(GalleryError, match=f"damaged: {name}"):
            Gallery.load(tmp_path / "g")
    path.write_bytes(content[:40])
    with pytest.raises(GalleryError, match="damaged"):
        Gallery.load(tmp_path / "g", verify=False)
    path.unlink()
    with pytest.raises(GalleryError, match=f"{name} cannot be read"):
        Gallery.load(tmp_path / "g")


def test_a_missing_gallery_says_how_to_make_one(tmp_path):
    with pytest.raises(GalleryError, match=r"no gallery at .*xmr index"):
        Gallery.load(tmp_path / "g")


def test_a_newer_format_is_named(tmp_path):
    make_gallery().save(tmp_path / "g")
    card = tmp_path / "g" / "card.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"format_version": 99}))
    with pytest.raises(GalleryError, match="format is 99"):
        Gallery.load(tmp_path / "g")


def test_card_clips_and_embeddings_must_agree():
    good = make_gallery()
    with pytest.raises(GalleryError, match="announces 4 clips and 5"):
        make_gallery(num_items=4)
    with pytest.raises(GalleryError, match="width is 9"):
        Gallery(make_gallery(5, 9).card, good.clips, good.parts)
    with pytest.raises(GalleryError, match="same id"):
        Gallery(good.card, (good.clips[0],) * 5, good.parts)
    with pytest.raises(GalleryError, match="embeddings for"):
        Gallery(good.card, good.clips, good.parts | {"code": good.parts["code"][:2]})
    with pytest.raises(GalleryError, match="mask"):
        Gallery(good.card, good.clips, good.parts | {"mask": good.parts["mask"][:, :2]})
    with pytest.raises(GalleryError, match="not allowed"):
        Gallery(good.card, (*good.clips[:4], Clip("../x", "x.mp4", 0, 1)), good.parts)


def test_a_forged_path_is_refused(tmp_path):
    gallery = make_gallery().save(tmp_path / "g")
    for video in ("../../secret", "/etc/passwd"):
        with pytest.raises(GalleryError, match="outside"):
            gallery.media_path(Clip("x", video, 0, 1))


def test_only_the_checkpoint_that_made_it_may_search():
    gallery = make_gallery()
    gallery.require("toy", "ab" * 32)
    gallery.require("toy-renamed", "ab" * 32)  # the same weights
    gallery.require("toy", "")
    with pytest.raises(GalleryMismatchError, match=r"'toy' \(sha256 abab.*'other' \(sha256 cdcd"):
        gallery.require("other", "cd" * 32)
    with pytest.raises(GalleryMismatchError, match=r"'toy'.*'toy'"):
        gallery.require("toy", "cd" * 32)
    with pytest.raises(GalleryMismatchError, match="sha256 unknown"):
        gallery.require("other", "")


def test_loading_does_not_import_torch(tmp_path):
    make_gallery().save(tmp_path / "g")
    code = (
        "import sys; from xmr_core.gallery import Gallery; "
        f"Gallery.load({str(tmp_path / 'g')!r}); print('torch' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert run.stdout.strip() == "False"
