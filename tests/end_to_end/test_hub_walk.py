"""The walk of a person who publishes, and of another who fetches, through the command line.

A Hub on 127.0.0.1 stands for the Hub; huggingface_hub, open_clip and the commands are real.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hub_server import ROOT, TOKEN, HubServer
from small_models import small_clip, write_small_card

from xmr_core.checkpoints import BUNDLED, known_checkpoints, load_checkpoint
from xmr_core.errors import CheckpointError
from xmr_core.gallery import Gallery, GalleryCard
from xmr_core.media.poster import write_poster
from xmr_core.publish.checkpoint import publish_checkpoint
from xmr_core.types import Caption, Clip

CAPTION = "a red car drives to the left"


@pytest.fixture(scope="module")
def hub():
    with HubServer() as server:
        yield server


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def checkpoint(home) -> Path:
    small_clip(home / "small")
    write_small_card(home / "small")
    (home / "small" / "pytorch_model.bin").write_bytes(b"a pickle that nobody asked for")
    return home / "small"


@pytest.fixture(scope="module")
def gallery(home, checkpoint) -> Path:
    """Two clips with posters and videos, by the small checkpoint."""
    encoder, sha256 = load_checkpoint(str(checkpoint))
    texts = [CAPTION, "two blue dogs jump on the road"]
    clips = tuple(
        Clip(f"clip{n}", f"sub/{n}.mp4", 0.0, 2.0, (Caption(text, "en"),), url="https://a.b/c")
        for n, text in enumerate(texts)
    )
    (home / "videos" / "sub").mkdir(parents=True)
    for n in range(2):
        (home / "videos" / "sub" / f"{n}.mp4").write_bytes(b"video %d" % n)
    card = GalleryCard("two", encoder.id, sha256, 32, 4, 2, str(home / "videos"))
    parts = {"global": encoder.encode_text(texts)["global"].numpy()}
    return _save(Gallery(card, clips, parts), home / "two")


def _save(gallery: Gallery, folder: Path) -> Path:
    import numpy as np

    picture = folder.with_suffix(".webp")
    write_poster(np.zeros((32, 48, 3), dtype=np.uint8), picture)
    posters = {clip.id: picture for clip in gallery.clips}
    gallery.save(folder, posters, {"clip0": [picture, picture]})
    return folder


class Person:
    """Somebody at a terminal, with a cache of their own."""

    def __init__(self, hub: HubServer, cache: Path, token: str | None = None) -> None:
        self.environment = hub.environment(cache, token)

    def xmr(self, *arguments: str, offline: bool = False) -> str:
        done = self._run(arguments, offline)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, *arguments: str, offline: bool = False) -> str:
        done = self._run(arguments, offline)
        assert done.returncode == 2, done.stdout + done.stderr
        (line,) = [line for line in done.stderr.splitlines() if line.startswith("xmr: ")]
        return line

    def _run(self, arguments: tuple[str, ...], offline: bool) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "xmr_core", *arguments],
            env=self.environment | ({"HF_HUB_OFFLINE": "1"} if offline else {}),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=280,
        )


@pytest.fixture(scope="module")
def author(hub, home):
    return Person(hub, home / "author", TOKEN)


@pytest.fixture(scope="module")
def reader(hub, home):
    return Person(hub, home / "reader")


@pytest.fixture(scope="module")
def published(author, checkpoint, gallery) -> tuple[str, str]:
    """The pinned addresses of the checkpoint and of the gallery."""
    first = author.xmr("checkpoints", "publish", str(checkpoint), "--to", "me/small")
    second = author.xmr("gallery", "publish", str(gallery), "--to", "me/two")
    return first.split()[-1], second.split()[-1]


def test_what_is_published_is_found_by_another_even_offline(reader, published, hub):
    checkpoint, gallery = published
    pulled = reader.xmr("checkpoints", "pull", checkpoint)
    assert "Small" in pulled and f"--checkpoint {checkpoint}" in pulled
    assert f"--gallery {gallery}" in reader.xmr("gallery", "pull", gallery)
    ask = ("search", CAPTION, "--checkpoint", checkpoint, "--gallery", gallery, "--json")
    hub.requests.clear()
    answer = json.loads(reader.xmr(*ask, offline=True))
    assert [match["id"] for match in answer["matches"]] == ["clip0", "clip1"]
    assert answer["matches"][0]["score"] == pytest.approx(1.0, abs=1e-3)
    assert "verified" in reader.xmr("checkpoints", "verify", checkpoint, offline=True)
    assert "in order" in reader.xmr("gallery", "verify", gallery, offline=True)
    assert hub.requests == []


def test_nothing_but_the_layout_is_published(published, hub, home):
    files = hub.files("model", "me/small")
    assert {"card.toml", "open_clip_config.json", "open_clip_model.safetensors"} <= set(files)
    assert "pytorch_model.bin" not in files
    readme = files["README.md"].decode()
    assert readme.startswith('---\nlicense: "mit"\n') and "# Small" in readme
    files = hub.files("dataset", "me/two")
    expected = {"README.md", "card.json", "items.jsonl", "embeddings.safetensors", "pictures.tar"}
    assert set(files) == expected
    assert not any(str(home).encode() in content for content in files.values())


def test_videos_are_published_when_asked_for_and_removed_again(author, gallery, hub, tmp_path):
    assert "--licence" in author.refused(
        "gallery", "publish", str(gallery), "--to", "me/films", "--with-media"
    )
    options = ("--to", "me/films", "--with-media", "--licence", "cc-by-4.0")
    address = author.xmr("gallery", "publish", str(gallery), *options).split()[-1]
    assert hub.files("dataset", "me/films")["media/sub/1.mp4"] == b"video 1"
    other = Person(hub, tmp_path)
    place = other.xmr("gallery", "pull", address).splitlines()[1].removeprefix("  in ")
    pulled = Gallery.load(place)
    assert pulled.media_path(pulled.clips[1]).read_bytes() == b"video 1"
    poster = pulled.poster_path("clip1")
    assert poster is not None and poster.is_relative_to(place)
    assert [path.name for path in pulled.still_paths("clip0")] == [
        "clip0.0.webp",
        "clip0.1.webp",
    ]
    author.xmr("gallery", "publish", str(gallery), "--to", "me/films")
    assert not any(name.startswith("media") for name in hub.files("dataset", "me/films"))


def test_an_open_clip_model_of_the_hub_loads_without_a_card(reader, checkpoint, gallery, hub):
    names = [path.name for path in checkpoint.iterdir() if path.name != "card.toml"]
    revision = hub.add_model("lab/tiny", {n: (checkpoint / n).read_bytes() for n in names})
    asked = ("search", CAPTION, "--gallery", str(gallery), "--json")
    answer = json.loads(reader.xmr(*asked, "--checkpoint", f"hf-hub:lab/tiny@{revision}"))
    assert answer["matches"][0]["id"] == "clip0"
    assert answer["checkpoint"] == "hf-hub:lab/tiny"
    assert not any("pytorch_model.bin" in request.path for request in hub.requests)


def test_a_known_model_of_others_is_pulled_and_verified_by_its_id(reader, hub):
    (card,) = [card for card in known_checkpoints() if card.id == "clip4clip-webvid150k"]
    files = {name: name.encode() * 9 for name in card.source["files"]} | {"training_args.bin": b"p"}
    hub.add_model(card.source["repo"], files, revision=card.source["revision"])
    assert "xmr checkpoints pull" in reader.refused("checkpoints", "verify", card.id)
    assert f"--checkpoint {card.id}" in reader.xmr("checkpoints", "pull", card.id)
    assert "verified" in reader.xmr("checkpoints", "verify", card.id, offline=True)
    assert not any("training_args" in request.path for request in hub.requests)


def test_a_checkpoint_that_leans_on_its_neighbour_is_not_published():
    with pytest.raises(CheckpointError, match="does not load from its own files alone"):
        publish_checkpoint(BUNDLED / "scenes-triplet-16", "me/leaning")


def test_refusals_are_one_line(reader, author, hub, checkpoint, gallery, tmp_path):
    hub.add_model(
        "lab/pickles", {"open_clip_config.json": b"{}", "open_clip_pytorch_model.bin": b"p"}
    )
    assert "can run code" in reader.refused("checkpoints", "pull", "hf://lab/pickles")
    assert "no data set lab/none" in reader.refused("gallery", "pull", "hf://lab/none")
    assert "holds no gallery" in _refused_gallery(reader, hub, {"readme.md": b""})
    assert "token" in reader.refused("gallery", "publish", str(gallery), "--to", "me/x")
    damaged = tmp_path / "damaged"
    _copy(checkpoint, damaged)
    (damaged / "open_clip_model.safetensors").write_bytes(b"other")
    assert "damaged" in author.refused("checkpoints", "publish", str(damaged), "--to", "me/bad")
    assert ("model", "me/bad") not in hub.repositories


def _refused_gallery(reader: Person, hub: HubServer, files: dict[str, bytes]) -> str:
    revision = hub.add_dataset("lab/hostile", files)
    line = reader.refused("gallery", "pull", f"hf://lab/hostile@{revision}")
    kept = Path(reader.environment["HF_HOME"]) / "assets" / "xmr" / "galleries" / "lab--hostile"
    assert not kept.exists() or list(kept.iterdir()) == []
    return line


def _copy(source: Path, target: Path) -> None:
    import shutil

    shutil.copytree(source, target)
