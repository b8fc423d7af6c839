"""Cards and comparisons as the browser gets them; no browser here."""

import csv
import io
import json
import math
from pathlib import Path

import numpy as np
import pytest
from stand_in import StandIn, cards, retrieval

from demo import render_compare as render
from demo.codes import codes_of
from demo.examples import read_examples
from demo.launch import launch_options
from demo.media import Links
from demo.methods import method_fact, weights_bytes
from demo.render_compare import Answer
from xmr_core import Clip
from xmr_core.types import CheckpointCard


def link(clip: Clip) -> Links:
    return Links(media=f"clip/{clip.id}", poster=None, kind="video")


def card(**values) -> CheckpointCard:
    fields = {"languages": ("en", "zh"), "width": 256, **values}
    return CheckpointCard("x", "cmfh", "X", fields.pop("languages"), fields.pop("width"), 12,
                          "w.safetensors", "", "MIT", **fields)  # fmt: skip


def answer(name: str, query: str = "a red car", clip: str = "") -> Answer:
    engine = StandIn(Path(), next(one for one in cards() if one.id == name))
    source = engine.clip(clip) if clip else None
    result = engine.similar(clip, 99) if clip else engine.search(query, 99)
    shown = [match.clip.id for match in result.matches[:10]]
    return Answer(name, result, codes_of(engine, query, source, shown))


def test_bytes_of_codes_and_of_vectors():
    assert method_fact("x", card(bits=64, width=64), True)["bytes"] == 8
    assert method_fact("x", card(bits=20, width=20), True)["bytes"] == 3
    assert method_fact("x", card(), True)["bytes"] == 1024


def test_a_card_without_numbers_says_so_everywhere():
    fact = method_fact("x", card(), True)
    assert (fact["recall"], fact["map"], fact["claims"], fact["model_bytes"]) == (
        {},
        None,
        [],
        None,
    )


@pytest.mark.parametrize("wrong", [math.nan, math.inf, "48", None, True, [1]])
def test_what_is_no_number_is_not_measured(wrong):
    metrics = {"retrieval": retrieval(10.0, **{"R@1": wrong}), "claim": {"mAP": wrong}}
    fact = method_fact("x", card(metrics=metrics), True)
    assert fact["recall"]["en"]["t2v"]["R@1"] is None
    assert fact["recall"]["en"]["t2v"]["R@5"] == 30.0
    assert fact["map"] is None
    json.dumps(fact, allow_nan=False)


@pytest.mark.parametrize("metrics", [{"retrieval": 3}, {"retrieval": {"more": 5}}, {"claim": "x"}])
def test_a_strange_card_breaks_nothing(metrics):
    assert method_fact("x", card(metrics=metrics), True)["recall"] == {}


def test_recall_by_language_and_direction():
    recall = method_fact("x", card(metrics={"retrieval": retrieval(10.0)}), True)["recall"]
    assert recall["en"]["t2v"]["R@1"] == 10.0 and recall["en"]["v2t"]["R@1"] == 12.0
    assert recall["zh"]["t2v"]["R@1"] == 11.0
    assert recall["zh"]["command"].startswith("xmr evaluate")
    assert (recall["en"]["size"], recall["en"]["ties"]) == (14.0, "expected")


def test_map_is_the_methods_own_with_its_command():
    claim = {"command": "c", "mAP": {"a baseline": 10.0}}
    hashing = {"command": "make it", "protocol": "same action", "mAP": 47.5}
    metrics = {"claim": claim, "hashing": hashing}
    found = method_fact("x", card(bits=64, metrics=metrics), False)["map"]
    assert found == {"value": 47.5, "command": "make it", "protocol": "same action"}
    assert method_fact("x", card(bits=64, metrics={"claim": claim}), False)["map"] is None


def test_claims_are_told_in_full():
    metrics = {"claim": {"command": "c", "lists": [1, 2.5], "name": "n", "deep": {"er": 3}}}
    (claim,) = method_fact("x", card(metrics=metrics), True)["claims"]
    assert claim["command"] == "c"
    assert claim["rows"] == [["lists.1", 1.0], ["lists.2", 2.5], ["name", "n"], ["deep.er", 3.0]]


