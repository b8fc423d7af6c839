import random
import re
from collections import Counter
from dataclasses import replace

import pytest

from xmr_core.datasets.scenes import clauses_en, clauses_zh, words_en, words_zh
from xmr_core.datasets.scenes.ambiguity import consistent
from xmr_core.datasets.scenes.captions import SceneCaption, caption_rng, write_captions
from xmr_core.datasets.scenes.captions_en import article, conjugate, plural
from xmr_core.datasets.scenes.phrases import BROADER_EVENTS, Mention, unmark
from xmr_core.datasets.scenes.script import (
    Actor,
    SceneScript,
    habitat_in,
    minimal_pair,
    random_script,
    script,
)
from xmr_core.datasets.scenes.world import COLOURS, EVENTS, SETTINGS, SIZES, SUBJECTS, TIMES

LANGUAGES = ("en", "zh")
WORDS = {"en": words_en, "zh": words_zh}
CLAUSES = {"en": clauses_en, "zh": clauses_zh}


@pytest.fixture(scope="module")
def written() -> list[tuple[SceneScript, tuple[SceneCaption, ...]]]:
    """Ten captions in each language for 400 scripts of the whole world."""
    rng = random.Random("captions under test")
    scripts = [random_script(rng) for _ in range(400)]
    return [(s, write_captions(s, language, 10, rng)) for s in scripts for language in LANGUAGES]


