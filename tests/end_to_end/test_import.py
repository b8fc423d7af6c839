"""Published checkpoint layouts through the command, as far as original-like files are here."""

import json
import sys

import numpy as np
import pytest
import torch

from xmr_core.__main__ import main
from xmr_core.checkpoints import load_checkpoint, read_card

FILES = {
    "hmmc": ("fixtures/hmmc/en/pytorch_model.bin", ()),
    "nrccr": ("fixtures/nrccr/model_best.pth.tar", ("--heads", "4")),
    "mlcmr": ("fixtures/mlcmr/model_best.pth.tar", ("--heads", "4")),
    "c3d-hash": ("fixtures/triplet/net_epoch50_mAP0.476344.pth", ()),
    "3dresnets": ("fixtures/triplet/resnet-18-kinetics.pth", ()),
}


@pytest.mark.parametrize("layout", FILES)
def test_every_key_is_used_or_named(monkeypatch, capsys, shared, tmp_path, layout):
    file, options = FILES[layout]
    out = tmp_path / "new"
    arguments = ["import", str(shared(file)), "--format", layout, "--out", str(out), *options]
    monkeypatch.setattr(sys, "argv", ["xmr", "checkpoints", *arguments])
    main()
    first, *lines = capsys.readouterr().out.splitlines()
    used = sum(line.startswith("  used ") for line in lines)
    left_out = [line for line in lines if line.startswith("  left out ")]
    assert first == f"{out}: {used} tensors used, {len(left_out)} left out"
    assert used > 10
    assert all(": " in line for line in left_out)  # each with its reason
    encoder, sha256 = load_checkpoint(str(out))
    card = read_card(out)
    assert (encoder.id, card.sha256) == ("new", sha256)
    if layout in ("c3d-hash", "3dresnets"):
        frames = np.zeros((card.num_frames, 24, 32, 3), np.uint8)
        features = encoder.frame_features(frames)[None]
        part = encoder.encode_video(features, torch.ones(features.shape[:2], dtype=torch.bool))
        assert part["global"].shape == (1, card.width)
        assert card.bits == (48 if layout == "c3d-hash" else 0)
    elif layout == "nrccr":
        assert encoder.encode_text(["a red car"])["global"].shape == (1, card.width)


@pytest.mark.parametrize("layout", ["nrccr", "mlcmr"])
def test_published_features_are_searched_with_an_imported_checkpoint(
    monkeypatch, capsys, shared, tmp_path, layout
):
    """What docs/published.md shows: import, index --features, search."""
    from xmr_core.indexing.features import frame_width

    file, options = FILES[layout]
    model, root = tmp_path / "model", tmp_path / "root"

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["xmr", *map(str, words)])
        main()
        return capsys.readouterr().out

    run("checkpoints", "import", shared(file), "--format", layout, "--out", model, *options)
    names = [f"video{n}" for n in range(3)]
    root.mkdir()
    videos = [
        {"video_id": name, "category": 3, "url": "https://www.youtube.com/watch?v=00000000000",
         "start time": 1.0, "end time": 9.0, "split": "test"}
        for name in names
    ]  # fmt: skip
    sentences = [
        {"sen_id": n, "video_id": name, "caption": "a car"} for n, name in enumerate(names)
    ]
    record = json.dumps({"videos": videos, "sentences": sentences})
    (root / "MSRVTT_data.json").write_text(record)
    width = frame_width(load_checkpoint(str(model))[0])
    features = np.random.default_rng(0).standard_normal((3, 12, width), np.float32)
    np.save(tmp_path / "frames.npy", features)
    (tmp_path / "ids.txt").write_text("\n".join(names))
    run(
        "index", "--data", "msrvtt", "--root", root, "--features", tmp_path / "frames.npy",
        "--ids", tmp_path / "ids.txt", "--checkpoint", model, "--out", tmp_path / "gallery",
    )  # fmt: skip
    found = run(
        "search", "a car", "--checkpoint", model, "--gallery", tmp_path / "gallery", "--json"
    )
    assert {match["id"] for match in json.loads(found)["matches"]} == set(names)
