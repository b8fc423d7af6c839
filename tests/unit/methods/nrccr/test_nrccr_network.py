from dataclasses import replace

import pytest
import torch
from small_models import small_nrccr, small_vocabulary

from xmr_core.errors import CheckpointError, ConfigError
from xmr_core.methods.nrccr.config import NrccrModelConfig, NrccrTextConfig, NrccrTrainConfig
from xmr_core.methods.nrccr.model import NrccrEncoder, load_network
from xmr_core.methods.nrccr.network import AttentionBlock, NrccrNetwork, Sentences
from xmr_core.methods.nrccr.text import clean_english, open_text
from xmr_core.nn.text import SmallTextTower, WordIds
from xmr_core.nn.tokenizer import save_tokenizer

SIZES = NrccrModelConfig(
    feature_width=10, video_width=16, video_positions=4, attention_width=8, space=12
)


def network(**changes):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        tower = SmallTextTower(small_vocabulary().get_vocab_size(), 16, 1, 4, 16)
        return NrccrNetwork(replace(SIZES, **changes), tower).eval()


def sentences(*texts):
    return Sentences(*WordIds(small_vocabulary(), 16)(texts))


def test_attention_equals_a_loop_over_heads():
    block = AttentionBlock(hidden=12, heads=3, attention_width=6, dropout=0.0).eval()
    queries, keys = torch.randn(1, 4, 12), torch.randn(1, 5, 12)
    masks = torch.ones(1, 4, dtype=torch.bool), torch.tensor([[True, True, True, True, False]])
    heads = []
    for head in range(3):
        q = block.query(queries)[0, :, 2 * head : 2 * head + 2]
        k = block.key(keys)[0, :4, 2 * head : 2 * head + 2]
        v = block.value(keys)[0, :4, 4 * head : 4 * head + 4]
        heads.append((q @ k.T / 2.0).softmax(1) @ v)  # the root of 12 / 3
    dense = block.dense(torch.cat(heads, dim=1))
    found = block(queries, keys, *masks, residual=False)[0]
    assert torch.allclose(found, block.norm(dense), atol=1e-5)
    with_residual = block(queries, keys, *masks, residual=True)[0]
    assert torch.allclose(with_residual, block.norm(dense + queries[0]), atol=1e-5)


def test_views_that_are_not_asked_for_are_left_out():
    model, some = network(), sentences("a red car", "two dogs")
    alone = model.views(None, some, None)
    assert alone.source is alone.cross is alone.back is None
    every = model.views(some, some, some)
    assert every.cross is not None and every.back is not None
    assert torch.allclose(every.source, every.target)
    assert not torch.allclose(every.cross, every.target)


def test_a_view_with_padding_equals_the_view_alone():
    model = network()
    long, short = "two blue dogs jump on the road", "a car"
    together = model.views(*[sentences(long, short)] * 3)
    alone = model.views(*[sentences(short)] * 3)
    for view in ("source", "target", "cross", "back"):
        assert torch.allclose(getattr(together, view)[1], getattr(alone, view)[0], atol=1e-5)


def test_legacy_padding_depends_on_the_batch():
    model = network(legacy_padding=True)
    together = model.embed_text(sentences("two blue dogs jump on the road", "a car"))
    assert not torch.allclose(together[1], model.embed_text(sentences("a car"))[0], atol=1e-3)


def test_the_order_of_frames_counts_and_more_frames_than_positions_are_fine():
    model, frames = network(), torch.randn(1, 9, 10)
    mask = torch.ones(1, 9, dtype=torch.bool)
    forward = model.embed_video(frames, mask)
    assert not torch.allclose(forward, model.embed_video(frames.flip(1), mask), atol=1e-4)
    assert torch.isfinite(forward).all()


def test_one_frame_is_an_image():
    for picture in ("frames", "image", "image-rectified"):
        model, frame = network(picture=picture), torch.randn(2, 1, 10)
        embedded = model.embed_video(frame, torch.ones(2, 1, dtype=torch.bool))
        assert torch.allclose(embedded.norm(dim=1), torch.ones(2), atol=1e-5)


def test_a_model_of_foreign_features_says_that_it_reads_no_pictures(tmp_path):
    small_nrccr(tmp_path)
    encoder = NrccrEncoder("published", *load_network(tmp_path))
    with pytest.raises(CheckpointError, match="width 32"):
        encoder.frame_features(torch.zeros(1, 4, 4, 3, dtype=torch.uint8).numpy())


def test_a_damaged_checkpoint_is_one_sentence(tmp_path):
    small_nrccr(tmp_path)
    config = tmp_path / "config.json"
    config.write_text(config.read_text().replace('"space": 24', '"space": 30'))
    with pytest.raises(CheckpointError, match="does not fit"):
        load_network(tmp_path)
    config.write_text("{}")
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_network(tmp_path)


def test_a_text_tower_without_its_vocabulary_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="vocabulary"):
        open_text(NrccrTextConfig(), tmp_path)
    save_tokenizer(small_vocabulary(), tmp_path)
    assert open_text(NrccrTextConfig(width=8), tmp_path).tower.hidden == 8


def test_source_sentences_are_cleaned_as_the_public_loader_does():
    assert clean_english("  Café für the MAN, is playing! ") == "Caf f r the man is playing."


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"noise": 1.5}, "noise 1.5"),
        ({"batch_size": 1}, "batch_size 1"),
        ({"source_weight": 0.0}, "no source sentences"),
    ],
)
def test_settings_that_cannot_train_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        NrccrTrainConfig(**settings)


def test_widths_must_divide_into_heads():
    with pytest.raises(ConfigError, match="attention_width 10"):
        NrccrModelConfig(attention_width=10)
