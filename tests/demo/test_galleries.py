"""Galleries, filters, sources and media routes, without a browser."""

import json
from datetime import datetime

import pytest
from stand_in import StandIn, cards
from stand_in_galleries import draw_stills, films, holidays
from starlette.applications import Starlette
from starlette.testclient import TestClient

from demo.examples import examples_for, first_queries, read_examples
from demo.filters import filter_asked, filter_facts
from demo.galleries import gallery_facts, opened
from demo.launch import launch_options
from demo.media import links, routes
from demo.render import clip_card
from demo.sources import source_of, web_address, youtube_id
from xmr_core import Caption, Clip, Filter

ID = "a1B2_-c3D4e"


@pytest.fixture
def galleries(tmp_path):
    draw_stills(tmp_path)
    return {
        "scenes": {card.id: StandIn(tmp_path, card) for card in cards()[:2]},
        "films & more": {"scenes-clip": StandIn(tmp_path, None, "films", films())},
    }


def clip(**fields):
    return Clip(**{"id": "c", "video": "c.mp4", "start_s": 0.0, "end_s": 10.0, **fields})


@pytest.mark.parametrize(
    "url",
    [
        f"https://www.youtube.com/watch?v={ID}",
        f"https://youtube.com/watch?t=3&v={ID}&list=x",
        f"http://m.youtube.com/watch?v={ID}#frag",
        f"https://youtu.be/{ID}?si=abc",
        f"https://www.youtube-nocookie.com/embed/{ID}",
        f"https://www.youtube.com/shorts/{ID}",
    ],
)
def test_videos_of_youtube(url):
    assert youtube_id(url) == ID


@pytest.mark.parametrize(
    "url",
    [
        f"https://youtube.com.evil.test/watch?v={ID}",
        f"https://evil.test/youtube.com/watch?v={ID}",
        f"https://youtube.com@evil.test/watch?v={ID}",
        f"https://evilyoutube.com/watch?v={ID}",
        "https://www.youtube.com/watch?v=short",
        f"https://www.youtube.com/watch?v={ID}x",
        "https://www.youtube.com/watch?v=../../../etc",
        f"https://www.youtube.com/redirect?v={ID}",
        f"https://www.youtube.com/a/b/watch?v={ID}",
        "https://[broken",
        "",
    ],
)
def test_everything_else_is_not_played(url):
    assert youtube_id(url) == ""


@pytest.mark.parametrize("url", [None, "", "javascript:x", "//x.test", "data:x", "https://" * 999])
def test_addresses_that_no_browser_follows(url):
    assert web_address(url) == "" and source_of(clip(url=url)) is None


def test_a_source_begins_where_the_clip_does():
    url = f"https://youtu.be/{ID}?t=1"
    source = source_of(clip(url=url, source_start_s=61.9))
    assert source.url == f"https://www.youtube.com/watch?v={ID}&t=61s"
    assert (source.youtube, source.start_s, source.end_s) == (ID, 61, 72)
    unknown = source_of(clip(url=url))
    assert unknown.url == f"https://www.youtube.com/watch?v={ID}"
    assert (unknown.start_s, unknown.end_s) == (0, 0)
    assert source_of(clip(url="https://x.test/?v=1", source_start_s=5)).url == "https://x.test/?v=1"


def test_filters_that_part_nothing_are_not_offered():
    same = [clip(id=str(n), video=f"all/{n}.mp4", category="music") for n in range(3)]
    assert filter_facts(same) == {
        "folders": [], "categories": [], "lengths": None, "dates": None, "duplicates": 0,
    }  # fmt: skip
    assert filter_facts([])["lengths"] is None


def test_filters_that_a_gallery_has():
    facts = filter_facts(holidays())
    assert dict(facts["folders"]) == {"2024": 8, "2024/beach": 4, "2024/city": 4, "2025": 4}
    assert facts["lengths"] == [1, 4] and facts["duplicates"] == 2
    assert facts["dates"] == ["2024-01-14", "2025-06-14"]
    assert dict(filter_facts(films())["categories"])["animals"] == 3
    json.dumps(facts, allow_nan=False)


