"""The figure: written whole, readable by any viewer, in both languages, for odd shapes."""

import dataclasses
import logging

import numpy as np
import pytest
from PIL import Image

from xmr_core.explain import fonts
from xmr_core.explain.colours import heat_overlay, ramp, two_sided
from xmr_core.explain.figure import draw_figure, write_figure
from xmr_core.types import Explanation


@pytest.fixture
def explanation(clip, video) -> Explanation:
    rng = np.random.default_rng(0)
    return Explanation(
        query="a red zebra",
        clip=clip,
        score=0.3,
        words=("a", "red", "zebra"),
        word_known=(True, True, False),
        word_effects=np.array([0.01, 0.1, -0.05], np.float32),
        frame_times_s=video.times_s,
        frame_scores=np.array([0.1, 0.4, 0.2, 0.3], np.float32),
        frame_effects=np.array([-0.01, 0.02, 0.0, 0.01], np.float32),
        word_frame=rng.normal(size=(3, 4)).astype(np.float32),
        patch_maps=rng.random((4, 4, 3, 5)).astype(np.float32),
        patch_method="Grad-ECLIP",
        elapsed_ms=1.0,
    )


def test_a_png_is_written_in_one_step(explanation, video, tmp_path):
    path = tmp_path / "figure.png"
    path.write_bytes(b"old")
    write_figure(explanation, video, path)
    assert [file.name for file in tmp_path.iterdir()] == ["figure.png"]
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert picture.width == 1400


def test_the_maps_are_in_the_picture(explanation, video):
    other = dataclasses.replace(explanation, patch_maps=explanation.patch_maps[::-1].copy())
    first, second = (np.asarray(draw_figure(e, video)) for e in (explanation, other))
    assert first.shape == second.shape
    assert (first != second).any(-1).mean() > 0.02


@pytest.mark.parametrize("maps", [True, False])
def test_less_to_show_is_a_shorter_picture(explanation, video, maps):
    bare = explanation if maps else dataclasses.replace(explanation, patch_maps=None)
    assert draw_figure(bare, None).height < draw_figure(bare, video).height
    assert draw_figure(bare, video).height <= draw_figure(explanation, video).height


def test_one_frame_no_word_and_a_very_long_query(explanation, video):
    image = dataclasses.replace(
        explanation,
        query="红色的汽车" * 100,
        words=(),
        word_known=(),
        word_effects=np.zeros(0, np.float32),
        frame_times_s=np.zeros(1),
        frame_scores=np.ones(1, np.float32),
        frame_effects=np.ones(1, np.float32),
        word_frame=np.zeros((0, 1), np.float32),
        patch_maps=explanation.patch_maps[:1, :1],
    )
    still = dataclasses.replace(video, frames=video.frames[:1], times_s=np.zeros(1))
    assert draw_figure(image, still).height > 700  # the title alone takes many lines


def test_frames_must_be_those_of_the_explanation(explanation, video, tmp_path):
    fewer = dataclasses.replace(video, frames=video.frames[:2])
    with pytest.raises(ValueError, match="2 frames for an explanation of 4"):
        write_figure(explanation, fewer, tmp_path / "figure.png")


def test_without_a_chinese_font_one_line_says_so(explanation, monkeypatch, tmp_path, caplog):
    monkeypatch.setattr(fonts, "_face", lambda bold: None)
    chinese = dataclasses.replace(explanation, query="一辆红色的汽车")
    with caplog.at_level(logging.WARNING):
        write_figure(explanation, None, tmp_path / "en.png")
        assert not caplog.records
        write_figure(chinese, None, tmp_path / "zh.png")
    assert len(caplog.records) == 1
    assert (tmp_path / "zh.png").stat().st_size > 0


def test_heat_covers_what_is_hot_and_leaves_what_is_not():
    frame = np.full((30, 50, 3), 120, np.uint8)
    heat = np.zeros((3, 5), np.float32)
    heat[1, 4] = 1
    picture = np.asarray(heat_overlay(frame, heat, (100, 60))).astype(int)
    hot, cold = picture[30, 90], picture[30, 10]
    assert hot.sum() > cold.sum() + 150
    assert np.ptp(cold) == 0  # grey stays grey


def test_colours_rise_and_have_sides():
    brightness = ramp(np.linspace(0, 1, 50)).mean(-1)
    assert (np.diff(brightness) > 0).all()
    assert two_sided(0.0) == (255, 255, 255)
    red, _, blue = two_sided(1.0)
    assert red > blue
    red, _, blue = two_sided(-1.0)
    assert blue > red
