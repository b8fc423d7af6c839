"""Links of YouTube as questions: the Engine and the command line over the bundled gallery."""

import json
from dataclasses import replace

import pytest

from xmr_core import Engine, youtube
from xmr_core.checkpoints import BUNDLED
from xmr_core.gallery import Gallery
from xmr_core.opened import SCENES
from xmr_core.youtube import fetch

pytestmark = pytest.mark.skipif(
    not (BUNDLED / "scenes-clip").is_dir() or not (SCENES / "galleries").is_dir(),
    reason="needs the bundled checkpoint and gallery",
)
ID = "PLAIN_FILM_"


@pytest.fixture
def tube(films, monkeypatch):
    """Downloads go to the server of films."""

    def begin(address, limits=None):
        return films.download("plain", address.start_s, address.end_s, max_s=6.0)

    monkeypatch.setattr(youtube, "begin_download", begin)
    monkeypatch.setattr(fetch, "begin_download", begin)
    return films


@pytest.fixture(scope="module")
def gallery(tmp_path_factory):
    """The bundled gallery, its first clip a part of a YouTube video; and that clip's id."""
    stored = Gallery.load(SCENES / "galleries" / "scenes-clip")
    first, *others = stored.clips
    known = replace(first, url="https://www.youtube.com/watch?v=KNOWN_VIDEO", source_start_s=60.0)
    folder = tmp_path_factory.mktemp("known") / "gallery"
    card = replace(stored.card, media_root=str(SCENES))
    Gallery(card, (known, *others), stored.parts).save(folder)
    return str(folder), first.id


def test_the_engine_downloads_only_what_the_gallery_lacks(tube, gallery):
    folder, first = gallery
    engine = Engine(gallery=folder)
    same = engine.similar("https://youtu.be/KNOWN_VIDEO?t=61", 5)
    assert same.query == first and first not in [match.clip.id for match in same.matches]
    assert engine.similar(first, 5).matches == same.matches
    assert engine.describe("KNOWN_VIDEO", 2).query == first
    assert tube.asked == []
    other = engine.similar(f"https://youtu.be/{ID}?t=10", 5)
    assert other.query == "xmrtest_id__000010_000016.mp4" and len(other.matches) == 5
    assert engine.describe(ID, 2).query == "xmrtest_id__000000_000006.mp4"
    assert "/info/plain" in tube.asked


@pytest.mark.parametrize("command", ["similar", "describe"])
def test_commands_take_links(xmr, tube, command):
    status, out, err = xmr(command, f"https://youtu.be/{ID}?t=3", "--json")
    assert status == 0, err
    record = json.loads(out)
    assert record["query"] == "xmrtest_id__000003_000009.mp4"
    assert len(record["matches" if command == "similar" else "captions"]) == 10


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://evil.org/watch?v=dQw4w9WgXcQ", "is not on YouTube"),
        ("https://www.youtube.com/playlist?list=PL0", "not of one video"),
        ("nothing.mp4", "a video file or a link of YouTube"),
        ("dQw4w9WgXcQ", "switched off here"),
    ],
)
def test_commands_say_what_is_wrong(xmr, monkeypatch, text, words):
    monkeypatch.setenv("XMR_YOUTUBE", "0")
    status, out, err = xmr("similar", text)
    assert (status, out) == (2, "") and words in err and err.count("\n") == 1
