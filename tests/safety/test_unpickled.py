"""No command unpickles: whatever file it is given, nothing that the file holds is run."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from safety.hostile import object_array, pickles

from xmr_core.__main__ import main
from xmr_core.checkpoints import load_checkpoint
from xmr_core.commands.shelf import CONVERTERS
from xmr_core.errors import VideoUnavailableError, XmrError
from xmr_core.media.frames import sample_frames
from xmr_core.methods.clip.files import load_open_clip

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def mark(tmp_path):
    """A file that must not come to be."""
    yield tmp_path / "mark"
    assert not (tmp_path / "mark").exists(), "something in a file was run"


@pytest.fixture
def xmr(monkeypatch, capfd):
    """Runs a command; returns its status and what it said."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["xmr", *map(str, arguments)])
        try:
            main()
            status = 0
        except SystemExit as end:
            status = end.code
        captured = capfd.readouterr()
        return status, captured.out + captured.err

    return run


@pytest.mark.parametrize("layout", CONVERTERS)
def test_import_of_hostile_checkpoints(xmr, tmp_path, mark, layout):
    for name, file in pickles(tmp_path / "files", mark).items():
        status, said = xmr(
            "checkpoints", "import", file, "--format", layout, "--out", tmp_path / "new"
        )
        assert status == 2, (name, said)
        assert "Traceback" not in said and said.count("\n") == 1


def test_import_of_hostile_arrays(xmr, tmp_path, mark):
    folder = tmp_path / "cmfh"
    folder.mkdir()
    hostile = tmp_path / "hostile.npy"
    hostile.write_bytes(object_array(mark))
    good = tmp_path / "good.npy"
    np.save(good, np.zeros(2, np.float32))
    command = ["checkpoints", "import", folder, "--format", "cmfh", "--out", tmp_path / "new"]
    for name in ("P1.npy", "P2.npy"):
        (folder / name).write_bytes(object_array(mark))
    status, said = xmr(*command, "--means", good, good)
    assert (status, said.count("\n")) == (2, 1)
    for name in ("P1.npy", "P2.npy"):
        np.save(folder / name, np.zeros((4, 2), np.float32))
    for option in ("--means", "--training", "--sample"):
        status, said = xmr(*command, option, hostile, hostile)
        assert (status, said.count("\n")) == (2, 1), said


def test_a_pickle_under_every_name_of_a_weights_file(xmr, tmp_path, mark):
    files = pickles(tmp_path / "files", mark)
    model = ROOT / "checkpoints" / "scenes-clip"
    names = (
        "open_clip_model.safetensors", "open_clip_pytorch_model.bin", "model.safetensors",
        "pytorch_model.bin", "tokenizer.json",
    )  # fmt: skip
    for name in names:
        for number, file in enumerate(files[some] for some in ("plain4.bin", "zip.pth")):
            folder = tmp_path / f"{name}{number}"
            folder.mkdir()
            for kept in ("open_clip_config.json", "tokenizer.json", "tokenizer_config.json"):
                shutil.copy(model / kept, folder / kept)
            shutil.copy(file, folder / name)
            if name in ("tokenizer.json",):
                shutil.copy(model / "open_clip_model.safetensors", folder)
            with pytest.raises(XmrError) as told:
                load_checkpoint(str(folder))
            assert "\n" not in str(told.value)


@pytest.mark.parametrize("method", ["cmfh", "cmpl", "hmmc", "mlcmr", "nrccr", "triplet"])
def test_weights_of_a_card_that_are_a_pickle(xmr, tmp_path, mark, method):
    from xmr_core.checkpoints import write_card
    from xmr_core.files import checksum
    from xmr_core.types import CheckpointCard

    files = pickles(tmp_path / "files", mark)
    for number, file in enumerate(files[some] for some in ("plain2.bin", "old.pth.tar")):
        folder = tmp_path / f"card{number}"
        folder.mkdir()
        shutil.copy(file, folder / "model.safetensors")
        (folder / "config.json").write_text("{}")
        card = CheckpointCard(
            id="x", method=method, title="x", languages=("en",), width=4, num_frames=2,
            weights="model.safetensors", sha256=checksum(folder / "model.safetensors"),
            licence="none",
        )  # fmt: skip
        write_card(card, folder)
        status, said = xmr("search", "a red car", "--checkpoint", folder)
        assert status == 2 and "Traceback" not in said, said


def test_a_card_cannot_name_a_file_elsewhere(tmp_path, mark):
    shutil.copytree(ROOT / "checkpoints" / "scenes-clip", tmp_path / "copy")
    files = pickles(tmp_path / "files", mark)
    card = (tmp_path / "copy" / "card.toml").read_text()
    for path in ("../files/zip.pth", str(files["zip.pth"]), "..\\files\\zip.pth"):
        named = card.replace('"open_clip_model.safetensors"', json.dumps(path))
        assert named != card
        (tmp_path / "copy" / "card.toml").write_text(named)
        with pytest.raises(XmrError):
            load_checkpoint(str(tmp_path / "copy"))


