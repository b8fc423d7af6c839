"""MLCMR against numbers from the authors' code, on weights and files in the published formats."""

import ast
import json

import numpy as np
import pytest
import torch

from xmr_core.encoder import Embeddings
from xmr_core.methods.mlcmr.convert import convert_mlcmr
from xmr_core.methods.mlcmr.fusion import fuse, fused_scores, measure_weights
from xmr_core.methods.mlcmr.loss import TwoViews, info_nce, mlcmr_losses, triplet_loss
from xmr_core.methods.mlcmr.model import load
from xmr_core.metrics import mean_average_precision, t2v_metrics, v2t_metrics
from xmr_core.ranking import same_group
from xmr_core.types import CheckpointCard

FOLDER = "fixtures/mlcmr"
CARD = CheckpointCard("golden", "mlcmr", "", ("en", "zh"), 36, 64, "", "", "")


def arrays(shared, name):
    with np.load(shared(f"{FOLDER}/{name}.npz")) as stored:
        return {key: stored[key] for key in stored.files}


def tensors(shared, name):
    found = arrays(shared, name)
    return {key: torch.from_numpy(value) for key, value in found.items() if value.ndim}


def convert(shared, folder, **options):
    convert_mlcmr(shared(f"{FOLDER}/model_best.pth.tar"), folder, text_heads=4, **options)
    return load(folder, CARD)


@pytest.fixture(scope="module")
def legacy(shared, tmp_path_factory):
    return convert(shared, tmp_path_factory.mktemp("legacy"), legacy_padding=True)


@pytest.fixture(scope="module")
def encoder(shared, tmp_path_factory):
    return convert(shared, tmp_path_factory.mktemp("masked"))


def captions(shared, name):
    text = shared(f"{FOLDER}/VisualSearch/vatex/TextData/{name}.caption.txt").read_text()
    return dict(line.split(" ", 1) for line in text.splitlines())


def videos(shared):
    folder = shared(f"{FOLDER}/VisualSearch/vatex/FeatureData/i3d_kinetics")
    names = (folder / "id.txt").read_text().split()
    rows, width = map(int, (folder / "shape.txt").read_text().split())
    values = np.fromfile(folder / "feature.bin", "<f4").reshape(rows, width)
    row_of = {name: row for row, name in enumerate(names)}
    frames_of = ast.literal_eval((folder / "video2frames.txt").read_text())
    return {
        video: torch.from_numpy(values[[row_of[frame] for frame in frames]])
        for video, frames in frames_of.items()
    }


def padded(items):
    frames = torch.nn.utils.rnn.pad_sequence(items, batch_first=True)
    lengths = torch.tensor([len(item) for item in items])
    return frames, torch.arange(frames.shape[1]) < lengths[:, None]


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
def test_token_ids(shared, encoder, name):
    from xmr_core.methods.mlcmr.model import plain_english

    golden = json.loads(shared(f"{FOLDER}/token_ids.json").read_text())[name]
    texts = captions(shared, name)
    assert set(texts) == set(golden)
    for key, text in texts.items():
        ids, mask = encoder._to_ids([plain_english(text)])
        assert ids[0].tolist() == golden[key]
        assert mask.all()
