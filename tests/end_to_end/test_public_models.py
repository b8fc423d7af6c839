"""Models in the layouts of the public ones, from a folder to an explanation, by the commands."""

import json
import subprocess
import sys

import numpy as np
import pytest
from hub_server import ROOT, HubServer
from published_layouts import SIDE, WIDTH, WITHOUT_CARD, clip4clip, xlm_roberta

from xmr_core import Engine
from xmr_core.__main__ import main
from xmr_core.checkpoints import load_checkpoint, read_card, write_card
from xmr_core.errors import CheckpointError, GalleryError
from xmr_core.media.write import write_mp4
from xmr_core.types import CheckpointCard

# The others are explained in the tests of the loaders; starting readers of videos is what costs.
EXPLAINED_HERE = {"clip4clip", "siglip2"}


def card(source, **fields) -> CheckpointCard:
    given = {"width": WIDTH, "num_frames": 3, "image_size": SIDE, **fields}
    return CheckpointCard(
        id="public", method="clip", title="Small", languages=("en",), weights="", sha256="",
        licence="MIT", source=source, **given,
    )  # fmt: skip


@pytest.fixture
def xmr(monkeypatch, capsys):
    """Runs a command in this process; its output, or the error of one that is refused."""

    def run(*arguments: str, status: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["xmr", *map(str, arguments)])
        found = 0
        try:
            main()
        except SystemExit as stop:
            found = stop.code or 0
        out, err = capsys.readouterr()
        assert found == status, err
        return out if status == 0 else err

    return run


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("videos")
    for seed, name in enumerate(("one", "two")):
        coarse = np.random.default_rng(seed).integers(0, 256, (12, 6, 11, 3), np.uint8)
        frames = coarse.repeat(16, axis=1).repeat(16, axis=2)
        write_mp4(folder / f"{name}.mp4", frames, fps=6)
    return folder


@pytest.mark.parametrize("family", [*WITHOUT_CARD, "xlm-roberta"])
def test_a_folder_of_every_family_is_indexed_searched_and_explained(family, videos, tmp_path, xmr):
    folder, gallery = tmp_path / family, tmp_path / "gallery"
    if family == "xlm-roberta":
        write_card(card(xlm_roberta(folder)), folder)
    else:
        WITHOUT_CARD[family](folder)
    assert "2 clips" in xmr("index", videos, "--out", gallery, "--checkpoint", folder)
    asked = ("a red car", "--gallery", gallery, "--checkpoint", folder, "--json")
    found = json.loads(xmr("search", *asked))
    assert [match["rank"] for match in found["matches"]] == [1, 2]
    best = found["matches"][0]
    if family not in EXPLAINED_HERE:
        return
    why = json.loads(xmr("explain", "a red car", best["id"], *asked[1:]))
    assert why["score"] == pytest.approx(best["score"], abs=2e-3)
    assert why["words"] == ["a", "red", "car"]
    assert why["patch_method"] == ("Grad-ECLIP" if family == "clip4clip" else "")


def test_a_card_takes_its_files_from_beside_it_and_checks_them(tmp_path, xmr):
    folder = tmp_path / "public"
    clip4clip(folder)
    files = {path.name: "" for path in folder.iterdir()}
    source = {"kind": "transformers", "repo": "owner/name", "revision": "0" * 40, "files": files}
    write_card(card(source), folder)
    assert load_checkpoint(str(folder))[0].id == "public"
    assert "sha256" not in xmr("checkpoints", "show", folder).split('"files"')[1].split("}")[0]

    printed = xmr("checkpoints", "pin", folder)
    pinned = read_card(folder).source["files"]
    assert all(len(sha256) == 64 for sha256 in pinned.values())
    assert pinned["model.safetensors"] in printed
    assert load_checkpoint(str(folder))[1] == max(
        (sha256 for name, sha256 in pinned.items() if name == "model.safetensors")
    )
    assert "verified" in xmr("checkpoints", "verify", folder)

    with (folder / "config.json").open("a") as file:
        file.write("\n")
    with pytest.raises(CheckpointError, match=r"config\.json has sha256"):
        load_checkpoint(str(folder))
    (folder / "config.json").unlink()
    assert "xmr checkpoints pull" in xmr("checkpoints", "verify", folder, status=2)


def test_a_card_alone_fetches_its_model_from_the_hub_once(tmp_path, videos):
    clip4clip(tmp_path / "published")
    files = {path.name: path.read_bytes() for path in (tmp_path / "published").iterdir()}
    with HubServer() as hub:
        revision = hub.add_model("owner/clip", files)
        source = {
            "kind": "transformers", "repo": "owner/clip", "revision": revision,
            "files": dict.fromkeys(sorted(files), ""),
        }  # fmt: skip
        (tmp_path / "public").mkdir()
        write_card(card(source), tmp_path / "public")
        environment = hub.environment(tmp_path / "cache")

        def xmr(*arguments: object, offline: bool) -> str:
            done = subprocess.run(
                [sys.executable, "-m", "xmr_core", *map(str, arguments)],
                env=environment | ({"HF_HUB_OFFLINE": "1"} if offline else {}),
                cwd=ROOT, capture_output=True, text=True, timeout=120,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            return done.stdout

        checkpoint, gallery = tmp_path / "public", tmp_path / "gallery"
        assert "owner/clip" in xmr("checkpoints", "pin", checkpoint, offline=False)
    assert all(read_card(checkpoint).source["files"].values())
    xmr("index", videos, "--out", gallery, "--checkpoint", checkpoint, offline=True)
    assert "verified" in xmr("checkpoints", "verify", checkpoint, offline=True)
    card_of_gallery = json.loads((gallery / "card.json").read_text())
    assert (
        card_of_gallery["checkpoint_sha256"]
        == read_card(checkpoint).source["files"]["model.safetensors"]
    )


def test_the_list_shows_what_is_here_and_what_is_on_the_hub(xmr):
    here, there = xmr("checkpoints", "list").split("on the Hub")
    assert "scenes-clip" in here and "openai-vit-b-32" not in here
    assert "openai-vit-b-32" in there and "scenes-clip" not in there
    shown = json.loads(xmr("checkpoints", "show", "openai-vit-b-32"))
    assert shown["source"]["architecture"] == "ViT-B-32-quickgelu"
    assert shown["published"][0]["source"] and shown["notes"]


def test_a_name_of_a_public_model_is_a_checkpoint_like_any_other():
    """Its bundled gallery does not exist; the message says how to make one, before any download."""
    with pytest.raises(GalleryError, match=r"xmr index .* siglip2-base-patch16-224"):
        Engine("siglip2-base-patch16-224")
