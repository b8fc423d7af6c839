"""Forged galleries and files that are bombs, through the real readers; texts that would act."""

import csv
import gzip
import io
import json
import shutil
import sys
import unicodedata
import zipfile
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from safety.hostile import part, safetensors

from demo.media import routes
from demo.render import plain_cell
from xmr_core.datasets.text_files import parsed_json, read_text, read_zip_member
from xmr_core.errors import DataError, GalleryError, VideoUnavailableError, XmrError, plain
from xmr_core.gallery import Gallery, GalleryCard
from xmr_core.gallery.files import map_parts
from xmr_core.media import container
from xmr_core.media.frames import sample_frames
from xmr_core.types import Caption, Clip

WEBP = b"RIFF\x04\x00\x00\x00WEBP"


@pytest.fixture
def gallery(tmp_path):
    """A gallery of one clip beside a file that nobody may have."""
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "secret.mp4").write_bytes(b"secret")
    media = tmp_path / "media"
    media.mkdir()
    (media / "a.mp4").write_bytes(b"film")
    (media / "page.html").write_text("<script>")
    card = GalleryCard("g", "c", "", 2, 1, 1, "../media")
    clip = Clip("a", "a.mp4", 0, 1, (Caption("a", "en"),))
    poster = tmp_path / "poster.webp"
    poster.write_bytes(WEBP)
    made = Gallery(card, (clip,), {"global": np.ones((1, 2), np.float32)})
    return made.save(tmp_path / "gallery", {"a": poster}, {"a": [poster]})


class Shelf:
    """As much of an engine as serving needs."""

    def __init__(self, gallery):
        self._gallery = gallery
        self.poster_path, self.still_paths = gallery.poster_path, gallery.still_paths

    def media_path(self, clip_id):
        return self._gallery.media_path(self._gallery.clips[self._gallery.position(clip_id)])


def served(gallery, address):
    """Status and type of what the page's own routes answer."""
    import asyncio

    import httpx
    from starlette.applications import Starlette

    async def ask():
        app = Starlette(routes=routes({"g": {"c": Shelf(gallery)}}))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://p") as http:
            return await http.get(address)

    answer = asyncio.run(ask())
    assert b"secret" not in answer.content
    return answer.status_code, answer.headers["content-type"].partition(";")[0]


def with_video(gallery, video, media_root="../media"):
    clips = tuple(replace(clip, video=video) for clip in gallery.clips)
    return replace(gallery, clips=clips, card=replace(gallery.card, media_root=media_root))


def test_what_a_gallery_serves(gallery):
    assert served(gallery, "/clip/g/a") == (200, "video/mp4")
    assert served(gallery, "/poster/g/a") == (200, "image/webp")
    assert served(gallery, "/still/g/a/0") == (200, "image/webp")


@pytest.mark.parametrize(
    "video",
    ["../secret.mp4", "../secret.txt", "/etc/passwd", "../../../../etc/passwd", "page.html",
     "..\\secret.mp4", "a.mp4/../../secret.mp4", "."],
)  # fmt: skip
def test_a_forged_clip_leads_nowhere(gallery, video):
    assert served(with_video(gallery, video), "/clip/g/a")[0] == 404


def test_a_forged_media_folder_shows_no_texts(gallery):
    assert served(with_video(gallery, "etc/passwd", "/"), "/clip/g/a")[0] == 404
    assert served(with_video(gallery, "secret.txt", ".."), "/clip/g/a")[0] == 404


def test_links_lead_nowhere(gallery, tmp_path):
    for name, target in (("l.mp4", "secret.txt"), ("m.mp4", "secret.mp4")):
        (tmp_path / "media" / name).symlink_to(tmp_path / target)
        assert served(with_video(gallery, name), "/clip/g/a")[0] == 404
    (tmp_path / "media" / "n.mp4").symlink_to(tmp_path / "media" / "page.html")
    assert served(with_video(gallery, "n.mp4"), "/clip/g/a")[0] == 404
    for kind in ("posters/a.webp", "stills/a.0.webp"):
        (gallery.folder / kind).unlink()
        (gallery.folder / kind).symlink_to(tmp_path / "secret.txt")
    assert served(gallery, "/poster/g/a")[0] == 404
    assert served(gallery, "/still/g/a/0")[0] == 404


