"""Published checkpoint layouts through the command, as far as original-like files are here."""

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
