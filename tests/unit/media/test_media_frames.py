"""Which pictures come out of a video, when they are shown and in which colours."""

import shutil
import subprocess
from fractions import Fraction

import av
import numpy as np
import pytest
from painted import number_of, paint, write_painted

from xmr_core.media.frames import sample_frames
from xmr_core.media.sampling import centre_times, shown_at

STEADY = [40 * k for k in range(75)]
UNSTEADY = np.cumsum([0, *np.random.default_rng(0).integers(10, 200, 74)]).tolist()
LATE = [5000 + time for time in STEADY]

ODD_VIDEOS = (
    "decord_video_0.mov",
    "decord_video_90.mov",
    "gradio_bad_video_sample.mp4",
    "gradio_playable_but_bad_container.mkv",
    "pyscenedetect_goldeneye-vfr-drop3.mp4",
    "torchcodec_av1_video.mkv",
    "torchcodec_bt2020_10bit.mp4",
    "torchcodec_discard_first_keyframe.mp4",
    "torchcodec_h265_video.mp4",
    "torchcodec_nasa_13013_rotated.mp4",
    "torchcodec_nasa_13013_vfr.mp4",
    "torchcodec_test_non_zero_start.mp4",
    "torchcodec_testsrc2_12bit_hdr.mp4",
    "torchcodec_testsrc2_odd_height_and_width_444.mp4",
    "torchcodec_testsrc2_vp9.webm",
)
CLIPS = ("video0", "video176", "video1820", "video236", "video7500", "video9770")

