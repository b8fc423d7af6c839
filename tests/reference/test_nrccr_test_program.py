"""NRCCR's published test program: token ids, embeddings by batch, fusion, metrics."""

import ast
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from xmr_core.methods.nrccr.convert import convert_nrccr
from xmr_core.methods.nrccr.fusion import fused_scores, fusion_report
from xmr_core.methods.nrccr.model import NrccrEncoder, load_network
from xmr_core.methods.nrccr.network import NrccrNetwork
from xmr_core.methods.nrccr.text import clean_english

FOLDER = "fixtures/nrccr"
EMBEDDING = 1e-5


@pytest.fixture(scope="module")
def numbers(shared):
    return lambda name: json.loads(shared(f"{FOLDER}/{name}.json").read_text())


@pytest.fixture(scope="module")
def converted(shared, tmp_path_factory):
    out = tmp_path_factory.mktemp("nrccr")
    file = shared(f"{FOLDER}/model_best.pth.tar")
    return out, convert_nrccr(file, out, heads=4)


@pytest.fixture
def loaded(converted):
    return load_network(converted[0])


def test_token_ids(shared, numbers, loaded):
    golden = numbers("token_ids")
    for side, name in (("source", "vatextest_google_zh2enc"), ("target", "vatextest_zh")):
        captions = caption_file(shared, name)
        assert set(captions) == set(golden[side])
        for key, text in captions.items():
            given = clean_english(text) if side == "source" else text
            ids, mask = loaded[1].to_ids([given])
            assert mask.all()
            assert ids[0].tolist() == golden[side][key], key


def caption_file(shared, name):
    text = shared(f"{FOLDER}/VisualSearch/vatex/TextData/{name}.caption.txt").read_text()
    return dict(line.split(" ", 1) for line in text.splitlines())


def videos_of(shared, ids):
    """Frame features of the published layout, padded: shape (videos, frames, d), and the mask."""
    folder = shared(f"{FOLDER}/VisualSearch/vatex/FeatureData/i3d_kinetics")
    rows, width = map(int, (folder / "shape.txt").read_text().split())
    table = np.fromfile(folder / "feature.bin", np.float32).reshape(rows, width)
    place = {name: i for i, name in enumerate((folder / "id.txt").read_text().split())}
    frames = ast.literal_eval((folder / "video2frames.txt").read_text())
    found = [table[[place[frame] for frame in frames[video]]] for video in ids]
    longest = max(map(len, found))
    features = torch.zeros(len(found), longest, width)
    mask = torch.zeros(len(found), longest, dtype=torch.bool)
    for row, video in enumerate(found):
        features[row, : len(video)], mask[row, : len(video)] = torch.from_numpy(video), True
    return features, mask


@pytest.mark.parametrize("size", [4, 64])
def test_the_test_program(shared, loaded, size):
    with np.load(shared(f"{FOLDER}/test_bs{size}.npz")) as stored:
        golden = dict(stored)
    encoder = NrccrEncoder("converted", *loaded)
    ids = list(golden["video_ids"])
    videos = [
        encoder.encode_video(*videos_of(shared, ids[i : i + size]))["global"]
        for i in range(0, len(ids), size)
    ]
    keys = [str(key) for key in golden["caption_ids"]]
    target = caption_file(shared, "vatextest_zh")
    source = caption_file(shared, "vatextest_google_zh2enc")
    texts = {"target": [target[k.replace("#zh2enc#", "#zh#")] for k in keys]}
    texts["source"] = [source[k] for k in keys]
    found = {
        side: torch.cat(
            [
                encoder.encode_text(some[i : i + size], translated=side == "source")["global"]
                for i in range(0, len(keys), size)
            ]
        )
        for side, some in texts.items()
    }
    video = torch.cat(videos)
    close = dict(rtol=0, atol=EMBEDDING)
    assert np.allclose(video, golden["video_emb"], **close)
    scores = {}
    for side, embedded in found.items():
        assert np.allclose(embedded, golden[f"{side}_emb"], **close)
        scores[side] = (embedded @ video.T).numpy()
        assert np.allclose(-scores[side], golden[f"errors_{side}"], **close)
    for weight in (1.0, 0.8, 0.5, 0.2, 0.0):
        fused = fused_scores(scores["source"], scores["target"], weight)
        theirs = golden[f"fused_w{weight}".replace(".", "_")]
        assert np.allclose(-fused, theirs, rtol=0, atol=1e-4), weight


@pytest.mark.parametrize("ties", ["stable", "optimistic", "pessimistic", "expected"])
@pytest.mark.parametrize("size", [4, 64])
def test_metrics_of_every_weight(shared, numbers, size, ties):
    with np.load(shared(f"{FOLDER}/test_bs{size}.npz")) as stored:
        golden = dict(stored)
    ids = [str(name) for name in golden["video_ids"]]
    owners = np.array([ids.index(str(key).split("#")[0]) for key in golden["caption_ids"]])
    report = fusion_report(-golden["errors_source"], -golden["errors_target"], owners, ties=ties)
    for result in report:
        theirs = numbers(f"test_bs{size}_metrics")[str(result.weight)]["correct"]
        pairs = (
            (result.t2v, result.t2v_map, theirs["t2v"][ties]),
            (result.v2t_caption, result.v2t_map, theirs["v2t"][ties]),
        )
        for metrics, average, wanted in pairs:
            assert metrics.recall_at_1 == pytest.approx(wanted["R"]["1"])
            assert metrics.recall_at_5 == pytest.approx(wanted["R"]["5"])
            assert metrics.recall_at_10 == pytest.approx(wanted["R"]["10"])
            assert metrics.median_rank == pytest.approx(wanted["MedR"])
            assert metrics.mean_rank == pytest.approx(wanted["MeanR"])
            assert average == pytest.approx(wanted["mAP"])


def test_clean_means_equal_a_batch_of_one(shared, loaded):
    """Without the legacy switch a text alone and in a batch are the same vector."""
    network, text = loaded
    clean = NrccrNetwork(replace(network.config, legacy_padding=False), text.tower)
    clean.load_state_dict(network.state_dict())
    alone, together = NrccrEncoder("a", network, text), NrccrEncoder("b", clean, text)
    texts = list(caption_file(shared, "vatextest_zh").values())
    batch = together.encode_text(texts)["global"]
    for row, one in enumerate(texts):
        assert torch.allclose(batch[row], alone.encode_text([one])["global"][0], atol=EMBEDDING)
