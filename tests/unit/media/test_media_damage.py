"""Bad input: the right pictures or one sentence, never something else."""

import time

import numpy as np
import pytest
from painted import number_of, write_painted, write_sound
from PIL import Image

from xmr_core.errors import ConfigError, VideoUnavailableError
from xmr_core.media.frames import sample_frames
from xmr_core.media.limits import MediaLimits

STEADY = [40 * k for k in range(75)]


def refusal(path, **arguments):
    """The sentence with which a file is refused."""
    with pytest.raises(VideoUnavailableError) as caught:
        sample_frames(path, 12, **arguments)
    message = str(caught.value)
    assert path.name in message
    assert message.endswith(".") and "\n" not in message
    return message


@pytest.fixture(scope="module")
def steady(tmp_path_factory):
    return write_painted(tmp_path_factory.mktemp("steady") / "steady.mp4", STEADY)


def test_nothing_there(tmp_path):
    assert "no such file" in refusal(tmp_path / "gone.mp4")
    assert "not a file" in refusal(tmp_path)


def test_empty_random_and_renamed_files(tmp_path):
    contents = {
        "empty.mp4": b"",
        "random.mp4": np.random.default_rng(0).bytes(50_000),
        "text.mp4": b"These are words and not a film.\n" * 100,
        "zeros.mkv": bytes(50_000),
        "bare_header.mp4": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    assert "0 bytes" in refusal(tmp_path / "empty.mp4")
    for name in list(contents)[1:]:
        assert "not a video" in refusal(tmp_path / name)


def test_sound_alone(tmp_path, shared):
    assert "only sound" in refusal(write_sound(tmp_path / "sound.m4a"))
    assert "only sound" in refusal(shared("data/odd_media/torchcodec_nasa_13013.mp4.audio.mp3"))


def test_a_damaged_real_file(shared):
    assert "damaged" in refusal(shared("data/odd_media/decord_corrupted.mp4"))


def test_a_wrong_name_does_not_matter(steady, tmp_path):
    film = tmp_path / "film.jpg"
    film.write_bytes(steady.read_bytes())
    assert len(sample_frames(film, 12).frames) == 12
    photo = tmp_path / "photo.mp4"
    Image.new("RGB", (8, 6), "red").save(photo, "JPEG")
    assert sample_frames(photo, 12).frames.shape == (1, 6, 8, 3)


@pytest.mark.parametrize("reader", ["decord2", "pyav"])
@pytest.mark.parametrize("kept", [0.5, 0.8, 0.97])
@pytest.mark.parametrize("ending", ["mp4", "mkv", "ts"])
def test_a_cut_off_file(tmp_path, ending, kept, reader):
    """It gives pictures at the very times of the whole file, or says where it ends."""
    options = {"x264-params": "open-gop=1:bframes=3:keyint=12"} if reader == "pyav" else {}
    faststart = {"movflags": "faststart"} if ending == "mp4" else {}
    whole = write_painted(
        tmp_path / f"whole.{ending}", STEADY, options=options, container=faststart
    )
    cut = tmp_path / f"cut.{ending}"
    data = whole.read_bytes()
    cut.write_bytes(data[: int(len(data) * kept)])
    if kept > 0.9:  # so little that only an index can tell
        try:
            video = sample_frames(cut, 12)
        except VideoUnavailableError as error:
            assert "cut off" in str(error)
        else:
            numbers = [number_of(frame) for frame in video.frames]
            np.testing.assert_allclose(video.times_s, 0.04 * np.array(numbers), atol=1e-3)
            assert video.duration_s > 2.7
    elif ending != "ts":  # a stream does not say how long it is: what is there is the whole
        assert "cut off" in refusal(cut)
    begin = sample_frames(cut, 3, end_s=0.3)
    assert [number_of(frame) for frame in begin.frames] == [1, 3, 6]


@pytest.mark.parametrize("options", [{}, {"x264-params": "open-gop=1:bframes=3:keyint=12"}])
def test_overwritten_bytes_never_give_another_picture(tmp_path, options):
    """By decord2 (first kind of file) and by PyAV."""
    whole = write_painted(tmp_path / "whole.mp4", STEADY, options=options)
    data = whole.read_bytes()
    random = np.random.default_rng(0)
    expected = [number_of(frame) for frame in sample_frames(whole, 12).frames]
    refused = 0
    for trial in range(12):
        damaged = bytearray(data)
        at = int(random.integers(0, len(data) - 600))
        damaged[at : at + 600] = random.bytes(600) if trial % 2 else bytes(600)
        path = tmp_path / f"damaged{trial}.mp4"
        path.write_bytes(damaged)
        try:
            video = sample_frames(path, 12)
        except VideoUnavailableError:
            refused += 1
        else:
            assert [number_of(frame) for frame in video.frames] == expected
    assert refused > 0


def test_a_truncated_index_at_the_end_of_the_file(steady, tmp_path):
    """An ordinary mp4 has its index last; a broken download has none."""
    path = tmp_path / "download.mp4"
    path.write_bytes(steady.read_bytes()[:-1500])
    refusal(path)


def test_every_limit_has_its_sentence(steady):
    assert "bytes" in refusal(steady, limits=MediaLimits(max_bytes=100))
    assert "176 x 96 pixels" in refusal(steady, limits=MediaLimits(max_pixels=1000))
    assert "lasts 3 s" in refusal(steady, limits=MediaLimits(max_duration_s=1))
    assert "decoded" in refusal(steady, limits=MediaLimits(max_decoded_frames=10))
    assert "starts at 5.00 s" in refusal(steady, start_s=5.0)


@pytest.mark.parametrize("name", ["max_pixels", "timeout_s", "max_bytes"])
def test_limits_must_be_positive(name):
    with pytest.raises(ConfigError, match=name):
        MediaLimits(**{name: 0})


def test_names_that_no_terminal_likes(steady, tmp_path):
    odd = tmp_path / "多 words\n and 'quotes' \udcff.mp4"
    try:
        odd.write_bytes(steady.read_bytes())
    except OSError:
        pytest.skip("this file system refuses such names")
    assert len(sample_frames(odd, 3).frames) == 3
    odd.write_bytes(b"no film")
    with pytest.raises(VideoUnavailableError) as caught:
        sample_frames(odd, 3)
    str(caught.value).encode()
    assert "\n" not in str(caught.value)


def test_the_size_is_known_before_anything_is_decoded(tmp_path):
    """A picture bomb: few bytes, 1.6 gigapixels."""
    bomb = tmp_path / "bomb.png"
    write_png_header(bomb, 40_000, 40_000)
    start = time.perf_counter()
    assert "larg" in refusal(bomb) or "pixels" in refusal(bomb)
    assert time.perf_counter() - start < 1


def write_png_header(path, width, height):
    """A PNG that announces a size and holds nothing."""
    import struct
    import zlib

    def chunk(kind, body):
        crc = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
