import pytest
import torch
from small_models import SMALL_MODELS

from xmr_core.errors import CheckpointError, ConfigError, XmrError
from xmr_core.methods.hmmc.config import (
    BertSizes,
    HmmcModelConfig,
    HmmcTrainConfig,
    PretrainConfig,
)
from xmr_core.methods.hmmc.convert import convert_hmmc
from xmr_core.methods.hmmc.files import read_model, write_model
from xmr_core.methods.hmmc.ids import BertWords, framed
from xmr_core.methods.hmmc.model import HmmcModel, hierarchical_score
from xmr_core.methods.hmmc.temporal import TemporalTransformer
from xmr_core.methods.hmmc.train import pairs_told_apart


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("small")


@pytest.fixture(scope="module")
def encoder(folder):
    return SMALL_MODELS["hmmc"](folder)


def videos(encoder, features):
    return encoder.encode_video(features, torch.ones(features.shape[:2], dtype=torch.bool))


def test_the_order_of_frames_matters(encoder):
    features = torch.randn(2, 4, 32)
    forward, backward = videos(encoder, features), videos(encoder, features.flip(1))
    assert not torch.allclose(forward["global"], backward["global"], atol=1e-3)


def test_pairs_told_apart_counts_both_directions_and_ties_half(encoder):
    features = torch.randn(3, 4, 32)
    forward, backward = videos(encoder, features), videos(encoder, features.flip(1))
    assert pairs_told_apart(encoder, (forward, backward), (forward, backward)) == 100.0
    assert pairs_told_apart(encoder, (backward, forward), (forward, backward)) == 0.0
    assert pairs_told_apart(encoder, (forward, backward), (forward, forward)) == 50.0


def test_masked_frames_do_not_count_in_the_score():
    texts, video = torch.eye(4)[:1], torch.eye(4)[1:2]
    frames = torch.stack([torch.eye(4)[1], torch.eye(4)[0]]).unsqueeze(0)
    mask = torch.tensor([[True, False]])
    score = hierarchical_score(texts, video, frames, mask, top_frames=2)
    assert float(score) == pytest.approx(0.0)
    assert float(hierarchical_score(texts, video, frames, ~mask, top_frames=2)) == 100.0
    assert float(hierarchical_score(texts, video, frames, top_frames=1)) == 100.0
    assert float(hierarchical_score(texts, video, frames, top_frames=5)) == 50.0
    assert float(hierarchical_score(texts, video, frames, top_frames=0)) == 0.0
    assert float(hierarchical_score(texts, video, frames, mask & ~mask, top_frames=1)) == 0.0


def test_a_video_without_frames_scores_zero(encoder):
    features, mask = torch.randn(1, 4, 32), torch.zeros(1, 4, dtype=torch.bool)
    found = encoder.encode_video(features, mask)
    assert torch.equal(found["global"], torch.zeros(1, 32))
    assert float(encoder.score(encoder.encode_text(["a red car"]), found)) == 0.0


def test_a_video_that_is_too_long_is_refused(encoder):
    with pytest.raises(XmrError, match=r"13 frames is too long .* at most 12"):
        videos(encoder, torch.randn(1, 13, 32))


def test_places_that_start_as_waves_differ_and_have_variance_one():
    places = TemporalTransformer(32, 1, 4, waves=True).places.weight.detach()
    assert float(places.square().mean()) == pytest.approx(1.0, abs=1e-5)
    assert torch.unique(places, dim=0).shape[0] == 48


def test_a_damaged_folder_is_one_clear_error(folder, tmp_path):
    with pytest.raises(CheckpointError, match="no usable HMMC model"):
        read_model(tmp_path)
    config = (folder / "config.json").read_text()
    (tmp_path / "config.json").write_text(config.replace('"embed_dim": 32', '"embed_dim": 64'))
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    with pytest.raises(CheckpointError, match="no usable HMMC model"):
        read_model(tmp_path)
    (tmp_path / "config.json").write_text('{"colour": 1}')
    with pytest.raises(CheckpointError, match=r"unknown settings .* colour"):
        read_model(tmp_path)


@pytest.mark.parametrize(
    "make",
    [
        lambda: HmmcModelConfig(image_width=161),
        lambda: HmmcModelConfig(temporal_heads=5),
        lambda: BertSizes(bert_heads=5),
        lambda: HmmcModelConfig(top_frames=-1),
        lambda: PretrainConfig(pretrain_batch_size=48),
        lambda: HmmcTrainConfig(batch_size=1),
        lambda: HmmcTrainConfig(reversed_share=1.5),
        lambda: HmmcTrainConfig(frozen_blocks=4),
    ],
)
def test_settings_that_cannot_work_are_refused(make):
    with pytest.raises(ConfigError):
        make()


