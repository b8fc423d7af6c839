"""HMMC against numbers of the original code: features, scores, fine-tuning loss, gradients."""

import hmmc_fixtures as fixtures
import pytest
import torch
import torch.nn.functional as F

from xmr_core.methods.hmmc.loss import cosines, fine_tuning_loss, frame_scores
from xmr_core.methods.hmmc.model import hierarchical_score
from xmr_core.methods.hmmc.temporal import pool_frames
from xmr_core.methods.hmmc.vision import features_from, tokens_after
from xmr_core.metrics import t2v_metrics, v2t_metrics


@pytest.fixture(scope="module", params=["en", "zh"])
def folder(request, shared):
    return shared(f"fixtures/hmmc/{request.param}/core.npz").parent


@pytest.fixture(scope="module")
def core(folder):
    return fixtures.arrays(folder / "core.npz")


@pytest.fixture(scope="module")
def model(folder, tmp_path_factory):
    return fixtures.model(folder, tmp_path_factory.mktemp("hmmc"))


def near(found, wanted, relative=2e-5):
    """The README's tolerance: relative to the size of the numbers."""
    scale = float(wanted.abs().max())
    assert float((found - wanted).abs().max()) <= relative * scale


def seen(model, video):
    return model.encode_image(video.flatten(0, 1)).view(*video.shape[:2], -1)


@torch.no_grad()
def test_frames_texts_and_videos(core, model):
    frames = seen(model, core["video"])
    near(frames, core["frame_features"])
    near(model.temporal.change(frames), core["temporal_out"])
    near(model.temporal(frames), core["temporal_plus_residual"])
    near(model.encode_frames(frames), core["video_vector"])
    sentence, states = model.text(core["input_ids"], core["input_mask"].bool())
    near(sentence, core["text_vector"])
    real = core["input_mask"].bool()
    near(states[real], core["text_hidden"][real])
    images = core["video"].flatten(0, 1)[: len(core["vision_tokens"])]
    near(tokens_after(model.visual, images, 2), core["vision_tokens"])


@torch.no_grad()
def test_the_last_block_is_the_same_from_any_depth(core, model):
    images = core["video"].flatten(0, 1)
    wanted = core["frame_features"].flatten(0, 1)
    for blocks in (0, 1):
        near(
            features_from(model.visual, tokens_after(model.visual, images, blocks), blocks), wanted
        )


@torch.no_grad()
def test_scores(core, model):
    frames = seen(model, core["video"])
    videos = model.encode_frames(frames)
    texts = model.encode_ids(core["input_ids"], core["input_mask"].bool())
    close = {"atol": 1e-4, "rtol": 0}
    torch.testing.assert_close(100 * frame_scores(texts, frames), core["frame_scores"], **close)
    torch.testing.assert_close(100 * cosines(texts, videos), core["s_V"], **close)
    for k in (1, 2, 3):
        score = hierarchical_score(texts, videos, frames, top_frames=k)
        torch.testing.assert_close(score, core[f"score_k{k}"], **close)
        torch.testing.assert_close(score - 100 * cosines(texts, videos), core[f"s_F_k{k}"], **close)


@torch.no_grad()
def test_half_precision_outputs_are_near(core, model):
    frames = seen(model, core["video"])
    videos = model.encode_frames(frames)
    texts = model.encode_ids(core["input_ids"], core["input_mask"].bool())
    near(frames, core["half_frame_features"], 2e-2)
    near(videos, core["half_video_vector"], 2e-2)
    near(texts, core["half_text_vector"], 2e-2)
    score = hierarchical_score(texts, videos, frames, top_frames=2)
    torch.testing.assert_close(score, core["half_score_k2"], atol=0.3, rtol=0)


