"""Photographs, animated pictures, posters and strips."""

import io

import numpy as np
import pytest
from PIL import Image

from xmr_core.errors import VideoUnavailableError
from xmr_core.media.frames import sample_frames
from xmr_core.media.poster import strip_webp, write_poster

COLOURS = ("red", "lime", "blue", "yellow")


def mean_colour(frame):
    return frame.reshape(-1, 3).mean(0)


def rgb(name):
    return Image.new("RGB", (1, 1), name).getpixel((0, 0))


@pytest.mark.parametrize(
    ("name", "tolerance"), [("p.png", 0), ("p.jpg", 3), ("p.webp", 3), ("p.bmp", 0), ("p.tiff", 0)]
)
def test_a_photograph_is_a_video_of_one_frame(tmp_path, name, tolerance):
    Image.new("RGB", (30, 20), (200, 100, 50)).save(tmp_path / name)
    video = sample_frames(tmp_path / name, 12)
    assert video.frames.shape == (1, 20, 30, 3)
    assert (video.times_s.tolist(), video.duration_s, video.decoder) == ([0.0], 0.0, "pillow")
    np.testing.assert_allclose(mean_colour(video.frames[0]), (200, 100, 50), atol=tolerance)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photographs_stand_upright(tmp_path, orientation):
    upright = np.zeros((20, 30, 3), np.uint8)
    upright[:10, :15] = 255  # white in the upper left corner alone
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.swapaxes(0, 1),
        6: np.rot90(upright, 1),
        7: np.rot90(upright, 1)[::-1, ::-1].swapaxes(0, 1)[::-1].swapaxes(0, 1)[:, ::1],
        8: np.rot90(upright, -1),
    }
    stored[7] = np.rot90(upright.swapaxes(0, 1), 2)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "p.png"
    Image.fromarray(np.ascontiguousarray(stored[orientation])).save(path, exif=exif)
    np.testing.assert_array_equal(sample_frames(path, 1).frames[0], upright)


def test_transparent_pictures_lie_on_white(tmp_path):
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    assert (sample_frames(tmp_path / "clear.png", 1).frames == 255).all()
    Image.new("LA", (8, 8), (0, 128)).save(tmp_path / "half.png")
    assert sample_frames(tmp_path / "half.png", 1).frames.mean() == pytest.approx(127, abs=1)


def test_deep_grey_keeps_its_brightness(tmp_path):
    grey = np.full((8, 8), 128 * 257, np.uint16)
    Image.fromarray(grey).save(tmp_path / "deep.png")
    assert (sample_frames(tmp_path / "deep.png", 1).frames == 128).all()


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
def test_an_animation_is_a_video(tmp_path, name):
    frames = [Image.new("RGB", (16, 12), colour) for colour in COLOURS]
    lengths_ms = [100, 300, 200, 400]
    path = tmp_path / name
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=lengths_ms, loop=0)
    video = sample_frames(path, 5)  # at 0.1, 0.3, 0.5, 0.7, 0.9 s
    np.testing.assert_allclose(video.times_s, [0.1, 0.4, 0.6])
    assert video.duration_s == pytest.approx(1.0)
    for frame, colour in zip(video.frames, COLOURS[1:], strict=True):
        np.testing.assert_allclose(mean_colour(frame), rgb(colour), atol=6)


def test_real_pictures(shared):
    assert sample_frames(shared("data/odd_media/torchcodec_cmyk.jpg"), 4).frames.shape == (
        1,
        720,
        1280,
        3,
    )
    assert len(sample_frames(shared("data/odd_media/torchcodec_animated.gif"), 12).frames) == 4
    with pytest.raises(VideoUnavailableError, match=r"corrupt\.jpg.*damaged"):
        sample_frames(shared("data/odd_media/torchcodec_corrupt.jpg"), 1)


def test_a_cut_off_photograph(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    for name in ("p.jpg", "p.png", "p.webp", "p.gif"):
        path = tmp_path / name
        Image.fromarray(noise).save(path)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(VideoUnavailableError, match="cannot be read"):
            sample_frames(path, 1)


def test_a_poster(tmp_path):
    frame = np.full((90, 160, 3), (10, 120, 200), np.uint8)
    write_poster(frame, tmp_path / "poster.webp")
    with Image.open(tmp_path / "poster.webp") as poster:
        assert (poster.format, poster.size) == ("WEBP", (160, 90))
        np.testing.assert_allclose(mean_colour(np.asarray(poster)), (10, 120, 200), atol=4)
    assert [path.name for path in tmp_path.iterdir()] == ["poster.webp"]


def test_a_strip_holds_all_frames_in_order():
    frames = np.stack([np.full((90, 160, 3), rgb(colour), np.uint8) for colour in COLOURS])
    with Image.open(io.BytesIO(strip_webp(frames, 80))) as strip:
        assert (strip.format, strip.size) == ("WEBP", (320, 45))
        cells = np.asarray(strip.convert("RGB"))
    for i, colour in enumerate(COLOURS):
        inside = cells[:, 80 * i + 10 : 80 * i + 70]
        np.testing.assert_allclose(mean_colour(inside), rgb(colour), atol=8)


def test_a_strip_too_wide_for_webp():
    with pytest.raises(ValueError, match="300 frames of 100 pixels"):
        strip_webp(np.zeros((300, 9, 16, 3), np.uint8), 100)