def test_framing_cuts_the_tokens_and_keeps_the_end_mark():
    ids, mask = framed([[5, 6, 7, 8], []], 1, 2, 4)
    assert ids.tolist() == [[1, 5, 6, 2], [1, 2, 0, 0]]
    assert mask.tolist() == [[True] * 4, [True, True, False, False]]


def test_bert_words_are_framed_as_they_should_or_as_they_were(tmp_path):
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    (tmp_path / "vocab.txt").write_text("\n".join([*marks, "红", "车"]) + "\n", encoding="utf-8")
    ids, _ = BertWords(tmp_path / "vocab.txt", 6)(["红车"])
    assert ids.tolist() == [[2, 5, 6, 3, 0, 0]]
    legacy, _ = BertWords(tmp_path / "vocab.txt", 6, legacy_special_tokens=True)(["红车"])
    assert legacy.tolist() == [[1, 5, 6, 1, 0, 0]]


def published():
    """A small model under the published names."""
    config = HmmcModelConfig(
        embed_dim=64, image_height=32, image_width=32, vision_width=64, vision_layers=1,
        vision_heads=1, temporal_layers=1, temporal_heads=8, vocab_size=20, text_width=64,
        text_layers=1, text_heads=1,
    )  # fmt: skip
    state = {}
    for name, value in HmmcModel(config).state_dict().items():
        for new, old in (("visual.", "visual_encoder.visual."),
                         ("temporal.blocks.", "visual_encoder.temporal_transformer.resblocks."),
                         ("temporal.places.", "visual_encoder.frame_position_embeddings."),
                         ("text.", "text_encoder.")):  # fmt: skip
            if name.startswith(new):
                state[old + name.removeprefix(new)] = value
    return state


def test_a_published_file_becomes_a_folder_that_loads(tmp_path):
    state = published()
    torch.save(state, tmp_path / "pytorch_model.bin")
    done = convert_hmmc(tmp_path / "pytorch_model.bin", tmp_path / "out", top_frames=3)
    assert set(done.used) == set(state)
    config = read_model(tmp_path / "out").config
    assert (config.temporal_layers, config.top_frames, config.quick_gelu) == (1, 3, True)


def test_a_published_file_with_something_missing_or_unknown_is_refused(tmp_path):
    state = published()
    file, out = tmp_path / "pytorch_model.bin", tmp_path / "out"
    cases = {
        "unknown tensor surprise": {**state, "surprise": torch.ones(1)},
        "no tensor for text.ln_final.bias": {
            name: value for name, value in state.items() if name != "text_encoder.ln_final.bias"
        },
        "has the shape": {**state, "text_encoder.ln_final.bias": torch.ones(3)},
        "no HMMC checkpoint": {"text_encoder.ln_final.bias": torch.ones(3)},
    }
    for message, damaged in cases.items():
        torch.save(damaged, file)
        with pytest.raises(CheckpointError, match=message):
            convert_hmmc(file, out)


def test_tensors_that_did_not_change_are_referred_to(tmp_path, monkeypatch):
    from safetensors.torch import load_file, save_file

    from xmr_core.methods.hmmc import files

    config = HmmcModelConfig(
        embed_dim=32, image_height=32, image_width=32, vision_width=32, vision_layers=2,
        vision_heads=1, temporal_layers=1, vocab_size=20, text_width=32, text_layers=1,
        text_heads=1,
    )  # fmt: skip
    model = HmmcModel(config).half().float()
    clip = {n: v.half() for n, v in model.state_dict().items() if n.startswith("visual.")}
    clip["visual.proj"] = clip["visual.proj"] + 1
    (tmp_path / "start").mkdir()
    save_file(clip, tmp_path / "start" / files.CLIP_WEIGHTS)
    monkeypatch.setattr(files, "BUNDLED", tmp_path)
    weights = write_model(model, tmp_path / "run", start="start")
    kept = load_file(weights)
    assert "visual.proj" in kept
    assert "visual.conv1.weight" not in kept
    again = read_model(tmp_path / "run").state_dict()
    assert all(torch.equal(again[name], value) for name, value in model.state_dict().items())
    clip["visual.proj"] = clip["visual.proj"] + 1
    save_file(clip, tmp_path / "start" / files.CLIP_WEIGHTS)
    with pytest.raises(CheckpointError, match="trained from other weights of 'start'"):
        read_model(tmp_path / "run")
    (tmp_path / "start" / files.CLIP_WEIGHTS).unlink()
    with pytest.raises(CheckpointError, match="needs the checkpoint 'start'"):
        read_model(tmp_path / "run")
