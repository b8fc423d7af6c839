"""Captions that a gallery keeps embedded give the answers of captions embedded on the spot."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from xmr_core import Engine
from xmr_core.checkpoints import BUNDLED, load_checkpoint
from xmr_core.datasets.scenes.dataset import bundled_root
from xmr_core.gallery import Gallery, caption_parts, first_captions, stored_captions
from xmr_core.types import Caption

GALLERY = bundled_root() / "galleries" / "scenes-clip"
pytestmark = pytest.mark.skipif(
    not (BUNDLED / "scenes-clip" / "card.toml").exists() or not GALLERY.is_dir(),
    reason="needs the bundled checkpoint and gallery",
)


@pytest.fixture(scope="module")
def encoder():
    return load_checkpoint("scenes-clip")[0]


@pytest.fixture(scope="module")
def small():
    """Five clips; one has no Chinese caption and one none at all."""
    whole = Gallery.load(GALLERY)
    clips = list(whole.clips[:5])
    clips[1] = replace(clips[1], captions=(Caption("a red car", "en"),))
    clips[3] = replace(clips[3], captions=())
    card = replace(whole.card, num_items=5, checksums={})
    return Gallery(card, tuple(clips), {name: part[:5] for name, part in whole.parts.items()})


def test_kept_embeddings_are_those_of_the_first_captions(encoder, small):
    parts = caption_parts(encoder, small.clips)
    assert {len(part) for part in parts.values()} == {5}
    rows = first_captions(small.clips)
    assert [row for row, _ in rows] == [0, 0, 1, 2, 2, 4, 4]
    found = stored_captions(parts, rows)
    wanted = encoder.encode_text([caption.text for _, caption in rows])
    assert found is not None and set(found.parts) == set(wanted.parts)
    torch.testing.assert_close(found["global"], wanted["global"], atol=1e-5, rtol=0)
    assert not np.any(parts["text:zh:global"][[1, 3]])


def test_a_language_that_is_not_kept_is_embedded_again(encoder, small):
    parts = caption_parts(encoder, small.clips)
    english = {name: part for name, part in parts.items() if ":en:" in name}
    assert stored_captions(english, first_captions(small.clips)) is None
    assert stored_captions({}, first_captions(small.clips)) is None
    assert caption_parts(encoder, [replace(clip, captions=()) for clip in small.clips]) == {}


def test_descriptions_are_the_same_and_cost_no_text(encoder, small, tmp_path, monkeypatch):
    small.save(tmp_path / "plain")
    kept = dict(small.parts) | caption_parts(encoder, small.clips)
    replace(small, parts=kept).save(tmp_path / "kept")
    plain, stored = (
        Engine("scenes-clip", str(tmp_path / "plain")),
        Engine("scenes-clip", str(tmp_path / "kept")),
    )
    wanted = plain.describe("scene0000", 10)
    asked = []
    original = stored._opened.encoder.encode_text
    monkeypatch.setattr(
        stored._opened.encoder, "encode_text", lambda texts: asked.append(texts) or original(texts)
    )
    found = stored.describe("scene0000", 10)
    assert not asked
    assert [m.caption.text for m in found.captions] == [m.caption.text for m in wanted.captions]
    assert [m.score for m in found.captions] == pytest.approx(
        [m.score for m in wanted.captions], abs=1e-5
    )
    match = stored.search("a red car", 5).matches
    assert [m.clip.id for m in match] == [m.clip.id for m in plain.search("a red car", 5).matches]


def test_other_heads_do_not_use_the_captions_of_their_trunk(small, encoder, tmp_path):
    wrong = {
        name: np.zeros_like(part) for name, part in caption_parts(encoder, small.clips).items()
    }
    replace(small, parts=dict(small.parts) | wrong).save(tmp_path / "kept")
    if not (BUNDLED / "scenes-cmfh-64" / "card.toml").exists():
        pytest.skip("needs the checkpoint scenes-cmfh-64")
    head = Engine("scenes-cmfh-64", str(tmp_path / "kept"))
    small.save(tmp_path / "plain")
    plain = Engine("scenes-cmfh-64", str(tmp_path / "plain"))
    found = [m.score for m in head.describe("scene0000", 5).captions]
    assert found == [m.score for m in plain.describe("scene0000", 5).captions]
