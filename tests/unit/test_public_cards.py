"""The cards of public models: complete, licensed, pinned, and every number with its source."""

import re

import open_clip
import pytest
import torch

from xmr_core.checkpoints import BUNDLED, bundled_checkpoints, known_checkpoints, load_checkpoint
from xmr_core.errors import XmrError
from xmr_core.methods.clip.open_clip_folder import _build, _complete

PUBLIC = [card for card in known_checkpoints() if not card.weights]
FAMILIES = {
    "openai-vit-b-32", "openai-vit-b-16", "laion-vit-b-32", "laion-vit-b-16",
    "laion-xlm-roberta-base-vit-b-32", "siglip2-base-patch16-224", "pe-core-b-16",
    "clip4clip-webvid150k", "chinese-clip-vit-b-16",
}  # fmt: skip


def test_the_public_models_have_cards_and_are_not_among_those_with_weights():
    assert {card.id for card in PUBLIC} >= FAMILIES
    assert not FAMILIES & {card.id for card in bundled_checkpoints()}


@pytest.mark.parametrize("card", PUBLIC, ids=lambda card: card.id)
def test_a_card_is_complete(card):
    assert (BUNDLED / card.id / "card.toml").is_file()
    assert card.method == "clip"
    assert card.title and card.licence and card.tokenizer and card.languages
    assert card.width > 0 and card.num_frames > 0 and card.image_size > 0
    assert card.sha256 == "" and not card.metrics, "we have measured nothing with its weights"
    assert "Not run by us" in card.notes and "random weights" in card.notes
    assert ("Patch maps" in card.notes) and (card.scale is not None or "scale" in card.notes)


@pytest.mark.parametrize("card", PUBLIC, ids=lambda card: card.id)
def test_its_source_is_pinned_and_what_is_not_known_is_said(card):
    source = card.source
    assert source["kind"] in {"open_clip", "transformers"}
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", source["repo"])
    assert re.fullmatch(r"[0-9a-f]{40}", source["revision"]) or "revision" in card.notes
    assert source["files"]
    for name, sha256 in source["files"].items():
        assert re.fullmatch(r"[\w.-]+", name)
        assert re.fullmatch(r"([0-9a-f]{64})?", sha256)
    if not all(source["files"].values()):
        assert re.search("No checksums? .*found", card.notes)


@pytest.mark.parametrize("card", PUBLIC, ids=lambda card: card.id)
def test_every_published_number_has_its_source(card):
    assert card.published
    for record in card.published:
        assert set(record) == {"task", "values", "source"}
        assert len(record["source"]) > 20
        assert all(isinstance(value, int | float) for value in record["values"].values())


@pytest.mark.parametrize(
    "card", [c for c in PUBLIC if c.source["kind"] == "open_clip"], ids=lambda card: card.id
)
def test_sizes_are_those_that_open_clip_knows(card):
    config = open_clip.get_model_config(card.source["architecture"])
    assert config is not None
    assert config["embed_dim"] == card.width
    assert config["vision_cfg"]["image_size"] == card.image_size
    known = open_clip.get_pretrained_cfg(card.source["architecture"], card.source["tag"])
    assert known["hf_hub"].strip("/") == card.source["repo"]
    assert {"mean", "std", "interpolation", "resize_mode"} <= set(known)
    text = config["text_cfg"]
    assert ("hf_model_name" in text) == ("text_config" in card.source)


@pytest.mark.parametrize(
    "card", [c for c in PUBLIC if c.source["kind"] == "open_clip"], ids=lambda card: card.id
)
def test_what_a_card_of_open_clip_names_can_be_built_from_its_files_alone(card, tmp_path):
    """At full size, without weights: shapes only."""
    (tmp_path / "files").mkdir()
    (tmp_path / "whole").mkdir()
    for name in card.source["files"]:
        (tmp_path / "files" / name).write_text("{}")
    config = _complete(tmp_path / "files", card.source, tmp_path / "whole")
    with torch.device("meta"):
        model = _build(config["model_cfg"])
        pictures = torch.zeros(1, 3, card.image_size, card.image_size)
        assert model.encode_image(pictures).shape == (1, card.width)
    assert config["preprocess_cfg"].keys() == {"mean", "std", "interpolation", "resize_mode"}


def test_siglip_2_has_the_sizes_that_open_clip_gives_it():
    (card,) = [card for card in PUBLIC if card.id == "siglip2-base-patch16-224"]
    config = open_clip.get_model_config("ViT-B-16-SigLIP2")
    assert (config["embed_dim"], config["vision_cfg"]["image_size"]) == (card.width, 224)


def test_a_card_whose_files_cannot_be_had_is_one_sentence(monkeypatch, tmp_path):
    pytest.importorskip("xmr_core.hub")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(XmrError) as caught:
        load_checkpoint("pe-core-b-16")
    assert "\n" not in str(caught.value)
