"""Every event does what its name says."""

from itertools import pairwise

import numpy as np
import pytest

from xmr_core.datasets.scenes.choreography import choreograph
from xmr_core.datasets.scenes.render import boxes
from xmr_core.datasets.scenes.script import (
    DURATION_S,
    NUM_FRAMES,
    Actor,
    SceneScript,
    minimal_pair,
    script,
)
from xmr_core.datasets.scenes.world import EVENTS

BALL, DOG, HOUSE = Actor("ball", "red"), Actor("dog", "blue"), Actor("house", "white")


def scene(event: str, *actors: Actor, direction: int = 0, seed: int = 4) -> SceneScript:
    return SceneScript(seed, "meadow", "day", actors, event, direction)


def centres(script: SceneScript, instance: int = 0) -> np.ndarray:
    found, _ = boxes(script)
    return np.stack([found[instance, :, [0, 2]].mean(0), found[instance, :, [1, 3]].mean(0)], 1)


def areas(script: SceneScript, instance: int = 0) -> np.ndarray:
    found, _ = boxes(script)
    width, height = (
        found[instance, :, 2] - found[instance, :, 0],
        found[instance, :, 3] - found[instance, :, 1],
    )
    return width * height


@pytest.mark.parametrize(("event", "direction"), [("moves_left", -1), ("moves_right", 1)])
def test_moves_sideways_all_the_time(event, direction):
    steps = np.diff(centres(scene(event, BALL, direction=direction))[:, 0])
    assert (steps * direction > 0).all()
    assert abs(steps.sum()) > 0.4


@pytest.mark.parametrize(("event", "sign"), [("rises", -1), ("falls", 1)])
def test_rises_and_falls_over_half_the_frame(event, sign):
    y = centres(scene(event, BALL))[:, 1]
    assert (y[-1] - y[0]) * sign > 0.45


@pytest.mark.parametrize(("event", "sign"), [("grows", 1), ("shrinks", -1)])
def test_grows_and_shrinks_by_more_than_two_in_each_direction(event, sign):
    area = areas(scene(event, HOUSE))
    assert (area[-1] / area[0]) ** (0.5 * sign) == pytest.approx(2.2, rel=0.02)


