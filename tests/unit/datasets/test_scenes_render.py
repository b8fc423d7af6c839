"""Pictures: reproducible, reversible, and the boxes are where things are drawn."""

import dataclasses
import importlib
import sys

import numpy as np
import pytest

from xmr_core.datasets.scenes.render import Stage, boxes, render_frames
from xmr_core.datasets.scenes.script import NUM_FRAMES, Actor, SceneScript, minimal_pair, script
from xmr_core.datasets.scenes.world import SETTINGS, TIMES
from xmr_core.errors import XmrError

SMALL = (80, 48)
IN_SETTING = {"sea": "duck", "underwater": "fish", "room": "cat"}
PLACES = [
    (setting, time)
    for setting in SETTINGS
    for time in (("day", "night") if setting in ("room", "underwater") else TIMES)
]


def standing(setting: str, time: str, colour: str = "red") -> SceneScript:
    actor = Actor(IN_SETTING.get(setting, "dog"), colour)
    return SceneScript(3, setting, time, (actor,), "stays")


def test_shape_type_and_order_of_frames():
    scene = script("train", 0)
    frames = render_frames(scene, [5, 0, 5], 64, 40)
    assert frames.shape == (3, 40, 64, 3) and frames.dtype == np.uint8
    assert (frames[0] == frames[2]).all() and (frames[0] != frames[1]).any()
    assert render_frames(scene, None, *SMALL).shape[0] == NUM_FRAMES


def test_frames_outside_the_clip_are_refused():
    with pytest.raises(ValueError, match=str(NUM_FRAMES - 1)):
        render_frames(script("train", 0), [NUM_FRAMES])


@pytest.mark.parametrize(("setting", "time"), PLACES)
def test_every_setting_is_drawn_alike_twice(setting, time):
    scene = standing(setting, time)
    first = render_frames(scene, [3, 40], *SMALL)
    assert (first == render_frames(scene, [3, 40], *SMALL)).all()
    other = render_frames(dataclasses.replace(scene, seed=99), [3, 40], *SMALL)
    assert (first != other).any()
    assert first.std() > 10  # something is to be seen


@pytest.mark.parametrize(("setting", "time"), PLACES)
def test_nothing_of_the_last_frame_shines_through(setting, time):
    stage = Stage(standing(setting, time), *SMALL)
    clean = stage.paint(7).copy()
    stage.paint(40)[...] = 255
    assert (stage.paint(7) == clean).all()


def test_settings_and_times_look_different():
    looks = []
    for setting, time in PLACES:
        frame = Stage(standing(setting, time), 160, 96).paint(0, actors=False)
        looks.append(frame.reshape(6, 16, 10, 16, 3).mean((1, 3)).ravel())
    distance = np.abs(np.array(looks)[:, None] - np.array(looks)[None]).mean(-1)
    assert distance[~np.eye(len(looks), dtype=bool)].min() > 4


def test_a_small_picture_is_the_large_one_seen_from_afar():
    scene = standing("meadow", "day")
    large = render_frames(scene, [10], 320, 192)[0].reshape(96, 2, 160, 2, 3).mean((1, 3))
    small = render_frames(scene, [10], 160, 96)[0]
    assert np.abs(large - small).mean() < 3


@pytest.mark.parametrize("index", (0, 3, 11))
def test_partner_of_a_minimal_pair_is_the_exact_reverse(index):
    first, second = minimal_pair(index)
    forth, back = render_frames(first, None, *SMALL), render_frames(second, None, *SMALL)
    assert (forth[::-1] == back).all() and (forth != back).any()
    np.testing.assert_array_equal(boxes(first)[0][:, ::-1], boxes(second)[0])


@pytest.mark.parametrize("event", ["moves_left", "spins", "sways", "grows", "bounces", "rises"])
@pytest.mark.parametrize("subject", ["ball", "bird", "rabbit"])
def test_boxes_hold_the_pixels_of_their_subject(event, subject):
    direction = -1 if event == "moves_left" else 0
    actor = Actor(subject, "red", "big")
    scene = SceneScript(8, "snowfield", "day", (actor,), event, direction)
    stage = Stage(scene, 160, 90)
    for frame in (2, 20, 33, 46):
        around = stage.paint(frame, actors=False).astype(int)
        change = np.abs(stage.paint(frame) - around).max(-1)
        painted = np.argwhere(change > 130)  # stronger than any shadow on the snow
        left, top, right, bottom = boxes(scene)[0][0, frame] * (160, 90, 160, 90)
        inside = (
            (painted[:, 1] > left - 4) & (painted[:, 1] < right + 4)
            & (painted[:, 0] > top - 4) & (painted[:, 0] < bottom + 4)
        )  # fmt: skip
        assert len(painted) > 50 and inside.mean() > 0.98
        # and the box is not much larger than what it holds
        spread = np.ptp(painted[inside], axis=0)
        assert spread[1] > 0.3 * (right - left) and spread[0] > 0.3 * (bottom - top)


def test_in_front_and_behind_differ_only_where_the_two_overlap():
    actors = (Actor("dog", "red"), Actor("house", "white"))
    front = SceneScript(5, "desert", "day", actors, "passes_front", 1)
    behind = dataclasses.replace(front, event="passes_behind")
    np.testing.assert_array_equal(boxes(front)[0], boxes(behind)[0])
    a, b = render_frames(front, None, 160, 90), render_frames(behind, None, 160, 90)
    assert (a[0] == b[0]).all() and (a[-1] == b[-1]).all()
    middle = NUM_FRAMES // 2
    rows, columns = np.nonzero((a[middle] != b[middle]).any(-1))
    dog, house = boxes(front)[0][:, middle]
    assert len(rows) > 100
    assert columns.min() >= max(dog[0], house[0]) * 160 - 5
    assert columns.max() <= min(dog[2], house[2]) * 160 + 5
    red = a[middle].astype(int)[..., 0] - a[middle][..., 1]
    hidden = b[middle].astype(int)[..., 0] - b[middle][..., 1]
    assert (red > 90).sum() > 2 * (hidden > 90).sum()


@pytest.mark.parametrize("time", TIMES)
def test_red_stays_red_and_blue_stays_blue(time):
    for colour, channel in (("red", 0), ("blue", 2)):
        scene = SceneScript(3, "snowfield", time, (Actor("ball", colour, "big"),), "stays")
        left, top, right, bottom = (boxes(scene)[0][0, 0] * (160, 90, 160, 90)).astype(int)
        ball = render_frames(scene, [0], 160, 90)[0][top:bottom, left:right].astype(int)
        others = np.delete(ball, channel, axis=-1).max(-1)
        assert (ball[..., channel] - others > 50).mean() > 0.3


class _NoGraphics:
    """Makes `import skia` fail as it does where the system's libraries are missing."""

    def find_spec(self, name, path=None, target=None):
        if name == "skia":
            raise ImportError("libGL.so.1: cannot open shared object file")


def test_missing_system_libraries_are_named(monkeypatch):
    import xmr_core.datasets.scenes.draw as draw

    monkeypatch.delitem(sys.modules, "skia")
    monkeypatch.setattr(sys, "meta_path", [_NoGraphics(), *sys.meta_path])
    with pytest.raises(XmrError, match="libgl1 and libegl1"):
        importlib.reload(draw)
