"""What the converter does with NRCCR checkpoints that are not as they should be."""

import pytest
import torch

from xmr_core.errors import CheckpointError
from xmr_core.methods.nrccr.convert import convert_nrccr
from xmr_core.methods.nrccr.model import load_network
from xmr_core.nn.untrusted import load_untrusted


@pytest.fixture
def record(shared):
    return load_untrusted(shared("fixtures/nrccr/model_best.pth.tar"))


@pytest.fixture
def vocabulary(shared):
    return shared("fixtures/nrccr/vocab.txt")


@pytest.fixture
def convert(tmp_path, vocabulary):
    def run(record, words=vocabulary):
        file = tmp_path / "model_best.pth.tar"
        torch.save(record, file)
        return convert_nrccr(file, tmp_path / "out", vocabulary=words, heads=4)

    return run


def test_a_missing_tensor_is_named(record, convert):
    del record["model"][1]["module.encoder_layer.output.dense.bias"]
    with pytest.raises(CheckpointError, match=r"lacks tensors for text\.attention\.dense\.bias"):
        convert(record)


def test_an_unknown_or_misshapen_tensor_is_named(record, convert):
    record["model"][0]["module.surprise"] = torch.zeros(3)
    with pytest.raises(CheckpointError, match=r"vid_encoding/module\.surprise.*\(3,\)"):
        convert(record)
    del record["model"][0]["module.surprise"]
    record["model"][2]["mapping.bn_1.weight"] = torch.zeros(41)
    with pytest.raises(CheckpointError, match=r"\(41,\), expected \(40,\)"):
        convert(record)


def test_the_vocabulary_must_be_there_and_fit(record, convert, vocabulary, tmp_path):
    with pytest.raises(CheckpointError, match="bert-base-multilingual-cased"):
        convert(record, tmp_path / "vocab.txt")
    short = tmp_path / "short.txt"
    short.write_text("\n".join(vocabulary.read_text().splitlines()[:-1]))
    with pytest.raises(CheckpointError, match="261 words, the checkpoint 262"):
        convert(record, short)


@pytest.mark.parametrize("other", [{"model": []}, {"state": 1}, [1, 2]])
def test_another_layout_is_refused(other, convert):
    with pytest.raises(CheckpointError, match="not an NRCCR checkpoint"):
        convert(other)


def test_the_image_variant(record, convert, tmp_path):
    weight = torch.randn(64, 24)
    record["model"][0] = {
        "module.proj.weight": weight,
        "module.proj.bias": torch.zeros(64),
        "module.encoder.visual.conv1.weight": torch.zeros(2, 3, 4, 4),
    }
    conversion = convert(record)
    assert "frame features" in conversion.ignored["vid_encoding/module.encoder.visual.conv1.weight"]
    network, _ = load_network(tmp_path / "out")
    frame = torch.randn(2, 1, 24)
    mapped = network.video_mapping(frame[:, 0] @ weight.T)
    embedded = network.embed_video(frame, torch.ones(2, 1, dtype=torch.bool))
    assert torch.allclose(embedded, mapped, atol=1e-6)