@pytest.mark.parametrize(
    "content",
    [
        safetensors({}, length=2**63), safetensors({}, length=200_000_000), b"", b"\xff" * 8,
        safetensors(b"[" * 100_000), safetensors(b'{"a":' * 50_000), safetensors([1]),
        safetensors({"global": part(shape=(-1, -4))}, bytes(16)),
        safetensors({"global": part(shape=(2**32, 2**32), offsets=(0, 0))}),
        safetensors({"global": part(shape=(2**62, 4), offsets=(0, 0))}),
        safetensors({"global": part(offsets=(-16, 0))}, bytes(16)),
        safetensors({"global": part(offsets=(8, 24))}, bytes(16)),
        safetensors({"global": part(shape=("2", 2))}, bytes(16)),
        safetensors({"global": part(shape=(True, 4))}, bytes(16)),
        safetensors({"global": part(shape=(1.0, 4))}, bytes(16)),
        safetensors({"global": part(dtype="O")}, bytes(16)),
        safetensors({"global": {"dtype": "F32"}}), safetensors({"global": None}),
    ],
    ids=range(18),
)  # fmt: skip
def test_forged_embeddings_are_one_sentence(gallery, content):
    (gallery.folder / "embeddings.safetensors").write_bytes(content)
    with pytest.raises(GalleryError) as told:
        Gallery.load(gallery.folder, verify=False)
    assert "\n" not in str(told.value) and len(str(told.value)) < 500


def test_overlapping_parts_are_read_within_the_file(gallery):
    path = gallery.folder / "embeddings.safetensors"
    path.write_bytes(safetensors({"a": part(), "b": part()}, bytes(16)))
    assert {name: value.shape for name, value in map_parts(path).items()} == {
        "a": (2, 2), "b": (2, 2),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["card.json", "items.jsonl"])
@pytest.mark.parametrize("content", [b"[" * 100_000, b"\xff\xfe", b"{}", b"null", b'{"a":' * 9999])
def test_forged_texts_are_one_sentence(gallery, name, content):
    (gallery.folder / name).write_bytes(content)
    with pytest.raises(GalleryError):
        Gallery.load(gallery.folder, verify=False)


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "a\nb", "", ".hidden", "<img onerror=x>", "a\u202eb"]
)
def test_odd_ids_are_no_ids(gallery, name):
    line = asdict(gallery.clips[0]) | {"id": name}
    line = {key: line[key] for key in ("id", "video", "start_s", "end_s", "captions")}
    (gallery.folder / "items.jsonl").write_text(json.dumps(line) + "\n")
    with pytest.raises(GalleryError):
        Gallery.load(gallery.folder, verify=False)


