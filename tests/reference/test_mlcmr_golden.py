"""MLCMR against numbers from the authors' code, on weights and files in the published formats."""

import ast
import json

import numpy as np
import pytest
import torch

from xmr_core.encoder import Embeddings
from xmr_core.methods.mlcmr.convert import convert_mlcmr
from xmr_core.methods.mlcmr.fusion import fuse, fused_queries, fused_scores, measure_weights
from xmr_core.methods.mlcmr.loss import (
    TwoViews,
    info_nce,
    mlcmr_losses,
    symmetric_info_nce,
    triplet_loss,
)
from xmr_core.methods.mlcmr.model import load, plain_english
from xmr_core.methods.mlcmr.train import text_views
from xmr_core.metrics import mean_average_precision, t2v_metrics, v2t_metrics
from xmr_core.ranking import same_group
from xmr_core.types import CheckpointCard

FOLDER = "fixtures/mlcmr"
CARD = CheckpointCard("golden", "mlcmr", "", ("en", "zh"), 36, 64, "", "", "")
LANGUAGES = {"parallel": ("en", "zh"), "unparallel": ("text",)}
LR = 1e-4
TESTS = [(language, size) for language in ("zh", "en") for size in (4, 16)]


def arrays(shared, name):
    with np.load(shared(f"{FOLDER}/{name}.npz")) as stored:
        return {key: stored[key] for key in stored.files}


def golden_json(shared, name):
    return json.loads(shared(f"{FOLDER}/{name}.json").read_text())


def tensor(values):
    return torch.from_numpy(values)


def close(found, golden, tolerance=1e-5):
    np.testing.assert_allclose(found.detach().numpy(), golden, rtol=0, atol=tolerance)


def convert(shared, folder, **options):
    convert_mlcmr(shared(f"{FOLDER}/model_best.pth.tar"), folder, heads=4, **options)
    return load(folder, CARD)


@pytest.fixture(scope="module")
def folder(shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("legacy")
    convert(shared, folder, legacy_padding=True)
    return folder


@pytest.fixture(scope="module")
def legacy(folder):
    return load(folder, CARD)


@pytest.fixture(scope="module")
def masked(shared, tmp_path_factory):
    return convert(shared, tmp_path_factory.mktemp("masked"))


def captions(shared, name):
    """Id and sentence of every line, in the order of the file."""
    text = shared(f"{FOLDER}/VisualSearch/vatex/TextData/{name}.caption.txt").read_text()
    return dict(line.split(" ", 1) for line in text.splitlines())


def partners(shared, name, ids, tag):
    """The sentences of another file for the ids of one, whose middle tag differs."""
    texts = captions(shared, name)
    return [texts["#".join([i.split("#")[0], tag, i.split("#")[2]])] for i in ids]


def videos(shared):
    folder = shared(f"{FOLDER}/VisualSearch/vatex/FeatureData/i3d_kinetics")
    names = (folder / "id.txt").read_text().split()
    rows, width = map(int, (folder / "shape.txt").read_text().split())
    values = np.fromfile(folder / "feature.bin", "<f4").reshape(rows, width)
    row_of = {name: row for row, name in enumerate(names)}
    frames_of = ast.literal_eval((folder / "video2frames.txt").read_text())
    return {
        video: tensor(values[[row_of[frame] for frame in frames]])
        for video, frames in frames_of.items()
    }


def padded(items):
    frames = torch.nn.utils.rnn.pad_sequence(items, batch_first=True)
    lengths = torch.tensor([len(item) for item in items])
    return frames, torch.arange(frames.shape[1]) < lengths[:, None]


def in_batches(items, size, encode):
    parts = [encode(items[i : i + size])["global"] for i in range(0, len(items), size)]
    return torch.cat(parts)


def queries(shared, language, ids):
    """English side and Chinese side of the test queries, as the test program pairs them."""
    if language == "zh":
        english = captions(shared, "vatextest_google_zhc2en")
        return list(english.values()), partners(shared, "vatextest_zh", ids, "zh")
    chinese = partners(shared, "vatextest_google_enc2zh", ids, "enc2zh")
    return list(captions(shared, "vatextest").values()), chinese


def test_every_key_is_used_or_named(shared, tmp_path):
    found = convert_mlcmr(shared(f"{FOLDER}/model_best.pth.tar"), tmp_path, heads=4)
    keys = [
        f"model[{number}].{key}"
        for number, part in enumerate(golden_json(shared, "keys"))
        for key in part
    ]
    assert sorted([*found.used, *found.ignored]) == sorted(keys)
    assert all("pooler" in key or "position_ids" in key for key in found.ignored)
    assert found.missing == ()
    config = load(tmp_path, CARD).network.config
    golden = golden_json(shared, "config")
    assert config.frame_width == golden["D"]
    assert config.gru_width == golden["rnn"]
    assert config.conv_channels == golden["kn"]
    assert config.kernel_sizes == tuple(golden["kernel_sizes"])
    assert config.embed_dim == golden["out"]
    assert config.query_weight_zh == 0.85  # trained on sentences that people wrote


@pytest.mark.parametrize(
    "name",
    [
        "vatextest",
        "vatextest_zh",
        "vatextest_google_enc2zh",
        "vatextest_google_zhc2en",
        "vatextrain",
        "vatextrain_zh",
    ],
)
def test_token_ids(shared, folder, name):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(folder))
    golden = golden_json(shared, "token_ids")[name]
    texts = captions(shared, name)
    found = {key: tokenizer(plain_english(text))["input_ids"] for key, text in texts.items()}
    assert found == golden