def test_a_tokenizer_cannot_bring_a_program(tmp_path, mark):
    shutil.copytree(ROOT / "checkpoints" / "scenes-clip", tmp_path / "copy")
    folder = tmp_path / "copy"
    (folder / "card.toml").unlink()
    (folder / "evil.py").write_text(f"open({str(mark)!r}, 'w').close()\nclass Evil: pass\n")
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    auto = {"AutoTokenizer": ["evil.Evil", "evil.Evil"], "AutoConfig": "evil.Evil"}
    (folder / "tokenizer_config.json").write_text(
        json.dumps(settings | {"auto_map": auto, "tokenizer_class": "Evil"})
    )
    with pytest.raises(XmrError):  # it would ask at the terminal whether to run it
        load_checkpoint(str(folder))
    config = json.loads((folder / "open_clip_config.json").read_text())
    for asked in ({"trust_remote_code": True}, {"code_revision": "x"}, {"tokenizer_file": "/x"}):
        config["model_cfg"]["text_cfg"]["tokenizer_kwargs"] = asked
        (folder / "open_clip_config.json").write_text(json.dumps(config))
        with pytest.raises(XmrError, match=next(iter(asked))):
            load_checkpoint(str(folder))


def test_a_name_of_open_clip_is_no_path_and_no_repository(tmp_path, mark, monkeypatch):
    files = pickles(tmp_path / "files", mark)
    monkeypatch.chdir(tmp_path)
    for name in (f"ViT-B-32/{files['zip.pth']}", "ViT-B-32/files/script.pt", "x/y", "ViT-B-32/"):
        with pytest.raises(XmrError):
            load_checkpoint(name)
    for name in ("hf-hub:someone/else", f"ViT-B-32/{files['zip.pth']}"):
        with pytest.raises(XmrError, match="knows no such weights"):
            load_open_clip(name)


def test_a_text_tower_cannot_bring_a_program(tmp_path, mark):
    shutil.copytree(ROOT / "checkpoints" / "scenes-clip", tmp_path / "copy")
    folder = tmp_path / "copy"
    (folder / "card.toml").unlink()
    config = json.loads((folder / "open_clip_config.json").read_text())
    config["model_cfg"]["text_cfg"]["hf_model_name"] = "someone/else"
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    for place in (folder, folder / "text"):
        place.mkdir(exist_ok=True)
        (place / "evil.py").write_text(f"open({str(mark)!r}, 'w').close()\nclass Evil: pass\n")
        (place / "config.json").write_text(
            json.dumps({"model_type": "evil", "auto_map": {"AutoConfig": "evil.Evil"}})
        )
        with pytest.raises(XmrError):
            load_checkpoint(str(folder))


def test_a_pickle_is_no_video(tmp_path, mark):
    files = pickles(tmp_path / "files", mark)
    (tmp_path / "array.mp4").write_bytes(object_array(mark))
    for file in (*files.values(), tmp_path / "array.mp4"):
        with pytest.raises(VideoUnavailableError):
            sample_frames(file, 2)


def test_hostile_files_in_every_other_argument(xmr, tmp_path, mark):
    files = pickles(tmp_path / "files", mark)
    array = tmp_path / "features.npy"
    array.write_bytes(object_array(mark))
    ids = tmp_path / "ids.txt"
    ids.write_text("a\nb\n")
    gallery = tmp_path / "gallery"
    gallery.mkdir()
    shutil.copy(files["zip.pth"], gallery / "embeddings.safetensors")
    shutil.copy(files["plain2.bin"], gallery / "items.jsonl")
    shutil.copy(files["plain2.bin"], gallery / "card.json")
    store = tmp_path / "store"
    store.mkdir()
    shutil.copy(files["plain2.bin"], store / "data.mdb")
    archive = files["zip.pth"]
    commands = [
        ["search", "a car", "--gallery", gallery],
        ["gallery", "verify", gallery],
        ["gallery", "show", gallery],
        ["checkpoints", "verify", archive],
        ["checkpoints", "show", tmp_path / "files"],
        ["evaluate", archive],
        ["evaluate", "scenes-clip", "--features", array, array],
        ["evaluate", "scenes-clip", "--features", archive, archive, "--labels", array],
        ["evaluate", "scenes-clip", "--data", "msvd", "--root", tmp_path, "--features", array],
        ["index", "--data", "msrvtt", "--root", tmp_path, "--frames", store, "--out", "x"],
        ["data", "check", "msrvtt", "--root", tmp_path / "files"],
    ]
    for command in commands:
        status, said = xmr(*command)
        assert status in (0, 1, 2), (command, said)
        assert "Traceback" not in said, (command, said)
        assert status == 2 or command[0] == "data", (command, said)