def told(caption: SceneCaption, name: str) -> str | None:
    return dict(caption.facts).get(name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_same_seed_same_captions(language):
    first, again = (
        write_captions(script("val", 3), language, 10, caption_rng("val", 3, language))
        for _ in range(2)
    )
    other = write_captions(script("val", 3), language, 10, caption_rng("val", 4, language))
    assert first == again
    assert first != other


def test_ten_different_texts_of_the_language(written):
    for s, captions in written:
        assert len({caption.text for caption in captions}) == 10, s
        for caption in captions:
            chinese = re.search("[\u4e00-\u9fff]", caption.text) is not None
            latin = re.search("[a-z]", caption.text) is not None
            assert (chinese, latin) == (caption.language == "zh", caption.language == "en")


def test_text_is_tidy(written):
    for _, captions in written:
        for caption in captions:
            assert caption.text == caption.text.strip()
            assert not re.search(r"[\[\]{}<>|]|  | ,|,,|，，|，。|^，|的的|在在|有有", caption.text)
            if caption.language == "zh":
                assert " " not in caption.text


def test_facts_are_true_of_the_script(written):
    for s, captions in written:
        for caption in captions:
            assert consistent(caption.facts, s), (caption, s)
            assert len(dict(caption.facts)) == len(caption.facts)


def test_mentions_lie_in_order_inside_the_text(written):
    for _, captions in written:
        for caption in captions:
            ends = [0]
            for mention in caption.mentions:
                assert ends[-1] <= mention.start < mention.end <= len(caption.text)
                ends.append(mention.end)
                word = caption.text[mention.start : mention.end]
                assert word == word.strip()


def words_for(caption: SceneCaption, s: SceneScript, names: str) -> set[str]:
    """Every word that may name this in the tables of words."""
    kind, _, index = names.partition(":")
    actor = s.actors[int(index or 0)]
    words = WORDS[caption.language]
    if kind == "colour":
        assert actor.colour is not None
        short = {words_zh.SHORT_COLOURS.get(actor.colour, "")} if words is words_zh else set()
        return {words.COLOURS[actor.colour]} | short
    if kind == "size":
        long = set(words_zh.LONG_SIZES[actor.size]) if words is words_zh else set()
        return {*words.SIZES[actor.size]} | long
    if kind == "count":
        return {words.NUMBERS.get(actor.count, ""), *words.INDEFINITE_NUMBERS}
    category = SUBJECTS[actor.subject].category
    nouns = words.NOUNS[actor.subject] + words.HYPERNYMS[category]
    if words is words_zh:
        return {noun for noun, _ in nouns}
    found = {*nouns, words_en.SMALL_NOUNS.get(actor.subject, "-")}
    return {plural(noun) for noun in found} if actor.count > 1 else found


def test_mentions_cover_exactly_the_words_they_name(written):
    for s, captions in written:
        for caption in captions:
            for mention in caption.mentions:
                if mention.names not in ("event", "setting", "time"):
                    word = caption.text[mention.start : mention.end]
                    assert word in words_for(caption, s, mention.names), (caption, mention)


def test_what_is_mentioned_is_asserted_and_the_other_way_round(written):
    for _, captions in written:
        for caption in captions:
            names = {mention.names for mention in caption.mentions}
            facts = dict(caption.facts)
            for name in ("setting", "time", "event"):
                assert (name in names) == (name in facts), caption
            for index in range(2):
                who = f"actor:{index}"
                assert (f"colour:{index}" in names) == (f"{who}.colour" in facts), caption
                asserted = f"{who}.subject" in facts or f"{who}.category" in facts
                assert (who in names) == asserted, caption


def test_first_caption_is_rather_complete(written):
    firsts = [(s, captions[0]) for s, captions in written]
    for s, caption in firsts:
        assert told(caption, "event") == s.event
        assert told(caption, "setting") == s.setting
        if EVENTS[s.event].has_direction:
            assert told(caption, "direction") == {-1: "left", 1: "right"}[s.direction]
        for index, actor in enumerate(s.actors):
            assert told(caption, f"actor:{index}.colour") == actor.colour
            broad = told(caption, f"actor:{index}.category")
            assert told(caption, f"actor:{index}.subject") == actor.subject or broad == "ball"
    share = sum(told(caption, "time") is not None for _, caption in firsts) / len(firsts)
    assert 0.75 < share < 0.85


def test_other_captions_leave_things_out(written):
    others = [caption for _, captions in written for caption in captions[1:]]
    for name, low, high in (("setting", 0.4, 0.7), ("time", 0.25, 0.5), ("event", 0.8, 0.95)):
        share = sum(told(caption, name) is not None for caption in others) / len(others)
        assert low < share < high, name
    assert any(told(caption, "event") in BROADER_EVENTS for caption in others)
    assert any(told(caption, "actor:0.category") == "animal" for caption in others)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_in_the_world_has_words(language):
    words, clauses = WORDS[language], CLAUSES[language]
    assert set(words.NOUNS) == set(SUBJECTS)
    assert all(words.NOUNS.values())
    assert set(words.COLOURS) == set(COLOURS)
    assert set(words.SETTINGS) == set(SETTINGS)
    assert set(words.TIMES) == set(TIMES)
    assert set(words.HYPERNYMS) == {subject.category for subject in SUBJECTS.values()}
    assert set(clauses.CLAUSES) == (set(EVENTS) | set(BROADER_EVENTS)) - {
        "moves_left",
        "moves_right",
    }
    for setting, habitats in SETTINGS.items():
        assert set(words.SETTINGS[setting]) >= set(habitats)
    for subject, kind in SUBJECTS.items():
        assert (subject in clauses.TRAVEL) == kind.mobile
    assert set(SIZES) - {"medium"} <= set(words.SIZES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", EVENTS)
def test_every_subject_can_be_written_about(event, language):
    rng = random.Random(0)
    for subject, kind in SUBJECTS.items():
        if EVENTS[event].needs_mobile and not kind.mobile:
            continue
        setting = next(place for place in SETTINGS if habitat_in(subject, place))
        other = Actor({"underwater": "fish", "sea": "ship"}.get(setting, "cup"), "red")
        actors = (Actor(subject), other)[: EVENTS[event].actors]
        way = -1 if EVENTS[event].has_direction or event == "moves_left" else 0
        way = 1 if event == "moves_right" else way
        scene = SceneScript(0, setting, "night", actors, event, way)
        assert len(write_captions(scene, language, 10, rng)) == 10


def test_every_chinese_noun_has_a_measure_word(written):
    tables = (*words_zh.NOUNS.values(), *words_zh.HYPERNYMS.values())
    assert all(len(measure) == 1 for names in tables for _, measure in names)
    for _, captions in written:
        for caption in captions:
            if caption.language == "en":
                continue
            for mention in caption.mentions:
                if mention.names.startswith("count"):
                    measures = {measure for names in tables for _, measure in names}
                    assert caption.text[mention.end] in measures, caption


def test_measure_words_fit_their_nouns():
    expected = {"car": "辆", "dog": "只", "horse": "匹", "cow": "头", "sailboat": "艘",
                "airplane": "架", "tree": "棵", "castle": "座", "chair": "把", "tent": "顶",
                "flower": "朵", "fish": "条", "rainbow": "道", "train": "列"}  # fmt: skip
    for subject, measure in expected.items():
        assert words_zh.NOUNS[subject][0][1] == measure


def test_articles_agree(written):
    wrong = re.compile(r"\ba [aeiou]|\ban [^aeiou]")
    plurals = re.compile(r"\b(a|an) (two|three|four|some)\b")
    for _, captions in written:
        for caption in captions:
            assert not wrong.search(caption.text), caption.text
            assert not plurals.search(caption.text), caption.text
    assert article("orange cat") == "an"
    assert article("red octopus") == "a"


def test_several_things_agree_with_their_verb():
    scene = SceneScript(0, "road", "day", (Actor("car", "red", count=3),), "moves_left", -1)
    texts = [c.text for c in write_captions(scene, "en", 60, random.Random(1))]
    assert not any(re.search(r"\b(drives|goes|moves|is)\b", text) for text in texts)
    single = replace(scene, actors=(Actor("car", "red"),))
    texts = [c.text for c in write_captions(single, "en", 60, random.Random(1))]
    assert not any(re.search(r"\b(drive|go|move|are)\b", text) for text in texts)


def test_then_disappears_tells_the_second_actor_first():
    scene = SceneScript(
        0, "room", "day", (Actor("cup", "red"), Actor("clock", "blue")), "then_disappears"
    )
    for language in LANGUAGES:
        for caption in write_captions(scene, language, 30, random.Random(2)):
            at = {m.names: m.start for m in caption.mentions}
            after = re.search("disappears after|disappearing after|之后消失", caption.text)
            if "event" in at:
                assert (at["actor:1"] < at["actor:0"]) == (after is None), caption.text


@pytest.mark.parametrize(
    ("event", "subject", "phrases"),
    [
        ("moves_left", "car", ("drives to the left", "向左行驶")),
        ("moves_right", "bird", ("flies to the right", "向右飞")),
        ("stays", "truck", ("is parked", "停在公路上")),
    ],
)
def test_verbs_fit_their_subject(event, subject, phrases):
    way = {"moves_left": -1, "moves_right": 1}.get(event, 0)
    scene = SceneScript(0, "road", "day", (Actor(subject, "red"),), event, way)
    for language, phrase in zip(LANGUAGES, phrases, strict=True):
        texts = [c.text for c in write_captions(scene, language, 60, random.Random(3))]
        assert any(phrase in text for text in texts), texts


def test_minimal_pairs_are_told_apart():
    for index in range(30):
        first, second = minimal_pair(index)
        for language in LANGUAGES:
            caption, other = (
                write_captions(s, language, 1, random.Random(index))[0] for s in (first, second)
            )
            assert told(caption, "event") != told(other, "event")
            assert caption.text != other.text


def test_common_words_are_common(written):
    counts = Counter(
        word
        for _, captions in written
        for caption in captions
        if caption.language == "en"
        for word in re.findall(r"[\w-]+", caption.text)
    )
    assert 300 < len(counts) < 500


def test_impossible_number_of_captions_is_refused():
    scene = SceneScript(0, "desert", "day", (Actor("rainbow"),), "stays")
    with pytest.raises(ValueError, match="100000 different captions"):
        write_captions(scene, "en", 100000, random.Random(0))


@pytest.mark.parametrize(
    ("phrase", "forms"),
    [
        ("fly", ("flies", "fly", "flying")),
        ("pass behind", ("passes behind", "pass behind", "passing behind")),
        ("run", ("runs", "run", "running")),
        ("move", ("moves", "move", "moving")),
        ("go up", ("goes up", "go up", "going up")),
        ("stay still", ("stays still", "stay still", "staying still")),
        ("suddenly appear", ("suddenly appears", "suddenly appear", "suddenly appearing")),
        ("be parked", ("is parked", "are parked", "parked")),
    ],
)
def test_conjugation(phrase, forms):
    assert tuple(conjugate(phrase, f) for f in ("singular", "plural", "participle")) == forms


@pytest.mark.parametrize(
    ("noun", "expected"),
    [("car", "cars"), ("bus", "buses"), ("fish", "fish"), ("butterfly", "butterflies"),
     ("cactus", "cacti"), ("toy ball", "toy balls"), ("octopus", "octopuses")],
)  # fmt: skip
def test_plural(noun, expected):
    assert plural(noun) == expected


def test_unmark_gives_text_and_spans():
    text, mentions = unmark("a [red|colour:0] [car|actor:0] [drives|event]")
    assert text == "a red car drives"
    assert mentions == (
        Mention(2, 5, "colour:0"),
        Mention(6, 9, "actor:0"),
        Mention(10, 16, "event"),
    )