@pytest.mark.parametrize(("language", "size"), TESTS)
def test_test_program(shared, legacy, language, size):
    golden = arrays(shared, f"test_{language}_bs{size}")
    frames_of = videos(shared)
    items = [frames_of[video] for video in golden["video_ids"]]
    video = in_batches(items, size, lambda some: legacy.encode_video(*padded(some)))
    close(video, golden["video_emb"])
    english, chinese = queries(shared, language, golden["caption_ids"])
    en, zh = (in_batches(texts, size, legacy.encode_text) for texts in (english, chinese))
    close(en, golden["en_emb"])
    close(zh, golden["zh_emb"])
    close(-en @ video.T, golden["errors_en"])
    close(-zh @ video.T, golden["errors_zh"])
    query, translation = (zh, en) if language == "zh" else (en, zh)
    for weight in (0.85, 0.55):
        fused = fuse(Embeddings({"global": query}), Embeddings({"global": translation}), weight)
        scores = legacy.score(fused, Embeddings({"global": video}))
        close(-scores, golden[f"fused_w{100 * weight:03.0f}"])
    # Batches of this size pad as the test program's do only if all fit into one.
    if size >= len(english):
        texts = (chinese, english) if language == "zh" else (english, chinese)
        joined = fused_queries(legacy, *texts, language)["global"]
        close(-joined @ video.T, golden["fused_w085"])


def test_masked_means_are_batches_of_one(shared, legacy, masked):
    items = list(videos(shared).values())
    alone = torch.cat([legacy.encode_video(*padded([item]))["global"] for item in items])
    close(masked.encode_video(*padded(items))["global"], alone.numpy())
    texts = list(captions(shared, "vatextest_zh").values())
    alone = in_batches(texts, 1, legacy.encode_text)
    close(masked.encode_text(texts)["global"], alone.numpy())