def test_fine_tuning_loss_and_gradients(core, model):
    from xmr_core.methods.hmmc.convert import our_name

    frames = seen(model, core["video"])
    texts = model.encode_ids(core["input_ids"], core["input_mask"].bool())
    losses = fine_tuning_loss(texts, model.encode_frames(frames), frames)
    for name, weight in (("video", 0.85), ("frame", 0.15)):
        wanted = weight * float(core[f"ft_loss_{name}"])
        assert float(losses[f"{name}_loss"].detach()) == pytest.approx(wanted, abs=1e-4)
    total = losses["video_loss"] + losses["frame_loss"]
    assert float(total.detach()) == pytest.approx(float(core["ft_loss"]), abs=1e-4)
    model.zero_grad()
    total.backward()
    parameters = dict(model.named_parameters())
    checked = [name for name in core if name.startswith("grad/")]
    assert len(checked) >= 8
    for name in checked:
        near(parameters[our_name(name.removeprefix("grad/"))].grad, core[name], 1e-4)


@torch.no_grad()
def test_other_shapes(folder, model):
    shapes = fixtures.arrays(folder / "shapes.npz")
    for case in ("b1", "f1", "b1f1", "f48"):
        frames = seen(model, shapes[f"{case}_video"])
        near(frames, shapes[f"{case}_frame_features"])
        states = model.temporal(frames)
        near(states, shapes[f"{case}_temporal_plus_residual"])
        near(pool_frames(states), shapes[f"{case}_video_vector"])
    texts = [name.removesuffix("_text_vector") for name in shapes if name.endswith("_text_vector")]
    for case in texts:
        ids = shapes[f"{'l77' if case == 'l77_cut' else case}_ids"]
        ids = ids[[0, 2], :22] if case == "l77_cut" else ids
        mask = shapes.get(f"{case}_mask", torch.ones_like(ids)).bool()
        near(model.encode_ids(ids, mask), shapes[f"{case}_text_vector"])


@torch.no_grad()
def scores_of(model, core, captions, videos):
    frames = seen(model, core["video"][videos])
    texts = model.encode_ids(captions["input_ids"], captions["input_mask"].bool())
    return hierarchical_score(texts, model.encode_frames(frames), frames, top_frames=2)


def test_caption_groups_and_their_metrics(folder, core, model):
    groups = fixtures.arrays(folder / "groups.npz")
    scores = scores_of(model, core, groups, groups["video_index"])
    torch.testing.assert_close(scores, groups["score_k2"], atol=1e-4, rtol=0)
    owners = torch.arange(len(groups["group_sizes"])).repeat_interleave(groups["group_sizes"])
    wanted = fixtures.record(folder / "eval.json")["groups"]
    t2v = t2v_metrics(scores.numpy(), owners.numpy())
    v2t = v2t_metrics(scores.numpy(), owners.numpy(), text_gallery="groups")
    agree(t2v, wanted["t2v"])
    agree(v2t, wanted["v2t"])


def test_pair_metrics(folder, core, model):
    scores = scores_of(model, core, core, slice(None)).numpy()
    wanted = fixtures.record(folder / "eval.json")["pairs"]
    agree(t2v_metrics(scores), wanted["t2v"])
    agree(v2t_metrics(scores), wanted["v2t"])


def agree(found, wanted):
    assert found.recall_at_1 == pytest.approx(wanted["R1"], abs=1e-4)
    assert found.recall_at_5 == pytest.approx(wanted["R5"], abs=1e-4)
    assert found.recall_at_10 == pytest.approx(wanted["R10"], abs=1e-4)
    assert found.median_rank == pytest.approx(wanted["MR"])
    assert found.mean_rank == pytest.approx(wanted["MeanR"], abs=1e-4)


def test_every_published_key_is_used_or_named(folder, tmp_path):
    from xmr_core.methods.hmmc.convert import convert_hmmc

    keys = fixtures.record(folder / "keys.json")
    heads = fixtures.record(folder / "config.json")["bheads"]
    done = convert_hmmc(folder / "pytorch_model.bin", tmp_path, heads=heads)
    assert set(done.used) | set(done.ignored) == set(keys)
    assert not done.missing
    assert all("position_ids" in key for key in done.ignored)


def test_the_mean_of_unit_states_is_the_video(core):
    states = core["temporal_plus_residual"]
    near(pool_frames(states), core["video_vector"])
    near(F.normalize(states, dim=-1).mean(1), core["video_vector"])
