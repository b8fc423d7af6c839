"""Galleries of the Hub: what comes out of them whole, and what hostile ones cannot do."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xmr_core.commands.gallery import gallery as command
from xmr_core.errors import GalleryError, HubError
from xmr_core.files import checksum
from xmr_core.gallery import Gallery, GalleryCard
from xmr_core.gallery.foreign import check_foreign
from xmr_core.hub.pictures import pack_pictures, unpack_pictures
from xmr_core.types import Caption, Clip

WEBP = b"RIFF\4\0\0\0WEBPVP8 "
Files = dict[str, bytes]


def files_of(tmp_path: Path) -> Files:
    """A good gallery of two clips, as files of a repository."""
    clips = tuple(
        Clip(f"clip{n}", f"{n}.mp4", 0.0, 1.0, (Caption("a boat", "en"),), url="https://a.b/c")
        for n in range(2)
    )
    card = GalleryCard("two", "small", "", 4, 2, 2, "media")
    parts = {"global": np.eye(2, 4, dtype=np.float32)}
    Gallery(card, clips, parts).save(tmp_path / "gallery")
    return {path.name: path.read_bytes() for path in (tmp_path / "gallery").iterdir()}


def with_items(files: Files, change: Callable[[dict[str, Any]], object]) -> Files:
    """The gallery with its first clip changed, and a card that fits."""
    lines = [json.loads(line) for line in files["items.jsonl"].decode().splitlines()]
    change(lines[0])
    items = "".join(json.dumps(line) + "\n" for line in lines).encode()
    return sealed({**files, "items.jsonl": items})


def sealed(files: Files, **fields: Any) -> Files:
    """The gallery with fields of its card changed and right checksums."""
    import hashlib

    names = ("items.jsonl", "embeddings.safetensors")
    checksums = {name: hashlib.sha256(files[name]).hexdigest() for name in names}
    card = {**json.loads(files["card.json"]), "checksums": checksums, **fields}
    return {**files, "card.json": json.dumps(card).encode()}


def tar_of(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for member, data in members:
            member.size = len(data) if member.isreg() else 0
            archive.addfile(member, io.BytesIO(data))
    return content.getvalue()


def test_a_gallery_becomes_an_ordinary_folder(hub, call, tmp_path):
    pictures = tar_of((tarfile.TarInfo("posters/clip0.webp"), WEBP))
    extra = {"pictures.tar": pictures, "posters/clip1.webp": WEBP, "evil.sh": b"rm"}
    revision = hub.add_dataset("me/good", files_of(tmp_path) | extra | {"media/0.mp4": b"video"})
    folder = Path(call.value("gallery_folder", f"hf://me/good@{revision}"))
    gallery = Gallery.load(folder)
    for n in range(2):
        poster = gallery.poster_path(f"clip{n}")
        assert poster is not None and poster.read_bytes() == WEBP and poster.is_relative_to(folder)
    assert gallery.media_path(gallery.clips[0]).read_bytes() == b"video"
    assert not any(path.is_symlink() for path in folder.rglob("*"))
    assert not (folder / "evil.sh").exists()
    hub.requests.clear()
    assert call.value("gallery_folder", f"hf://datasets/me/good@{revision}") == str(folder)
    assert hub.requests == []


def test_a_copy_of_the_repository_is_a_gallery_too(tmp_path, capsys):
    pictures = tar_of((tarfile.TarInfo("posters/clip0.webp"), WEBP))
    for name, content in (files_of(tmp_path) | {"pictures.tar": pictures}).items():
        (tmp_path / "gallery" / name).write_bytes(content)
    command("pull", str(tmp_path / "gallery"))
    assert "two: 2 clips, made by the checkpoint small" in capsys.readouterr().out
    assert Gallery.load(tmp_path / "gallery").poster_path("clip0") is not None
    (tmp_path / "gallery" / "card.json").write_bytes(
        sealed(files_of(tmp_path), media_root="/")["card.json"]
    )
    (tmp_path / "gallery" / "pictures.tar").write_bytes(pictures)
    with pytest.raises(GalleryError, match="is outside of it"):
        command("pull", str(tmp_path / "gallery"))


HOSTILE: dict[str, tuple[Callable[[Files], Files], str]] = {
    "absolute media": (lambda f: sealed(f, media_root="/"), "media folder '/' is outside"),
    "media above": (lambda f: sealed(f, media_root="../.."), "is outside"),
    "media of windows": (lambda f: sealed(f, media_root="C:\\"), "is outside"),
    "media no text": (lambda f: sealed(f, media_root=["/"]), "is no text"),
    "name no text": (lambda f: sealed(f, name={"a": 1}), "is no text"),
    "note no text": (lambda f: sealed(f, note=[1]), "is no text"),
    "changes of text": (lambda f: sealed(f, changes={"added": "<b>"}), "no numbers"),
    "path above": (lambda f: with_items(f, lambda c: c.update(video="../../x")), "points outside"),
    "absolute path": (lambda f: with_items(f, lambda c: c.update(video="/etc/passwd")), "points"),
    "program link": (
        lambda f: with_items(f, lambda c: c.update(url="javascript:alert(1)")),
        "no web address",
    ),
    "id of a path": (lambda f: with_items(f, lambda c: c.update(id="../a")), "not allowed"),
    "id of a tag": (lambda f: with_items(f, lambda c: c.update(id="<b>")), "not allowed"),
    "caption of numbers": (
        lambda f: with_items(f, lambda c: c.update(captions=[{"text": [1], "language": "en"}])),
        "a text that is none",
    ),
    "time of text": (lambda f: with_items(f, lambda c: c.update(start_s="0")), "no number"),
    "no time": (lambda f: with_items(f, lambda c: c.update(end_s=float("nan"))), "no number"),
    "repeats a path": (lambda f: with_items(f, lambda c: c.update(duplicate_of="../x")), "no id"),
    "unknown field": (lambda f: with_items(f, lambda c: c.update(run="rm")), "damaged"),
    "nested": (
        lambda f: sealed({**f, "items.jsonl": b"[" * 200_000 + b"\n"}),
        "damaged",
    ),
    "other embeddings": (
        lambda f: {**f, "embeddings.safetensors": f["embeddings.safetensors"] + b"\0"},
        "not the file that its card describes",
    ),
    "cut embeddings": (
        lambda f: sealed({**f, "embeddings.safetensors": b"\xff" * 16}),
        "damaged",
    ),
    "no card": (lambda f: {n: c for n, c in f.items() if n != "card.json"}, "holds no gallery"),
    "no json": (lambda f: {**f, "card.json": b"{"}, "damaged"),
    "picture that is none": (lambda f: f | {"posters/clip0.webp": b"<script>"}, "no WebP"),
    "tar out": (
        lambda f: f | {"pictures.tar": tar_of((tarfile.TarInfo("../posters/a.webp"), WEBP))},
        "no name of a gallery's picture",
    ),
    "tar absolute": (
        lambda f: f | {"pictures.tar": tar_of((tarfile.TarInfo("/posters/a.webp"), WEBP))},
        "no name of a gallery's picture",
    ),
    "no tar": (lambda f: f | {"pictures.tar": b"x" * 2000}, "damaged"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_gallery_is_never_usable(hub, call, cache, tmp_path, case):
    spoil, sentence = HOSTILE[case]
    name = f"bad/{case.replace(' ', '-')}"
    revision = hub.add_dataset(name, spoil(files_of(tmp_path)))
    assert sentence in call.error("gallery_folder", f"hf://{name}@{revision}")
    kept = cache / "assets" / "xmr" / "galleries" / name.replace("/", "--")
    assert not kept.exists() or list(kept.iterdir()) == []


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_pictures_that_are_links_are_not_unpacked(tmp_path, kind):
    link = tarfile.TarInfo("posters/a.webp")
    link.type, link.linkname = kind, "/etc/passwd"
    (tmp_path / "pictures.tar").write_bytes(tar_of((link, b"")))
    with pytest.raises(HubError, match="which is no picture"):
        unpack_pictures(tmp_path / "pictures.tar", tmp_path)
    assert not (tmp_path / "posters").exists()


def test_a_picture_of_many_megabytes_is_not_read(tmp_path):
    member = tarfile.TarInfo("posters/a.webp")
    member.size = 10**12
    (tmp_path / "pictures.tar").write_bytes(member.tobuf() + b"\0" * 1024)
    with pytest.raises(HubError, match="larger than a picture"):
        unpack_pictures(tmp_path / "pictures.tar", tmp_path)


def test_packed_pictures_come_back_and_depend_on_nothing_else(tmp_path):
    name = f"posters/{'a' * 150}.webp"
    (tmp_path / "one").write_bytes(WEBP)
    pack_pictures({name: tmp_path / "one"}, tmp_path / "a.tar")
    (tmp_path / "one").touch()
    pack_pictures({name: tmp_path / "one"}, tmp_path / "b.tar")
    assert checksum(tmp_path / "a.tar") == checksum(tmp_path / "b.tar")
    assert unpack_pictures(tmp_path / "a.tar", tmp_path / "out") == 1
    assert (tmp_path / "out" / name).read_bytes() == WEBP
    (tmp_path / "two").write_bytes(b"GIF89a")
    with pytest.raises(HubError, match="no WebP"):
        pack_pictures({name: tmp_path / "two"}, tmp_path / "c.tar")


def test_the_bundled_gallery_would_pass_but_for_its_media_folder():
    root = Path(__file__).resolve().parents[3] / "assets/scenes/galleries/scenes-triplet-16"
    with pytest.raises(GalleryError, match=r"its media folder .* is outside"):
        check_foreign(Gallery.load(root))


def test_a_card_of_the_hub_names_no_file_elsewhere(hub, call):
    card = """id = "x"\nmethod = "clip"\ntitle = "x"\nlanguages = []\nwidth = 4\nnum_frames = 1
weights = "../../x.safetensors"\nsha256 = ""\nlicence = "MIT"\n"""
    hub.add_model("bad/card", {"card.toml": card.encode()})
    assert "is no file beside it" in call.error("find_card", "hf://bad/card")
    good = card.replace("../../x", "x")
    hub.add_model("bad/card", {"card.toml": good.encode(), "x.safetensors": b"\0" * 9})
    hub.requests.clear()
    assert call.value("find_card", "hf://bad/card") == "x"
    assert not any("x.safetensors" in request.path for request in hub.requests)