@pytest.mark.parametrize("weight", [0.85, 0.55])
@pytest.mark.parametrize(("language", "size"), TESTS)
def test_metrics(shared, language, size, weight):
    golden = arrays(shared, f"test_{language}_bs{size}")
    expected = golden_json(shared, "test_metrics")[f"{language}_bs{size}"][f"w{weight}"]
    en, zh = -golden["errors_en"], -golden["errors_zh"]
    query, translation = (zh, en) if language == "zh" else (en, zh)
    scores = fused_scores(query, translation, weight)
    np.testing.assert_allclose(scores, -golden[f"fused_w{100 * weight:03.0f}"], rtol=0, atol=1e-12)
    names = list(golden["video_ids"])
    owners = np.array([names.index(i.split("#")[0]) for i in golden["caption_ids"]])
    relevant = same_group(owners, np.arange(len(names)))
    for ties in ("stable", "optimistic", "pessimistic", "expected"):
        for direction, found, average in (
            ("t2v", t2v_metrics(scores, owners, ties), (scores, relevant)),
            ("v2t", v2t_metrics(scores, owners, ties), (scores.T, relevant.T)),
        ):
            wanted = expected["correct"][direction][ties]
            assert found.recall_at_1 == pytest.approx(wanted["R"]["1"])
            assert found.recall_at_5 == pytest.approx(wanted["R"]["5"])
            assert found.recall_at_10 == pytest.approx(wanted["R"]["10"])
            assert found.median_rank == pytest.approx(wanted["MedR"])
            assert found.mean_rank == pytest.approx(wanted["MeanR"])
            assert mean_average_precision(*average, ties) == pytest.approx(wanted["mAP"])
    (reported,) = measure_weights(query, translation, owners, [weight])
    for direction, found, average in (
        ("t2v", reported.t2v, reported.t2v_map),
        ("v2t", reported.v2t_captions, reported.v2t_map),
    ):
        original = expected["original"][direction]
        assert found.recall_at_1 == pytest.approx(original["R1"])
        assert found.median_rank == pytest.approx(original["MedR"])
        assert average == pytest.approx(original["mAP"])


def batch_views(network, golden, languages):
    """Every embedding of a stored batch, in the order of the public code."""
    ids, masked, masks = (
        {name: tensor(golden[f"{name}{end}"]) for name in languages}
        for end in ("_ids", "_masked_ids", "_mask")
    )
    masks = {name: mask.bool() for name, mask in masks.items()}
    texts = text_views(network, ids, masked, masks)
    video = TwoViews(
        network.videos(tensor(golden["frames"]), tensor(golden["frame_mask"]).bool()),
        network.videos(tensor(golden["dropped_frames"]), tensor(golden["dropped_mask"]).bool()),
    )
    return texts, video


@pytest.mark.parametrize("mode", LANGUAGES)
def test_batch_in_evaluation_mode(shared, legacy, mode):
    golden, network = arrays(shared, f"batch_{mode}"), legacy.network
    frames, mask = tensor(golden["frames"]), tensor(golden["frame_mask"]).bool()
    dropped = tensor(golden["dropped_frames"]), tensor(golden["dropped_mask"]).bool()
    with torch.no_grad():
        close(network.levels.states(frames, mask), golden["eval/gru_states"])
        close(network.levels(frames, mask), golden["eval/video_feature"])
        close(network.levels(*dropped), golden["eval/dropped_feature"])
        for name in LANGUAGES[mode]:
            for view in (name, f"{name}_masked"):
                ids, real = tensor(golden[f"{view}_ids"]), tensor(golden[f"{view}_mask"]).bool()
                close(network.pooled(ids, real), golden[f"eval/{view}_pooled"])
        texts, video = batch_views(network, golden, LANGUAGES[mode])
        check_embeddings(texts, video, golden, "eval")
        check_losses(texts, video, golden_json(shared, "losses")[f"{mode}_eval"])