def test_a_checkpoint_without_a_card():
    fact = method_fact("ViT-B-32/tag", None, True)
    assert fact["title"] == "ViT-B-32/tag" and fact["bytes"] is None
    assert fact.keys() == method_fact("x", card(), True).keys()


def test_weights_are_measured_on_the_disk():
    assert weights_bytes("no-such-checkpoint") is None


def test_facts_hold_no_markup():
    engines = {one.id: StandIn(Path(), one) for one in cards()}
    head = launch_options({"scenes": engines})["head"]
    facts = head.split("window.XMR_FACTS = ", 1)[1].split(";\n", 1)[0]
    assert "onerror" in facts and "<" not in facts
    assert [method["id"] for method in json.loads(facts)["methods"]] == list(engines)


def test_lists_beside_each_other():
    answers = [answer("scenes-clip"), answer("scenes-cmfh-16"), Answer("y", None, {}, reason="r")]
    page = render.compare_page(answers, link, ticket=3, query="a red car", source=None)
    json.dumps(page, allow_nan=False)
    first, second, none = page["columns"]
    assert none == {"id": "y", "error": "", "reason": "r"}
    assert first["overlaps"]["scenes-clip"] == 10
    assert first["overlaps"]["scenes-cmfh-16"] == second["overlaps"]["scenes-clip"]
    assert first["rows"][0]["distance"] is None
    codes = answers[1].codes[second["rows"][0]["id"]]
    assert second["rows"][0]["distance"] == np.count_nonzero(codes[0] != codes[1])
    shown = [{row["id"] for row in column["rows"]} for column in (first, second)]
    assert page["shared_by_all"] == len(shown[0] & shown[1])
    assert set(page["clips"]) == shown[0] | shown[1]
    assert set(first["only"]) == shown[0] - shown[1]
    rows = list(csv.DictReader(io.StringIO(page["csv"], newline="")))
    assert [row["id"] for row in rows[:10]] == [row["id"] for row in first["rows"]]
    assert rows[0]["scenes-clip"] == "1"


def test_one_clip_in_every_list():
    answers = [answer("scenes-clip"), answer("scenes-cmfh-64"), Answer("y", None, {}, error="no")]
    shown = {"id": "red_car"}
    page = render.inspect_page(answers, shown, ticket=1, query="a red car")
    assert [row.get("rank") for row in page["rows"]][:2] == [1, 1]
    assert page["rows"][2] == {"id": "y", "error": "no", "reason": ""}
    (code,) = page["codes"]
    assert len(code["query"]) == len(code["clip"]) == 64
    differing = sum(a != b for a, b in zip(code["query"], code["clip"], strict=True))
    assert page["rows"][1]["distance"] == differing


def test_codes_of_a_clip_that_was_asked_about():
    found = answer("scenes-cmfh-64", clip="red_car")
    assert found.codes.keys() == {match.clip.id for match in found.result.matches[:10]}
    assert answer("scenes-clip", clip="red_car").codes == {}


def test_agreement_of_two_lists():
    same, other = answer("scenes-clip"), answer("scenes-clip", "a blue ball")
    failed = Answer("scenes-clip", None, {}, error="unknown words")
    page = render.agreement_page(
        [("a", same, same), ("b", same, other), ("c", same, failed)],
        link,
        ticket=2,
        pair=("x", "y"),
    )
    first, second, third = page["rows"]
    assert first["overlap"] == 10 and second["overlap"] == len(
        set(second["lists"][0]) & set(second["lists"][1])
    )
    assert third == {"id": "c", "error": "unknown words", "reason": ""}


def test_bundled_pairs_are_one_sentence_in_two_languages():
    pairs = read_examples().pairs
    assert len(pairs) >= 3
    for english, chinese in pairs:
        assert english.isascii()
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
