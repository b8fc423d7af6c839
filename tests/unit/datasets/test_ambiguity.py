import random
import time
from dataclasses import replace

import numpy as np
import pytest

from xmr_core.datasets.scenes.ambiguity import ceiling, consistency, consistent, reversed_in_time
from xmr_core.datasets.scenes.captions import SceneCaption, write_captions
from xmr_core.datasets.scenes.script import Actor, SceneScript, minimal_pair, random_script

CAR = SceneScript(0, "road", "night", (Actor("car", "red", "big", 2),), "moves_left", -1)
CHASE = SceneScript(
    0, "meadow", "day", (Actor("dog", "white"), Actor("cat", "black")), "chases", 1
)  # fmt: skip
BALL = SceneScript(0, "beach", "day", (Actor("ball", "red"),), "moves_left", -1)


@pytest.mark.parametrize(
    ("fact", "holds"),
    [
        (("actor:0.subject", "car"), True),
        (("actor:0.subject", "bus"), False),
        (("actor:0.category", "vehicle"), True),
        (("actor:0.category", "animal"), False),
        (("actor:0.colour", "red"), True),
        (("actor:0.colour", "blue"), False),
        (("actor:0.size", "big"), True),
        (("actor:0.size", "small"), False),
        (("actor:0.count", "2"), True),
        (("actor:0.count", "many"), True),
        (("actor:0.count", "1"), False),
        (("actor:1.subject", "car"), False),
        (("event", "moves_left"), True),
        (("event", "moves"), True),
        (("event", "moves_right"), False),
        (("event", "passes"), False),
        (("direction", "left"), True),
        (("direction", "right"), False),
        (("setting", "road"), True),
        (("setting", "sea"), False),
        (("time", "night"), True),
        (("time", "day"), False),
    ],
)
def test_single_fact(fact, holds):
    assert consistent((fact,), CAR) is holds


def test_saying_nothing_fits_everything():
    assert consistent((), CAR)


def test_one_false_fact_is_enough():
    assert not consistent((("actor:0.subject", "car"), ("time", "day")), CAR)


def test_roles_are_open_unless_the_event_is_told():
    cat_and_dog = (("actor:0.subject", "cat"), ("actor:1.subject", "dog"))
    assert consistent(cat_and_dog, CHASE)
    assert not consistent((*cat_and_dog, ("event", "chases")), CHASE)
    assert consistent((("actor:0.subject", "cat"),), CHASE)


def caption(*facts: tuple[str, str]) -> SceneCaption:
    return SceneCaption("?", "en", (), facts)


def test_ceiling_by_hand():
    scripts = [BALL, replace(BALL, time="night"), replace(BALL, time="rain"), CAR]
    captions = [
        caption(("actor:0.subject", "ball")),  # fits three
        caption(("actor:0.subject", "ball"), ("time", "night")),  # fits one
        caption(("event", "moves")),  # fits all four
    ]
    best = ceiling(captions, scripts, [0, 1, 3])
    assert best.recall_at_1 == pytest.approx(100 * (1 / 3 + 1 + 1 / 4) / 3)
    assert best.recall_at_5 == best.recall_at_10 == 100
    assert best.mean_candidates == pytest.approx(8 / 3)
    assert best.unique == pytest.approx(100 / 3)
    assert best.n == 3


def test_without_order_left_and_right_are_one_where_nothing_has_a_front():
    right = replace(BALL, event="moves_right", direction=1)
    told = [caption(("event", "moves_left"))]
    assert ceiling(told, [BALL, right], [0]).recall_at_1 == 100
    assert ceiling(told, [BALL, right], [0], ignore_order=True).recall_at_1 == 50
    cars = [CAR, replace(CAR, event="moves_right", direction=1)]
    assert ceiling(told, cars, [0], ignore_order=True).recall_at_1 == 100


def test_reversal_swaps_what_single_frames_cannot_tell():
    for index in range(40):
        first, second = minimal_pair(index)
        # Scripts that look ahead while landing are drawn backwards in minimal pairs only.
        if reversed_in_time(first) is not first:
            assert reversed_in_time(first) == replace(second, backwards=False)
    front = SceneScript(
        0, "beach", "day", (Actor("ball", "red"), Actor("tree")), "passes_front", -1
    )
    assert reversed_in_time(front) == replace(front, direction=1)
    assert reversed_in_time(CHASE) is CHASE


def test_minimal_pairs_are_a_coin_flip_without_order():
    pairs = [minimal_pair(index) for index in range(60)]
    pairs = [pair for pair in pairs if reversed_in_time(pair[0]) is not pair[0]]
    for first, second in pairs:
        told = [write_captions(first, "en", 1, random.Random(0))[0]]
        assert ceiling(told, [first, second], [0]).recall_at_1 == 100
        assert ceiling(told, [first, second], [0], ignore_order=True).recall_at_1 == 50


def test_table_agrees_with_the_definition():
    rng = random.Random("ambiguity")
    scripts = [random_script(rng) for _ in range(60)]
    captions = [c for s in scripts for c in write_captions(s, "en", 4, rng)]
    fits = consistency(captions, scripts)
    expected = [[consistent(c.facts, s) for s in scripts] for c in captions]
    assert np.array_equal(fits, expected)
    assert (consistency(captions, scripts, ignore_order=True) >= fits).all()


def test_false_caption_and_wrong_lengths_are_refused():
    with pytest.raises(ValueError, match="not true of its own script"):
        ceiling([caption(("time", "day"))], [CAR], [0])
    with pytest.raises(ValueError, match="1 captions but 2 true indices"):
        ceiling([caption()], [CAR], [0, 0])


def test_a_thousand_by_a_thousand_is_quick():
    rng = random.Random("quick")
    scripts = [random_script(rng) for _ in range(1000)]
    captions = [write_captions(s, "zh", 1, rng)[0] for s in scripts]
    start = time.process_time()
    ceiling(captions, scripts, range(1000))
    assert time.process_time() - start < 3
