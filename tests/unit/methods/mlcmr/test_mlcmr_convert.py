import argparse

import pytest
import torch
from transformers import BertConfig, BertModel

from xmr_core.errors import CheckpointError
from xmr_core.methods.mlcmr.config import MlcmrModelConfig
from xmr_core.methods.mlcmr.convert import convert_mlcmr
from xmr_core.methods.mlcmr.files import read_mlcmr
from xmr_core.methods.mlcmr.model import load
from xmr_core.methods.mlcmr.network import Mapping, VideoLevels
from xmr_core.types import CheckpointCard

CARD = CheckpointCard("published", "mlcmr", "", ("en", "zh"), 5, 12, "", "", "")
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "dog", ".", "狗"]


def published(**options):
    """A checkpoint in the published layout, of random weights."""
    sizes = MlcmrModelConfig(frame_width=6, gru_width=3, conv_channels=4, embed_dim=5)
    levels = VideoLevels(sizes).state_dict()
    video = {key.replace("gru.", "rnn."): value for key, value in levels.items() if "gru" in key}
    for key, value in levels.items():
        if "convolutions" in key:
            wide = value.transpose(1, 2).unsqueeze(1) if value.ndim == 3 else value
            video[key.replace("convolutions", "convs1")] = wide.contiguous()
    bert = BertModel(
        BertConfig(
            vocab_size=len(WORDS),
            hidden_size=64,
            num_hidden_layers=2,
            num_attention_heads=1,
            intermediate_size=16,
            max_position_embeddings=20,
        )
    )
    text = {"text_bert.text_bert." + key: value for key, value in bert.state_dict().items()}
    text["text_bert.text_bert.embeddings.position_ids"] = torch.arange(20)[None]
    mappings = [
        {
            "mapping." + key.replace("linear", "fc1").replace("norm", "bn_1"): value
            for key, value in Mapping(width, 5, 0.2).state_dict().items()
        }
        for width in (sizes.video_width, 64)
    ]
    opt = argparse.Namespace(train_mode="parallel", label_situation="human_label")
    vars(opt).update(options)
    return {"epoch": 1, "model": [video, text, *mappings], "best_rsum": 1.0, "opt": opt}


@pytest.fixture
def file(tmp_path):
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS))
    return tmp_path / "model_best.pth.tar"


def test_a_converted_checkpoint_answers(file, tmp_path):
    torch.save(published(), file)
    found = convert_mlcmr(file, tmp_path / "out")
    assert len(found.used) + len(found.ignored) == sum(len(p) for p in published()["model"])
    encoder = load(tmp_path / "out", CARD)
    assert encoder.encode_text(["A dog", "狗"])["global"].shape == (2, 5)
    videos = encoder.encode_video(torch.randn(2, 3, 6), torch.ones(2, 3, dtype=torch.bool))
    assert torch.allclose(videos["global"].norm(dim=1), torch.ones(2))
    with pytest.raises(CheckpointError, match="width 6"):
        encoder.frame_features(torch.zeros(1, 4, 4, 3).numpy())


@pytest.mark.parametrize(
    ("options", "weight"),
    [
        ({}, 0.85),
        ({"label_situation": "translate"}, 0.55),
        ({"train_mode": "unparallel"}, 0.55),
    ],
)
def test_the_query_weight_follows_the_training_sentences(file, tmp_path, options, weight):
    torch.save(published(**options), file)
    convert_mlcmr(file, tmp_path / "out")
    config = read_mlcmr(tmp_path / "out")[0].config
    assert (config.query_weight_en, config.query_weight_zh) == (weight, weight)


def test_a_missing_vocabulary_is_named(file, tmp_path):
    torch.save(published(), file)
    (tmp_path / "vocab.txt").unlink()
    (missing,) = convert_mlcmr(file, tmp_path / "out").missing
    assert missing.startswith("vocab.txt")
    with pytest.raises(CheckpointError, match=r"vocab\.txt"):
        load(tmp_path / "out", CARD)


def drop(record):
    del record["model"][3]["mapping.fc1.bias"]


def reshape(record):
    record["model"][0]["convs1.1.bias"] = torch.zeros(9)


def add(record):
    record["model"][2]["mapping.fc2.weight"] = torch.zeros(1)


def shorten(record):
    record["model"].pop()


def take_bert(record):
    record["model"][1] = {"other": torch.zeros(1)}


def take_gru(record):
    del record["model"][0]["rnn.weight_ih_l0"]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (drop, r"lacks text_mapping\.linear\.bias"),
        (reshape, r"convs1\.1\.bias is \(9,\), not \(4,\)"),
        (add, r"mapping\.fc2\.weight has no place"),
        (shorten, "no list of four"),
        (take_bert, "no BERT"),
        (take_gru, r"rnn\.weight_ih_l0"),
    ],
)
def test_a_wrong_file_is_refused(file, tmp_path, spoil, message):
    record = published()
    spoil(record)
    torch.save(record, file)
    with pytest.raises(CheckpointError, match=message):
        convert_mlcmr(file, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_heads_that_do_not_divide_are_refused(file, tmp_path):
    torch.save(published(), file)
    with pytest.raises(CheckpointError, match="64 channels do not make 5 heads"):
        convert_mlcmr(file, tmp_path / "out", heads=5)