@pytest.mark.parametrize("mode", LANGUAGES)
def test_training_step(shared, folder, mode):
    golden = arrays(shared, f"batch_{mode}")
    network = load(folder, CARD).network.train()
    for module in network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    network.tower.requires_grad_(False)
    texts, video = batch_views(network, golden, LANGUAGES[mode])
    check_embeddings(texts, video, golden, "train")
    expected = golden_json(shared, "losses")[f"{mode}_train"]
    check_losses(texts, video, expected)
    sum(mlcmr_losses(texts, video).values()).backward()
    parameters = [p for p in network.parameters() if p.requires_grad]
    gradients = {name: p.grad.clone() for name, p in network.named_parameters() if p.requires_grad}
    norm = torch.nn.utils.clip_grad_norm_(parameters, 2.0)
    assert float(norm) == pytest.approx(expected["grad_norm"], rel=1e-4)
    torch.optim.Adam(parameters, lr=LR).step()
    state = network.state_dict()
    kept = {name: value for name, value in golden.items() if name.startswith("train/after/")}
    assert len(kept) == 13
    for name, value in kept.items():
        key = name.removeprefix("train/after/")
        found = published_layout(state, key).numpy()
        slope = golden.get(f"train/grad/{key}")
        if slope is None:  # statistics
            np.testing.assert_allclose(found, value, rtol=1e-5, atol=1e-5)
            continue
        # A shift that the normalisation takes out again has no gradient but rounding, and the first
        # step of Adam, g / (|g| + 1e-8), makes anything of that.
        close(published_layout(gradients, key), slope, 1e-4 * max(np.abs(slope).max(), 0.1))
        real = np.abs(slope) > 1e-5
        np.testing.assert_allclose(found[real], value[real], rtol=0, atol=1e-6)
        np.testing.assert_allclose(found, value, rtol=0, atol=2 * LR)


def published_layout(values, key):
    """The value of a published key among ours."""
    part, name = key.split("/")
    name = name.replace("rnn.", "levels.gru.").replace("convs1.", "levels.convolutions.")
    prefix = "video_mapping." if part == "vid_mapping" else "text_mapping."
    name = name.replace("mapping.fc1.", prefix + "linear.").replace(
        "mapping.bn_1.", prefix + "norm."
    )
    value = values[name]
    is_convolution = "convolutions" in name and name.endswith("weight")
    return value.transpose(1, 2).unsqueeze(1) if is_convolution else value


def check_embeddings(texts, video, golden, mode):
    close(video.whole, golden[f"{mode}/video_emb"])
    close(video.augmented, golden[f"{mode}/video_dropped_emb"])
    for name, views in texts.items():
        close(views.whole, golden[f"{mode}/{name}_emb"])
        close(views.augmented, golden[f"{mode}/{name}_masked_emb"])


def check_losses(texts, video, expected):
    losses = {name: float(value.detach()) for name, value in mlcmr_losses(texts, video).items()}
    assert sum(losses.values()) == pytest.approx(expected["total"], rel=1e-4)
    for name, value in losses.items():
        # A loss of some 1e-4 is a difference of numbers near 1.
        assert value == pytest.approx(expected[name], rel=1e-4, abs=1e-5)
    if "nce_en_rows_masked" in expected:
        whole, masked = texts["en"].whole.detach(), texts["en"].augmented.detach()
        found = info_nce(whole, masked).item(), info_nce(masked, whole).item()
        wanted = expected["nce_en_rows_masked"], expected["nce_en_rows_plain"]
        assert found == pytest.approx(wanted, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("case", ["b6", "dup"])
def test_losses_alone(shared, case):
    golden = arrays(shared, "losses_alone")
    for name, loss in (("infonce", info_nce), ("triplet", triplet_loss)):
        a, b = (tensor(golden[f"{case}_{side}"]).requires_grad_() for side in "ab")
        value = loss(a, b)
        assert float(value.detach()) == pytest.approx(float(golden[f"{case}_{name}"]), rel=1e-4)
        value.backward()
        for side, grad in (("a", a.grad), ("b", b.grad)):
            wanted = golden[f"{case}_{name}_grad_{side}"]
            close(grad, wanted, 1e-4 * np.abs(wanted).max())
    views = TwoViews(tensor(golden[f"{case}_a"]), tensor(golden[f"{case}_b"]))
    both = (info_nce(views.whole, views.augmented) + info_nce(views.augmented, views.whole)) / 2
    assert float(symmetric_info_nce(views)) == pytest.approx(float(both))