def test_appears_in_the_middle_and_disappears_in_the_middle():
    seen = ~np.isnan(boxes(scene("appears", BALL))[0][0, :, 0])
    assert not seen[: NUM_FRAMES // 3].any() and seen[2 * NUM_FRAMES // 3 :].all()
    seen = ~np.isnan(boxes(scene("disappears", BALL))[0][0, :, 0])
    assert seen[: NUM_FRAMES // 3].all() and not seen[2 * NUM_FRAMES // 3 :].any()


@pytest.mark.parametrize(
    ("event", "alone_at"), [("then_appears", NUM_FRAMES // 2), ("then_disappears", NUM_FRAMES // 2)]
)
def test_first_actor_is_the_one_alone_in_the_middle(event, alone_at):
    found, actors = boxes(scene(event, BALL, DOG))
    seen = ~np.isnan(found[:, :, 0])
    assert seen[actors == 0, alone_at].all() and not seen[actors == 1, alone_at].any()
    both_at = NUM_FRAMES - 1 if event == "then_appears" else 0
    assert seen[:, both_at].all() and not seen[:, NUM_FRAMES - 1 - both_at].any()


def test_bounces_touches_the_ground_several_times():
    bottom = boxes(scene("bounces", BALL))[0][0, :, 3]
    low = bottom > bottom.max() - 0.05
    assert 3 <= (np.diff(low.astype(int)) == 1).sum() <= 5
    assert np.ptp(bottom) > 0.25


def test_circles_comes_back_where_it_was():
    path = centres(scene("circles", BALL))
    assert np.ptp(path[:, 0]) > 0.3
    one_round = round((NUM_FRAMES - 1) / 1.5)
    assert np.abs(path[one_round] - path[0]).max() < 0.06


def test_circling_dog_looks_where_it_goes():
    poses = choreograph(scene("circles", DOG)).tracks[0].poses
    for now, later in pairwise(poses):
        if abs(later.x - now.x) > 2:
            assert now.flip == (later.x < now.x)


def test_spins_turns_twice_and_sways_never_far():
    spin = [pose.rotation for pose in choreograph(scene("spins", BALL)).tracks[0].poses]
    assert abs(spin[-1] - spin[0]) == pytest.approx(720)
    sway = [pose.rotation for pose in choreograph(scene("sways", BALL)).tracks[0].poses]
    assert 10 < max(sway) < 30 and -30 < min(sway) < -10


def test_stays_stays():
    assert np.ptp(centres(scene("stays", DOG)), axis=0).max() < 0.03


@pytest.mark.parametrize("direction", [-1, 1])
def test_pursuer_stays_behind(direction):
    chase = scene("chases", DOG, Actor("cat", "black"), direction=direction)
    ahead = (centres(chase, 1)[:, 0] - centres(chase, 0)[:, 0]) * direction
    assert (ahead > 0.1).all()
    assert (centres(chase)[-1, 0] - centres(chase)[0, 0]) * direction > 0.3
    assert all(pose.flip == (direction < 0) for pose in choreograph(chase).tracks[0].poses)


def test_lands_on_top_and_takes_off_again():
    found, _ = boxes(scene("lands_on", BALL, HOUSE))
    assert found[0, -1, 3] == pytest.approx(found[1, -1, 1], abs=0.03)
    assert found[0, 0, 3] < found[1, 0, 1] - 0.05
    found, _ = boxes(scene("takes_off", BALL, HOUSE))
    assert found[0, 0, 3] == pytest.approx(found[1, 0, 1], abs=0.03)


@pytest.mark.parametrize("event", ["passes_front", "passes_behind"])
@pytest.mark.parametrize("direction", [-1, 1])
def test_passing_meets_in_the_middle_from_one_side_to_the_other(event, direction):
    found = scene(event, DOG, HOUSE, direction=direction)
    apart = (centres(found, 0) - centres(found, 1))[:, 0] * direction
    assert apart[0] < -0.3 and apart[-1] > 0.3 and abs(apart[NUM_FRAMES // 2]) < 0.05


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("event", [name for name, event in EVENTS.items() if event.actors == 1])
def test_several_are_all_in_sight_and_do_not_hide_each_other(event, count):
    direction = {"moves_left": -1, "moves_right": 1}.get(event, 0)
    many = scene(event, Actor("dog", "red", "big", count), direction=direction)
    found, _ = boxes(many)
    assert len(found) == count
    order = np.argsort(found[:, NUM_FRAMES // 2, 0])
    left, right = found[order, :, 0], found[order, :, 2]
    seen = ~np.isnan(left)
    assert seen[:, NUM_FRAMES // 2].all() or event in ("appears", "disappears")
    overlap = np.where(seen[1:] & seen[:-1], right[:-1] - left[1:], 0)
    assert overlap.max() < 0.25 * np.nanmean(right - left)


def test_event_times_are_inside_and_mirrored_for_the_partner():
    for index in range(20):
        first, second = minimal_pair(index)
        start, end = choreograph(first).event_s
        assert 0 <= start < end <= DURATION_S
        assert choreograph(second).event_s == pytest.approx((DURATION_S - end, DURATION_S - start))


def test_everybody_of_every_script_is_seen():
    for index in range(150):
        found, _ = boxes(script("train", index))
        seen = ~np.isnan(found[:, :, 0])
        assert (seen.mean(1) > 0.15).all()
        assert np.nanmin(found) >= 0 and np.nanmax(found) <= 1


def test_an_event_without_reverse_cannot_be_backwards():
    backwards = SceneScript(1, "meadow", "day", (DOG,), "spins", backwards=True)
    with pytest.raises(ValueError, match="spins"):
        choreograph(backwards)