def test_packed_bombs_stop_at_the_limit(tmp_path):
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(bytes(20_000_000)))
    with pytest.raises(DataError, match="unpacks to more than"):
        read_text(tmp_path / "a.json.gz", max_bytes=1_000_000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../a.json", bytes(20_000_000))
    with pytest.raises(DataError, match="unpacks to more than"):
        read_zip_member(tmp_path / "a.zip", "a.json", max_bytes=1_000_000)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json.gz", "a.zip"]
    for text in ("[" * 100_000, "9" * 5000, '{"a":' * 100_000):
        with pytest.raises(DataError):
            parsed_json(text, "a")


def test_a_playlist_opens_no_other_file(tmp_path):
    """Under whatever name: FFmpeg would follow it to files of the server."""
    import av

    with av.open(str(tmp_path / "private.ts"), "w") as file:
        stream = file.add_stream("mpeg2video", rate=25)
        stream.width = stream.height = 64
        for _ in range(25):
            file.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        file.mux(stream.encode())
    assert len(sample_frames(tmp_path / "private.ts", 2).frames) == 2
    hls = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:1,\n{tmp_path}/private.ts\n#EXT-X-ENDLIST\n"
    for name in ("a.m3u8", "a.mp4", "a.ts"):
        (tmp_path / name).write_text(hls)
        with pytest.raises(VideoUnavailableError):
            sample_frames(tmp_path / name, 2)
    (tmp_path / "b.mp4").write_text("ffconcat version 1.0\nfile private.ts\n")
    with pytest.raises(VideoUnavailableError):
        sample_frames(tmp_path / "b.mp4", 2)
    read = set(container._FORMATS.split(","))
    assert not read & {"hls", "dash", "concat", "sdp", "rtsp", "image2", "applehttp", "mpjpeg"}


def test_the_worker_knows_no_secret_and_writes_nothing(monkeypatch):
    from xmr_core.media import process

    seen = {}
    monkeypatch.setattr(process.subprocess, "Popen", lambda *_, env, **__: seen.update(env))
    for name in ("HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "api_key"):
        monkeypatch.setenv(name, "hush")
    process.start_worker()
    assert "hush" not in seen.values() and "PATH" in seen


@pytest.mark.skipif(sys.platform != "linux", reason="limits of processes are those of Linux")
def test_the_worker_s_limits_hold(tmp_path):
    import subprocess

    program = (
        "from xmr_core.media._worker import _bound_resources\n"
        "import sys\n_bound_resources(300_000_000)\n"
        "try:\n    bytearray(600_000_000)\n    print('took it')\n"
        "except MemoryError:\n    print('memory')\n"
        "try:\n    open(sys.argv[1], 'w').write('x' * 10_000)\n    print('wrote')\n"
        "except OSError:\n    print('disk')\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "f")]
    said = subprocess.run(command, capture_output=True, text=True)
    assert said.stdout.split() == ["memory", "disk"], said.stderr


FORMULAS = [
    "=1+1", "+1", "-1+1", "@SUM(A1)", " =1", "\t=1", "\r=1", "\n=1", "\u3000=1", "\u200b=1",
    "\ufeff=1", "\u202e=1", "＝1", "＋1", "＠a", "－1", "\x00=1", "=cmd|' /C calc'!A0", "﹦1",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text):
    out = io.StringIO(newline="")
    csv.writer(out).writerow([plain_cell(text), plain_cell(-0.5), plain_cell(None)])
    cell, number, nothing = next(csv.reader(io.StringIO(out.getvalue(), newline="")))
    assert cell == "'" + text and number == "-0.5" and nothing == ""


def test_other_cells_stay():
    for text in ("a=b", "一只猫", "https://x/?a=b", "scene0001", "", "“quoted”", "3 - 2"):
        assert plain_cell(text) == text


CAPTION = "a\x1b[2J\x1b]0;owned\x07 cat\x9b31m \u202egpj.exe\u2066\u2028end\r\nx\x00"


def test_terminals_get_no_orders(capfd, tmp_path, monkeypatch, gallery):
    from xmr_core.__main__ import _fail
    from xmr_core.commands.output import print_json

    print_json({"caption": CAPTION})
    _fail(CAPTION, 2)
    captured = capfd.readouterr()
    for line in (captured.out[:-1], captured.err[:-1], str(XmrError(CAPTION)), plain(CAPTION)):
        assert not [c for c in line if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]
    assert json.loads(captured.out) == {"caption": CAPTION}
    assert plain("一只　猫 👩\u200d🚀 é") == "一只 猫 👩\u200d🚀 é"


def test_messages_keep_the_server_s_folders_to_themselves():
    from demo.events import without_folders

    root = Path(__file__).resolve().parents[2]
    for message, shown in [
        (f"{root}/checkpoints/x.toml is no card", "checkpoints/x.toml is no card"),
        (
            "The gallery /srv/data/of/x is damaged: card.json.",
            "The gallery x is damaged: card.json.",
        ),
        ("'/srv/a b/c.mp4' cannot be read", "b/c.mp4' cannot be read"),
        (r"C:\Users\me\x.mp4 is broken", "x.mp4 is broken"),
        ("see https://huggingface.co/a/b/c", "see https://huggingface.co/a/b/c"),
        ("hf://owner/name has 1/2 of it", "hf://owner/name has 1/2 of it"),
    ]:
        assert without_folders(message).endswith(shown)
        assert "/srv" not in without_folders(message) and "Users" not in without_folders(message)
    upload = Path("/tmp/gradio/abc/my film.mp4")
    assert without_folders(f"'{upload}' is broken", upload) == "'my film.mp4' is broken"


def test_old_uploads_and_broken_off_ones_go(tmp_path):
    import os

    from demo.uploads import swept_bytes

    old, new = tmp_path / "hash" / "old.mp4", tmp_path / "new.mp4"
    old.parent.mkdir()
    partial = tmp_path / "tmp123"  # what an upload leaves that broke off
    outside = tmp_path.parent / "outside.txt"
    outside.write_text("kept")
    for path in (old, partial, new):
        path.write_bytes(bytes(10_000))
    (tmp_path / "link").symlink_to(outside)
    for path in (old, partial, old.parent):
        os.utime(path, (1, 1))
    assert swept_bytes(tmp_path, 900) >= 10_000
    assert not old.exists() and not partial.exists() and new.exists() and outside.exists()
    shutil.rmtree(tmp_path)
    assert swept_bytes(tmp_path, 900) == 0