# Name of the file, times of its pictures, how it is written, who should read it.
WRITTEN = {
    "steady.mp4": (STEADY, {}, "decord2"),
    "unsteady.mp4": (UNSTEADY, {}, "decord2"),
    "late.mp4": (LATE, {}, "decord2"),
    "late.mkv": (LATE, {}, "decord2"),
    "no_edit_list.mp4": (STEADY, {"container": {"use_editlist": "0"}}, "decord2"),
    "fragments.mp4": (STEADY, {"container": {"movflags": "frag_keyframe+empty_moov"}}, "decord2"),
    "open_gop.mp4": (
        STEADY,
        {"options": {"x264-params": "open-gop=1:bframes=3:keyint=12:scenecut=0"}},
        "pyav",
    ),
    "intra_refresh.mp4": (
        STEADY,
        {"options": {"x264-params": "intra-refresh=1:keyint=20"}},
        "pyav",
    ),
    "hevc.mkv": (
        UNSTEADY,
        {"codec": "libx265", "options": {"x265-params": "keyint=12:bframes=4:log-level=none"}},
        "pyav",
    ),
    "vp8.webm": (
        STEADY,
        {"codec": "libvpx", "options": {"auto-alt-ref": "1", "lag-in-frames": "16", "b": "400k"}},
        "decord2",
    ),
    "vp9.mp4": (
        UNSTEADY,
        {"codec": "libvpx-vp9", "options": {"lag-in-frames": "16", "cpu-used": "8", "b": "400k"}},
        "decord2",
    ),
    "mpeg4.mp4": (UNSTEADY, {"codec": "mpeg4", "b_frames": 2, "options": {"b": "900k"}}, "pyav"),
    "mpeg4.avi": (STEADY, {"codec": "mpeg4", "b_frames": 2, "options": {"b": "900k"}}, "pyav"),
    "x264.avi": (STEADY, {}, "pyav"),
    "stream.ts": (STEADY, {"format": "mpegts"}, "pyav"),
    "flash.flv": (STEADY, {}, "pyav"),
    "raw.h264": (STEADY, {"format": "h264"}, "pyav"),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_every_sample_is_the_picture_on_the_screen_at_that_time(tmp_path, name):
    times_ms, how, reader = WRITTEN[name]
    video = sample_frames(write_painted(tmp_path / name, times_ms, **how), 12)

    starts_s = (np.array(times_ms) - times_ms[0]) / 1000
    wanted_s = (np.arange(12) + 0.5) / 12 * video.duration_s
    expected = [int(np.flatnonzero(starts_s <= wanted)[-1]) for wanted in wanted_s]
    assert [number_of(frame) for frame in video.frames] == expected
    np.testing.assert_allclose(video.times_s, starts_s[expected], atol=1.5e-3)
    assert video.duration_s == pytest.approx(starts_s[-1] + 0.04, abs=0.2)
    assert video.decoder == reader


@pytest.mark.parametrize("name", ["steady.mp4", "open_gop.mp4", "late.mkv", "stream.ts"])
def test_a_stretch_is_cut_from_the_middle(tmp_path, name):
    times_ms, how, _ = WRITTEN[name]
    path = write_painted(tmp_path / name, times_ms, **how)
    video = sample_frames(path, 4, start_s=1.0, end_s=2.0)
    assert [number_of(frame) for frame in video.frames] == [28, 34, 40, 46]
    assert video.duration_s == 1.0


def test_a_short_video_gives_each_of_its_pictures_once(tmp_path):
    video = sample_frames(write_painted(tmp_path / "three.mp4", [0, 40, 80]), 12)
    assert [number_of(frame) for frame in video.frames] == [0, 1, 2]
    assert (np.diff(video.times_s) > 0).all()


def test_a_video_of_one_picture(tmp_path):
    video = sample_frames(write_painted(tmp_path / "one.mp4", [0]), 12)
    assert [number_of(frame) for frame in video.frames] == [0]


ONE = 1 << 16


@pytest.mark.parametrize(
    ("turn", "seen"),
    [
        ((ONE, 0, 0, ONE), lambda f: f),
        ((0, ONE, -ONE, 0), lambda f: np.rot90(f, -1)),
        ((-ONE, 0, 0, -ONE), lambda f: np.rot90(f, 2)),
        ((0, -ONE, ONE, 0), lambda f: np.rot90(f, 1)),
        ((-ONE, 0, 0, ONE), lambda f: f[:, ::-1]),
        ((ONE, 0, 0, -ONE), lambda f: f[::-1]),
        ((0, ONE, ONE, 0), lambda f: f.swapaxes(0, 1)),
    ],
)
def test_turned_and_mirrored_videos_stand_upright(tmp_path, turn, seen):
    a, b, c, d = turn
    path = write_painted(tmp_path / "t.mp4", [0, 40], matrix=(a, b, 0, c, d, 0, 0, 0, 1 << 30))
    frame = sample_frames(path, 1).frames[0].astype(int)
    # Picture 1: asymmetric in both directions. Chroma is shared by 2 x 2 pixels, hence the mean.
    expected = seen(paint(1)).astype(int)
    assert frame.shape == expected.shape
    assert np.abs(frame - expected).mean() < 6


@pytest.mark.parametrize(
    ("space", "kr", "kb"), [(1, 0.2126, 0.0722), (5, 0.299, 0.114), (2, 0.299, 0.114)]
)
@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize(("ending", "reader"), [("mp4", "decord2"), ("ts", "pyav")])
def test_colours_follow_the_matrix_and_range_of_the_file(
    tmp_path, space, kr, kb, full_range, ending, reader
):
    y, u, v = 120, 90, 170
    luma = y if full_range else (y - 16) * 255 / 219
    gain = 1 if full_range else 255 / 224
    blue = luma + (u - 128) * gain * 2 * (1 - kb)
    red = luma + (v - 128) * gain * 2 * (1 - kr)
    green = (luma - kr * red - kb * blue) / (1 - kr - kb)

    path = tmp_path / f"flat.{ending}"
    planes = np.concatenate([np.full(128 * 128, y), np.full(64 * 64, u), np.full(64 * 64, v)])
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=Fraction(25))
        stream.width = stream.height = 128
        stream.pix_fmt = "yuv420p"
        stream.codec_context.colorspace = space
        stream.codec_context.color_range = 2 if full_range else 1
        frame = av.VideoFrame.from_ndarray(planes.astype(np.uint8).reshape(192, 128), "yuv420p")
        frame.colorspace, frame.color_range = space, 2 if full_range else 1
        file.mux(stream.encode(frame))
        file.mux(stream.encode())

    video = sample_frames(path, 1)
    assert video.decoder == reader
    colour = video.frames[0].reshape(-1, 3).mean(0)
    np.testing.assert_allclose(colour, [red, green, blue], atol=3)


