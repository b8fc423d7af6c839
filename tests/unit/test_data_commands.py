"""`xmr data` and `xmr import-frames`, as a user types them."""

import json
import sys

from PIL import Image

from xmr_core.__main__ import main
from xmr_core.datasets.catalogue import DATASETS
from xmr_core.media.frame_store import FrameStore


def xmr(monkeypatch, capsys, *arguments):
    """Runs a command in this process: exit status, stdout, stderr."""
    monkeypatch.setattr(sys, "argv", ["xmr", *map(str, arguments)])
    status = 0
    try:
        main()
    except SystemExit as stop:
        status = stop.code or 0
    out, err = capsys.readouterr()
    return status, out, err


def test_data_list_and_check(tmp_path, monkeypatch, capsys):
    status, out, _ = xmr(monkeypatch, capsys, "data")
    assert status == 0 and [line.split()[0] for line in out.splitlines()] == list(DATASETS)
    assert json.loads(xmr(monkeypatch, capsys, "data", "list", "--json")[1]).keys() == (
        DATASETS.keys()
    )
    image = {"imgid": 1, "filename": "1.jpg", "split": "test", "sentences": []}
    (tmp_path / "dataset_coco.json").write_text(json.dumps({"images": [image]}))
    status, out, _ = xmr(monkeypatch, capsys, "data", "check", "coco", "--root", tmp_path)
    assert status == 0 and "test: 0 of 1 media files are there" in out
    record = json.loads(
        xmr(monkeypatch, capsys, "data", "check", "coco", "--root", tmp_path, "--json")[1]
    )
    assert record["media"] == {"test": [0, 1]} and record["complete"] is False
    for wrong in (("check",), ("check", "nothing", "--root", tmp_path)):
        status, out, err = xmr(monkeypatch, capsys, "data", *wrong)
        assert (status, out) == (2, "") and err.count("\n") == 1


def test_import_frames(tmp_path, monkeypatch, capsys):
    (tmp_path / "videos").mkdir()
    Image.new("L", (24, 16), 90).save(tmp_path / "videos/clip.gif")
    (tmp_path / "videos/bad.mp4").write_bytes(b"nothing")
    arguments = ("import-frames", tmp_path / "videos", "--out", tmp_path / "store")
    status, _, err = xmr(monkeypatch, capsys, *arguments, "--frames", 0)
    assert status == 2 and "at least 1" in err
    status, out, _ = xmr(monkeypatch, capsys, *arguments, "--frames", 3)
    assert status == 0
    assert out.startswith("1 videos of 3 frames") and "bad.mp4: 'bad.mp4' cannot be read" in out
    assert FrameStore(tmp_path / "store").pools == {"clip": 3}
