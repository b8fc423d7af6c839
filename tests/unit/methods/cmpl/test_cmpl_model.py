"""The towers of CMPL: what padding, masks and batches may change (nothing), and what is written."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from small_models import small_cmpl

from xmr_core.encoder import Embeddings
from xmr_core.errors import CheckpointError, ConfigError
from xmr_core.methods.cmpl.config import CmplModelConfig
from xmr_core.methods.cmpl.model import CmplEncoder, CmplModel, load, write_model
from xmr_core.methods.cmpl.towers import Adapter, BiLstm, CaptionIds, image_tower, padded
from xmr_core.types import CheckpointCard

OWN_NETWORK = CmplModelConfig(
    image="torchvision:mobilenet_v3_small",
    image_size=32,
    adapter_width=0,
    word_width=8,
    lstm_width=8,
    embed_dim=8,
)
CARD = CheckpointCard("c", "cmpl", "C", ("en",), 8, 4, "model.safetensors", "", "MIT")


@pytest.fixture
def lstm():
    torch.manual_seed(0)
    return BiLstm(vocabulary=20, word_width=6, lstm_width=5, dropout=0.3).eval()


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return small_cmpl(tmp_path_factory.mktemp("cmpl"))


def test_padding_changes_no_sentence(lstm):
    rows = [[3, 4, 5], [6], [7, 8, 9, 10, 11]]
    together = lstm(*padded(rows))
    for row, expected in zip(rows, together, strict=True):
        assert torch.allclose(lstm(*padded([row]))[0], expected, atol=1e-6)


def test_the_maximum_leaves_padding_out(lstm):
    """With a maximum over zeros of padding, a negative output could not survive."""
    with torch.no_grad():
        for direction in ("", "_reverse"):  # cell and output gates so that outputs are negative
            getattr(lstm.lstm, f"bias_ih_l0{direction}")[10:15] = -5.0
            getattr(lstm.lstm, f"bias_ih_l0{direction}")[15:20] = 5.0
    assert (lstm(*padded([[3], [4, 5, 6, 7]])) < 0).all()


def test_a_sentence_is_read_in_both_directions(lstm):
    forwards, backwards = lstm(*padded([[3, 4, 5], [5, 4, 3]]))
    assert not torch.allclose(forwards[:5], backwards[:5], atol=1e-4)
    assert not torch.allclose(forwards[5:], backwards[5:], atol=1e-4)


def test_dropout_is_drawn_for_each_word(lstm):
    lstm.train()
    torch.manual_seed(0)
    ids = torch.full((1, 50), 3)
    states = lstm.dropout(lstm.words(ids))[0]
    assert len({tuple(row.tolist()) for row in states == 0}) > 5


def test_forget_gates_begin_open(lstm):
    assert torch.equal(lstm.lstm.bias_ih_l0[5:10], torch.ones(5))
    assert lstm.lstm.bias_ih_l0.sum() == 5
    assert lstm.lstm.bias_hh_l0_reverse.abs().sum() == 0


def test_an_adapter_begins_as_the_identity():
    features = torch.randn(3, 6)
    assert torch.equal(Adapter(6, 4)(features), features)
    assert list(Adapter(6, 0).parameters()) == []


def test_captions_keep_the_begin_mark_and_lose_the_end_mark(encoder):
    tokenizer = encoder.tokenizer
    (row,) = CaptionIds(tokenizer).rows(["a red car"])
    assert [tokenizer.id_to_token(i) for i in row] == ["<start>", "a", "red", "car"]
    assert CaptionIds(tokenizer).rows([""]) == [row[:1]]


def test_a_video_of_one_frame_is_that_frame_by_both_rules(encoder):
    features = torch.randn(3, 1, 32)
    mask = torch.ones(3, 1, dtype=torch.bool)
    texts = encoder.encode_text(["a red car", "two dogs"])
    by_mean = encoder.score(texts, encoder.encode_video(features, mask))
    encoder.pooling = "max"
    by_best = encoder.score(texts, encoder.encode_video(features, mask))
    encoder.pooling = "mean"
    assert torch.allclose(by_mean, by_best, atol=1e-6)


def test_the_best_frame_decides_and_masked_ones_do_not(encoder):
    encoder.pooling = "max"
    features = torch.randn(2, 3, 32, generator=torch.Generator().manual_seed(0))
    mask = torch.tensor([[True, True, False], [False, False, False]])
    texts = encoder.encode_text(["a red car"])
    found = encoder.score(texts, encoder.encode_video(features, mask))
    single = [
        encoder.score(
            texts, encoder.encode_video(features[:1, i : i + 1], torch.ones(1, 1, dtype=torch.bool))
        )
        for i in range(2)
    ]
    encoder.pooling = "mean"
    assert float(found[0, 0]) == pytest.approx(max(float(each) for each in single), abs=1e-6)
    assert float(found[0, 1]) == 0.0


def test_a_video_without_frames_scores_zero(encoder):
    nothing = encoder.encode_video(torch.randn(1, 2, 32), torch.zeros(1, 2, dtype=torch.bool))
    assert encoder.score(encoder.encode_text(["a car"]), nothing).tolist() == [[0.0]]


def test_an_own_network_is_written_and_read_again(tmp_path, encoder):
    torch.manual_seed(0)
    tower = image_tower(OWN_NETWORK)
    assert tower.width == 576
    vocabulary = encoder.tokenizer.get_vocab_size()
    model = CmplModel(OWN_NETWORK, vocabulary, tower.width, tower)
    write_model(model, encoder.tokenizer, tmp_path)
    again, once_more = load(tmp_path, CARD), load(tmp_path, CARD)
    frames = np.random.default_rng(0).integers(0, 255, (3, 20, 30, 3), dtype=np.uint8)
    features = again.frame_features(frames)
    assert features.shape == (3, 576)
    assert torch.equal(features, once_more.frame_features(frames))
    kept = {k: v.half() if v.is_floating_point() else v for k, v in model.state_dict().items()}
    model.load_state_dict(kept)
    before = CmplEncoder("c", model, encoder.tokenizer, num_frames=4)
    assert torch.equal(features, before.frame_features(frames))
    mask = torch.ones(1, 3, dtype=torch.bool)
    videos = again.encode_video(features[None], mask)
    assert isinstance(videos, Embeddings)
    assert again.score(again.encode_text(["a car"]), videos).shape == (1, 1)


def test_every_kind_of_network_loses_its_classifier():
    torch.manual_seed(0)
    for name, width in (("torchvision:resnet18", 512), ("torchvision:mobilenet_v2", 1280)):
        tower = image_tower(replace(OWN_NETWORK, image=name)).eval()
        frames = torch.zeros(1, 16, 16, 3, dtype=torch.uint8)
        assert tower(frames).shape == (1, width) == (1, tower.width)


@pytest.mark.parametrize(
    ("image", "weights", "message"),
    [
        ("torchvision:resnet1", "", "no network"),
        ("torchvision:resnet18", "IMAGENET", "IMAGENET1K_V1"),
        ("torchvision:squeezenet1_0", "", "classifier"),
        ("open_clip:ViT-Z-99", "", "no model"),
    ],
)
def test_networks_that_there_are_not(image, weights, message):
    with pytest.raises(ConfigError, match=message):
        image_tower(CmplModelConfig(image=image, image_weights=weights))


def test_a_head_without_its_trunk_is_refused(tmp_path, encoder):
    write_model(encoder.model, encoder.tokenizer, tmp_path)
    with pytest.raises(CheckpointError, match="trunk"):
        load(tmp_path, CARD)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(CheckpointError, match="no CMPL checkpoint"):
        load(tmp_path, CARD)


@pytest.mark.parametrize(
    "settings",
    [{"image": "resnet"}, {"pooling": "median"}, {"dropout": 1.0}, {"lstm_width": 0}],
)
def test_settings_that_cannot_be_built(settings):
    with pytest.raises(ConfigError):
        CmplModelConfig(**settings)
