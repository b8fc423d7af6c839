import csv
import io
import json
import string

import numpy as np
import pytest

from demo import render, wording
from demo.media import Links
from xmr_core import (
    Caption,
    CaptionMatch,
    Clip,
    Description,
    Elapsed,
    Explanation,
    Match,
    SearchResult,
)

ELAPSED = Elapsed(encode=9.0, search=1.25, total=11.0)


def link(clip: Clip) -> Links:
    return Links(media=f"clip/{clip.id}", poster=None, kind="video")


def clip(text: str = "a red car", url: str | None = None) -> Clip:
    return Clip("c1", "c1.mp4", 0.5, 4.5, (Caption(text, "en"), Caption("红车", "zh")), None, url)


def result(*matches: Match, query: str = "a car") -> SearchResult:
    return SearchResult(query, "scenes-clip", "scenes", 1000, matches, ("giraffe",), ELAPSED)


def first_row(text: str) -> dict[str, str]:
    return next(csv.DictReader(io.StringIO(text, newline="")))


def explanation(maps: np.ndarray | None) -> Explanation:
    return Explanation(
        query="red car",
        clip=clip(),
        score=0.3,
        words=("red", "car"),
        word_known=(True, False),
        word_effects=np.array([0.04, -0.01], np.float32),
        frame_times_s=np.array([1.0, 2.0, 3.0]),
        frame_scores=np.array([0.1, 0.2, 0.3], np.float32),
        frame_effects=np.array([0.0, 0.01, -0.01], np.float32),
        word_frame=np.zeros((2, 3), np.float32),
        patch_maps=maps,
        patch_method="Grad-ECLIP",
        elapsed_ms=140.2,
    )


def test_search_page_keeps_both_captions_and_counts_a_bar_from_sigma():
    page = render.search_page(result(Match(1, clip(), 0.31, 3.0)), link, ticket=7, picked="c1")
    card = page["cards"][0]
    assert (page["ticket"], page["picked"], page["size"]) == (7, "c1", 1000)
    assert card["captions"] == {"en": "a red car", "zh": "红车"}
    assert card["bar"] == 0.5
    assert page["unknown"] == ["giraffe"]


@pytest.mark.parametrize(("sigma", "bar"), [(-2.0, 0.0), (0.0, 0.0), (6.0, 1.0), (99.0, 1.0)])
def test_bar_stays_between_empty_and_full(sigma, bar):
    page = render.search_page(result(Match(1, clip(), 0.3, sigma)), link, ticket=0)
    assert page["cards"][0]["bar"] == bar


def test_page_is_json_even_with_odd_numbers():
    page = render.search_page(result(Match(1, clip(), float("nan"), float("inf"))), link, ticket=0)
    json.dumps(page, allow_nan=False)


def test_answer_has_the_promised_fields():
    answer = render.search_answer(result(Match(1, clip(), 0.31234567, 4.1)))
    assert set(answer) == {
        "query", "checkpoint", "gallery", "matches", "unknown_words", "elapsed_ms",
    }  # fmt: skip
    assert answer["matches"] == [
        {"rank": 1, "id": "c1", "score": 0.3123, "sigma": 4.1, "caption": "a red car",
         "start_s": 0.5, "end_s": 4.5, "url": None},
    ]  # fmt: skip
    assert answer["elapsed_ms"] == {"encode": 9.0, "search": 1.25, "total": 11.0}


def test_captions_follow_the_language_of_the_query():
    answer = render.search_answer(result(Match(1, clip(), 0.3, 1.0), query="红色的车"))
    assert answer["matches"][0]["caption"] == "红车"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_cannot_start_a_formula(start):
    text = render.search_csv(result(Match(1, clip(f"{start}HYPERLINK(1)"), -0.25, -1.0)))
    row = first_row(text)
    assert row["caption"] == f"'{start}HYPERLINK(1)"
    assert row["score"] == "-0.25"  # numbers stay numbers


def test_csv_survives_commas_quotes_and_lines():
    text = render.search_csv(result(Match(1, clip('a, "b"\nc'), 0.1, 1.0)))
    assert first_row(text)["caption"] == 'a, "b"\nc'


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.test", ""])
def test_only_web_addresses_become_links(url):
    assert render.clip_card(clip(url=url), link(clip()))["url"] is None


def test_maps_travel_as_letters():
    maps = np.linspace(0, 1, 3 * 3 * 2 * 2, dtype=np.float32).reshape(3, 3, 2, 2)
    page = render.explain_page(explanation(maps), link(clip()), ticket=1)
    assert page["grid"] == [2, 2]
    assert len(page["maps"]) == 3 and all(len(word) == 3 for word in page["maps"])
    assert page["maps"][0][0][0] == "0" and page["maps"][2][2][3] == "o"
    back = [(ord(letter) - 48) / 63 for letter in page["maps"][1][0]]
    np.testing.assert_allclose(back, maps[1, 0].ravel(), atol=0.5 / 63 + 1e-6)


def test_explanation_without_maps():
    page = render.explain_page(explanation(None), link(clip()), ticket=1)
    assert page["grid"] is None and page["maps"] == []
    assert page["words"][1] == {"text": "car", "known": False, "effect": -0.01}
    assert page["clip"]["media"] == "clip/c1"


def test_explanation_of_usual_size_is_small():
    # 9 rows (query and 8 words), 12 frames, 7 x 7 patches: the budget of the page.
    maps = np.random.default_rng(0).random((9, 12, 7, 7), np.float32)
    page = render.explain_page(explanation(maps), link(clip()), ticket=1)
    assert len(json.dumps(page)) < 25_000


def test_description_rows():
    found = CaptionMatch(1, Caption("一辆车", "zh"), "c1", 0.4, 3.0)
    panel = render.clip_panel(
        ticket=3,
        stage="done",
        name="mine.mp4",
        description=Description("mine.mp4", "scenes-clip", "scenes", (found,), ELAPSED),
    )
    assert panel["captions"][0]["caption"] == "一辆车"
    assert panel["captions"][0]["bar"] == 0.5
    assert panel["shelf"] is None


def test_both_languages_have_every_sentence_with_the_same_places():
    english, chinese = wording.for_browser().values()
    assert english.keys() == chinese.keys()
    for key in english:
        places = [
            {name for _, name, _, _ in string.Formatter().parse(text) if name}
            for text in (english[key], chinese[key])
        ]
        assert places[0] == places[1], key


def test_say_fills_in_values():
    assert wording.say("matches", "en", count=10) == "10 matches"
    assert wording.say("matches", "zh", count=10) == "10 个结果"
