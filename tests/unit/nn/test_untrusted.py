import argparse
import pathlib

import pytest
import torch

from xmr_core.errors import CheckpointError
from xmr_core.nn.untrusted import load_untrusted, state_dict


class Bomb:
    """Creates a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return pathlib.Path.touch, (pathlib.Path(self.path),)


def test_tensors_and_options_are_read(tmp_path):
    saved = {"model": {"w": torch.ones(2)}, "opt": argparse.Namespace(lr=0.1, name="x")}
    torch.save(saved, tmp_path / "a.pth.tar")
    found = load_untrusted(tmp_path / "a.pth.tar")
    assert torch.equal(found["model"]["w"], torch.ones(2))
    assert found["opt"].lr == 0.1


def test_code_in_a_file_is_refused_and_never_runs(tmp_path):
    torch.save({"w": Bomb(str(tmp_path / "ran"))}, tmp_path / "bomb.pt")
    with pytest.raises(CheckpointError, match="not a plain file of tensors"):
        load_untrusted(tmp_path / "bomb.pt")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\x80\x02nonsense"])
def test_damage_is_one_sentence(tmp_path, content):
    (tmp_path / "broken.pt").write_bytes(content)
    with pytest.raises(CheckpointError) as told:
        load_untrusted(tmp_path / "broken.pt")
    assert "broken.pt" in str(told.value)
    assert "\n" not in str(told.value)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_untrusted(tmp_path / "nothing.pt")


def test_a_state_dict_holds_tensors_only():
    assert set(state_dict({"w": torch.ones(1)}, "f")) == {"w"}
    with pytest.raises(CheckpointError, match="not named tensors"):
        state_dict([1], "f")
    with pytest.raises(CheckpointError, match="epoch"):
        state_dict({"w": torch.ones(1), "epoch": 3}, "f")