def test_filters_that_a_browser_asks_for():
    asked = {"folder": " 2024 ", "longer": "2.5", "since": "2025-02-03", "until": "2025-02-03"}
    where = filter_asked(asked)
    assert where == Filter(
        folder="2024",
        longer_s=2.5,
        since=datetime(2025, 2, 3).timestamp(),
        until=datetime(2025, 2, 4).timestamp(),
    )
    assert filter_asked({}) is None
    assert filter_asked({"duplicates": "1"}) == Filter(duplicates=True)


@pytest.mark.parametrize(
    "asked",
    [
        {"longer": "nan"}, {"longer": "inf"}, {"longer": -3}, {"shorter": "1e999"},
        {"longer": [1]}, {"since": "tomorrow"}, {"until": "0001-01-01"}, {"until": "9999-12-31"},
        {"folder": 7}, {"category": {"x": 1}}, {"duplicates": "maybe"}, {"since": 5},
    ],
)  # fmt: skip
def test_nonsense_is_no_filter(asked):
    assert filter_asked(asked) is None


def test_links_name_the_gallery(galleries):
    gallery = opened(galleries, "films & more")
    film = gallery.clip("video7000")
    found = gallery.links(film)
    assert found.stills[2] == "still/films%20%26%20more/video7000/2"
    assert (found.media, found.poster) == (None, None)
    card = clip_card(film, found)
    assert card["poster"] == found.stills[1] and card["youtube"]["id"] == "man___00000"
    assert opened(galleries, "no such").name == "scenes"


def test_files_are_served_by_gallery_and_only_as_pictures_and_videos(galleries, tmp_path):
    (tmp_path / "red_car.mp4").write_bytes(b"video")
    (tmp_path / "page.html").write_text("<script>", "utf-8")
    (tmp_path / "drawing.svg").write_text("<svg onload='x'/>", "utf-8")
    own = tuple(clip(id=name, video=f"{name}.{kind}") for name, kind in
                (("page", "html"), ("drawing", "svg"), ("red_car", "mp4")))  # fmt: skip
    galleries["own"] = {"scenes-clip": StandIn(tmp_path, None, "own", own)}
    client = TestClient(Starlette(routes=routes(galleries)))
    answer = client.get("/clip/own/red_car")
    assert answer.status_code == 200 and answer.headers["x-content-type-options"] == "nosniff"
    assert client.get("/still/films%20%26%20more/video7000/0").headers["content-type"] == (
        "image/webp"
    )
    assert client.get("/clip/scenes/red_car").status_code == 200
    for path in (
        "/clip/own/page",
        "/clip/own/drawing",
        "/clip/own/video7000",
        "/clip/nowhere/red_car",
        "/still/films%20%26%20more/video7000/3",
        "/still/films%20%26%20more/video7000/-1",
        "/still/films%20%26%20more/video7004/0",
        "/poster/own/red_car",
    ):
        assert client.get(path).status_code == 404
    engine = galleries["own"]["scenes-clip"]
    assert links("own", engine, own[0]).media is None


def test_queries_to_start_from():
    bundled = read_examples()
    assert examples_for("scenes", films(), bundled) is bundled
    found = examples_for("films", films(), bundled)
    assert len(found.queries["en"]) == 3 and not found.queries["zh"]
    assert first_queries(found) == dict.fromkeys(("en", "zh"), found.queries["en"][0])
    everyday = examples_for("mine", holidays(), bundled)
    assert all(everyday.queries.values()) and everyday.pairs == []
    long = (clip(captions=(Caption("x" * 400, "en"),)),)
    assert examples_for("long", long, bundled).queries == everyday.queries


def test_facts_are_told_once_and_stay_small(galleries):
    facts = gallery_facts(galleries, read_examples())
    assert [one["id"] for one in facts] == ["scenes", "films & more"]
    assert facts[1]["methods"] == ["scenes-clip"] and facts[1]["size"] == 18
    assert facts[0]["bilingual"] and not facts[1]["bilingual"]
    hostile = tuple(clip(id=str(n), video=f"</script>{n}/x.mp4") for n in range(2000))
    many = {"many": {"scenes-clip": StandIn(galleries["scenes"]["scenes-clip"]._folder, None,
                                             "many", hostile)}}  # fmt: skip
    told = launch_options(many)["head"].split("window.XMR_FACTS = ", 1)[1].split(";\n", 1)[0]
    assert "<" not in told and len(json.loads(told)["galleries"][0]["filters"]["folders"]) == 500
