"""Cards, checksums, and loading by name."""

from dataclasses import replace

import numpy as np
import open_clip
import pytest
import torch
from small_models import SMALL_MODELS, small_clip, write_small_card

from xmr_core.checkpoints import (
    bundled_checkpoints,
    checkpoint_folder,
    load_checkpoint,
    read_card,
    verify_checkpoint,
    write_card,
)
from xmr_core.errors import CheckpointError
from xmr_core.methods.clip.files import load_open_clip
from xmr_core.methods.clip.model import write_open_clip


@pytest.fixture
def folder(tmp_path):
    """A small checkpoint with its card."""
    small_clip(tmp_path / "small")
    write_small_card(tmp_path / "small")
    return tmp_path / "small"


def test_a_card_survives_writing_and_reading(folder):
    card = read_card(folder)
    write_card(card, folder)
    assert read_card(folder) == card
    assert card.metrics["retrieval"]["t2v"]["R@1"] == 12.5


def test_a_checkpoint_loads_from_its_folder(folder):
    encoder, sha256 = load_checkpoint(str(folder))
    assert (encoder.id, encoder.num_frames, encoder.languages) == ("small", 4, ("en", "zh"))
    assert sha256 == read_card(folder).sha256
    assert [w.known for w in encoder.words("red giraffe")] == [True, False]


def test_changed_weights_are_refused(folder):
    with (folder / "open_clip_model.safetensors").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(CheckpointError, match="damaged or was changed"):
        load_checkpoint(str(folder))


def test_missing_weights_are_told(folder):
    (folder / "open_clip_model.safetensors").unlink()
    with pytest.raises(CheckpointError, match="is missing"):
        verify_checkpoint(folder)


def test_a_card_with_a_strange_field_or_method_is_refused(folder):
    path = folder / "card.toml"
    text = path.read_text()
    path.write_text("colour = 'red'\n" + text)
    with pytest.raises(CheckpointError, match="colour"):
        read_card(folder)
    path.write_text(text)
    write_card(replace(read_card(folder), method="no-such"), folder)
    with pytest.raises(CheckpointError, match=r"no method 'no-such'; there are: clip"):
        read_card(folder)
    path.write_text(text.replace("width = 32", 'width = "<b>"'))
    with pytest.raises(CheckpointError, match="another type: width"):
        read_card(folder)
    path.write_text("scale = 14.5\n" + text)
    assert read_card(folder).scale == 14.5
    path.write_text("id = ")
    with pytest.raises(CheckpointError, match="not valid TOML"):
        read_card(folder)


@pytest.mark.parametrize("name", ["no-such-checkpoint", "../../etc", ""])
def test_an_unknown_name_is_told_with_what_there_is(name):
    with pytest.raises(CheckpointError, match=r"there are|neither|cannot be loaded"):
        load_checkpoint(name)


def test_a_folder_without_weights_is_no_checkpoint(tmp_path):
    with pytest.raises(CheckpointError, match=r"neither card\.toml nor"):
        load_checkpoint(str(tmp_path))


def test_an_unknown_open_clip_tag_is_one_sentence():
    with pytest.raises(CheckpointError, match="cannot be loaded") as caught:
        load_checkpoint("ViT-B-32/no-such-tag")
    assert "\n" not in str(caught.value)


def test_what_is_bundled_is_what_its_cards_describe():
    cards = bundled_checkpoints()
    if not cards:
        pytest.skip("no bundled checkpoints in this checkout")
    for card in cards:
        bundled = checkpoint_folder(card.id)
        assert bundled is not None
        assert bundled.name == card.id
        verify_checkpoint(bundled)
        assert (bundled / card.weights).stat().st_size <= 10e6


def test_vit_b_32_loads_from_a_folder_in_the_layout_of_the_hub(tmp_path):
    """The real architecture with random weights: what a download would put there."""
    config = open_clip.get_model_config("ViT-B-32")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = open_clip.create_model("ViT-B-32", pretrained=None, precision="fp32")
    write_open_clip(model, config, {"mean": [0.5] * 3, "std": [0.25] * 3}, tmp_path / "vit")
    encoder = load_open_clip(f"local-dir:{tmp_path / 'vit'}")
    frames = np.random.default_rng(0).integers(0, 255, (2, 180, 320, 3), dtype=np.uint8)
    features = encoder.frame_features(frames)
    assert features.shape == (2, 512)
    assert encoder.width == 512
    texts = encoder.encode_text(["a red car", "a blue boat"])
    videos = encoder.encode_video(features[None], torch.ones(1, 2, dtype=torch.bool))
    assert encoder.score(texts, videos).shape == (2, 1)
    half = model.half().float().eval()  # what fp16 on disk keeps
    with torch.inference_mode():
        direct = half.encode_image(encoder.preprocess(frames), normalize=True)
    assert torch.allclose(direct, features, atol=1e-4)


def head_card(folder, small_trunk, **changes):
    from xmr_core.files import checksum

    small = SMALL_MODELS["cmfh"](folder)
    base = read_card(small_trunk)
    card = replace(
        base,
        id="small-cmfh",
        method="cmfh",
        width=small.model.config.bits,
        bits=small.model.config.bits,
        weights="model.safetensors",
        sha256=checksum(folder / "model.safetensors"),
        trunk=str(small_trunk),
        trained={"trunk_sha256": base.sha256, "command": "xmr train cmfh"},
    )
    write_card(replace(card, **changes), folder)


def test_a_head_loads_with_its_trunk(folder, tmp_path):
    head = tmp_path / "head"
    head_card(head, folder)
    encoder, _ = load_checkpoint(str(head))
    assert encoder.trunk.id == "small"
    assert load_checkpoint(str(head))[0].trunk is encoder.trunk  # loaded once


def test_a_head_of_other_trunk_weights_is_refused(folder, tmp_path):
    head = tmp_path / "head"
    head_card(head, folder, trained={"trunk_sha256": "ab" * 32, "command": "xmr train cmfh"})
    with pytest.raises(CheckpointError, match="trained on other weights"):
        load_checkpoint(str(head))


def test_a_missing_trunk_is_told_and_a_head_without_one_too(folder, tmp_path):
    head = tmp_path / "head"
    head_card(head, folder, trunk="nowhere")
    with pytest.raises(CheckpointError, match="'nowhere', which is not here"):
        load_checkpoint(str(head))
    head_card(head, folder, trunk="")
    with pytest.raises(CheckpointError, match="--features"):
        load_checkpoint(str(head))


def test_a_trunk_cannot_stand_on_a_trunk(folder, tmp_path):
    head_card(tmp_path / "head", folder)
    head_card(tmp_path / "second", folder, trunk=str(tmp_path / "head"))
    with pytest.raises(CheckpointError, match="has a trunk itself"):
        load_checkpoint(str(tmp_path / "second"))
