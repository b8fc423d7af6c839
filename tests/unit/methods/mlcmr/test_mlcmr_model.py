import json

import pytest
import torch
from small_models import small_mlcmr

from xmr_core.errors import CheckpointError
from xmr_core.methods.mlcmr.files import read_mlcmr
from xmr_core.methods.mlcmr.model import plain_english


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A dog's  ball, on-the RUN!", "A dog s ball on the run."),
        ("", "."),
        ("两只 Dogs!", "两只 Dogs!"),
        ("café", "Caf."),
    ],
)
def test_english_as_the_published_checkpoints_read_it(text, expected):
    assert plain_english(text) == expected


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mlcmr")
    small_mlcmr(folder)
    return folder


def test_a_video_without_frames_scores_nothing(folder):
    encoder = small_mlcmr(folder)
    mask = torch.tensor([[True, True], [False, False]])
    videos = encoder.encode_video(torch.randn(2, 2, 32), mask)
    assert not encoder.score(encoder.encode_text(["a red car"]), videos)[0, 1]


def test_the_order_of_frames_matters(folder):
    encoder = small_mlcmr(folder)
    frames, mask = torch.randn(1, 4, 32), torch.ones(1, 4, dtype=torch.bool)
    there = encoder.encode_video(frames, mask)["global"]
    back = encoder.encode_video(frames.flip(1), mask)["global"]
    assert (there - back).abs().max() > 1e-4


@pytest.mark.parametrize(
    ("file", "message"), [("config.json", "config"), ("tokenizer.json", "words of the model")]
)
def test_a_missing_file_is_named(folder, tmp_path, file, message):
    for path in folder.iterdir():
        if path.is_file() and path.name != file:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(CheckpointError, match=message):
        read_mlcmr(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gru_width": 9}, "cannot be loaded"),
        ({"text_width": 10, "text_heads": 4}, "text_width 10"),
        ({"colour": 1}, "unknown settings: colour"),
    ],
)
def test_settings_that_do_not_fit_are_refused(folder, tmp_path, change, message):
    for path in folder.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(CheckpointError, match=message):
        read_mlcmr(tmp_path)