def reference(path):
    """All pictures decoded one after the other, then chosen: slow and plain."""
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        pictures = [
            (
                frame.time,
                np.rot90(frame.to_ndarray(format="rgb24", interpolation=4), frame.rotation // 90),
            )
            for frame in file.decode(stream)
        ]
    times_s = np.array([time for time, _ in pictures]) - pictures[0][0]
    return times_s, [picture for _, picture in pictures]


@pytest.mark.parametrize(
    "name",
    [f"odd_media/{name}" for name in ODD_VIDEOS] + [f"msrvtt/clips/{name}.mp4" for name in CLIPS],
)
def test_real_files_agree_with_a_plain_decode(shared, name):
    path = shared(f"data/{name}")
    video = sample_frames(path, 6)
    times_s, pictures = reference(path)
    chosen = shown_at(times_s, centre_times(0, video.duration_s, 6))
    np.testing.assert_allclose(video.times_s, times_s[chosen], atol=1e-6)
    difference = np.abs(video.frames.astype(int) - np.stack([pictures[i] for i in chosen]))
    # PyAV's plain conversion places the colours of deep video a little off; see `to_rgb`.
    assert difference.mean() <= (3 if "bit" in name else 0)


@pytest.mark.parametrize("name", ODD_VIDEOS)
def test_colours_agree_with_ffmpeg(shared, name):
    if shutil.which("ffmpeg") is None:
        pytest.skip("needs the ffmpeg program to compare with")
    path = shared(f"data/odd_media/{name}")
    command = ["ffmpeg", "-v", "error", "-i", path, "-frames:v", "1", "-f", "rawvideo"]
    raw = subprocess.run([*command, "-pix_fmt", "rgb24", "-"], capture_output=True).stdout
    first = sample_frames(path, 1, end_s=1e-3).frames[0]
    expected = np.frombuffer(raw, np.uint8).reshape(first.shape).astype(int)
    assert np.abs(first - expected).mean() < 0.1


def test_max_side_shrinks_and_keeps_the_shape(shared, tmp_path):
    path = write_painted(tmp_path / "v.mp4", STEADY)
    small = sample_frames(path, 3, max_side=88)
    assert small.frames.shape == (3, 48, 88, 3)
    assert [number_of(frame) for frame in small.frames] == [12, 37, 62]
    assert sample_frames(path, 1, max_side=5000).frames.shape == (1, 96, 176, 3)


@pytest.mark.parametrize(
    "arguments",
    [
        {"num_frames": 0},
        {"num_frames": 1, "start_s": -1.0},
        {"num_frames": 1, "start_s": 2.0, "end_s": 2.0},
        {"num_frames": 1, "start_s": float("nan")},
        {"num_frames": 1, "max_side": 0},
    ],
)
def test_impossible_requests_are_the_callers_mistake(tmp_path, arguments):
    with pytest.raises(ValueError, match="must"):
        sample_frames(tmp_path / "any.mp4", **arguments)


@pytest.mark.parametrize("width", [16, 48, 64, 72, 98])
def test_very_narrow_videos_keep_their_colours(tmp_path, width):
    picture = np.zeros((32, width, 3), np.uint8)
    picture[:, : width // 2], picture[:, width // 2 :] = (200, 0, 0), (0, 0, 200)
    with av.open(str(tmp_path / "narrow.mp4"), "w") as file:
        stream = file.add_stream("h264", rate=8)
        stream.width, stream.height, stream.pix_fmt = width, 32, "yuv420p"
        for _ in range(4):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        file.mux(stream.encode())
    frames = sample_frames(tmp_path / "narrow.mp4", 2).frames
    assert frames.shape == (2, 32, width, 3)
    assert np.abs(frames[:, :, 2:-2].astype(int) - picture[:, 2:-2]).mean() < 12
