"""The shipped folder: written, read back, checked."""

import json

import av
import numpy as np
import pytest
from PIL import Image

from xmr_core.datasets.scenes import dataset, ship
from xmr_core.datasets.scenes.__main__ import main
from xmr_core.datasets.scenes.render import boxes, render_frames
from xmr_core.datasets.scenes.script import FPS, HEIGHT, NUM_FRAMES, WIDTH, script
from xmr_core.errors import GalleryError
from xmr_core.media.write import write_mp4

COUNT = 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("scenes")
    ship.write(root, COUNT)
    return root


def test_everything_comes_back(folder):
    clips = dataset.load_clips(folder)
    assert [clip.id for clip in clips] == ["scene0000", "scene0001"]
    for index, clip in enumerate(clips):
        assert (clip.start_s, clip.end_s, clip.url) == (0.0, 4.0, None)
        assert [caption.language for caption in clip.captions] == ["en"] * 10 + ["zh"] * 10
        assert clip.action == script("test", index).event
        with Image.open(folder / "posters" / f"{clip.id}.webp") as poster:
            assert poster.size == (WIDTH, HEIGHT)
    assert dataset.load_scripts(folder)["scene0001"] == script("test", 1)
    assert dataset.load_captions(folder)["scene0001"] == ship.captions_of(1)
    start, end = dataset.load_event_times(folder)["scene0000"]
    assert 0 <= start < end <= 4
    found = dataset.load_boxes(folder)["scene0001"]
    expected, actors = boxes(script("test", 1))
    np.testing.assert_allclose(found.boxes, expected, atol=1e-3)
    assert (found.actors == actors).all()


def test_clips_are_what_every_browser_plays(folder):
    path = folder / "clips" / "scene0000.mp4"
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (video.width, video.height, video.average_rate) == (WIDTH, HEIGHT, FPS)
        assert sum(1 for _ in container.decode(video=0)) == NUM_FRAMES
    head = path.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")


def test_check_accepts_what_was_written(folder, capsys):
    assert main(["--check", "--sample", "1", "--out", str(folder)]) == 0
    assert "1 of 2 clips" in capsys.readouterr().out


def test_check_names_what_is_wrong(folder, tmp_path, capsys):
    for path in folder.rglob("*.*"):
        copy = tmp_path / path.relative_to(folder)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())
    clips = tmp_path / "clips"
    (clips / "scene0000.mp4").write_bytes((clips / "scene0001.mp4").read_bytes())
    records = [json.loads(line) for line in (tmp_path / "clips.jsonl").read_text().splitlines()]
    records[1]["captions"][0]["text"] = "Something else."
    (tmp_path / "clips.jsonl").write_text("\n".join(json.dumps(record) for record in records))
    problems = ship.check(tmp_path, COUNT).problems
    assert len(problems) == 2
    assert "scene0000: the frames differ" in problems[0] and "scene0001: the cap" in problems[1]
    assert main(["--check", "--out", str(tmp_path)]) == 1


def test_writing_goes_on_where_it_was_stopped(tmp_path):
    class StoppedError(Exception):
        pass

    def stop_after_one(iterable, *, desc=None, total=None):
        for item in iterable:
            if item == 1:
                raise StoppedError
            yield item

    with pytest.raises(StoppedError):
        ship.write(tmp_path, COUNT, stop_after_one)
    assert not (tmp_path / "clips.jsonl").exists()
    first = tmp_path / "clips" / "scene0000.mp4"
    before = first.stat().st_mtime_ns
    ship.write(tmp_path, COUNT)
    assert first.stat().st_mtime_ns == before
    assert len(dataset.load_clips(tmp_path)) == COUNT
    assert not list(tmp_path.rglob("*.tmp")) and not (tmp_path / ".unfinished").exists()


def test_a_missing_or_damaged_folder_is_a_sentence(tmp_path, capsys):
    with pytest.raises(GalleryError, match="--write"):
        dataset.load_clips(tmp_path)
    assert main(["--check", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    (tmp_path / "clips.jsonl").write_text('{"id"')
    with pytest.raises(GalleryError, match="Line 1"):
        dataset.load_clips(tmp_path)
    (tmp_path / "boxes.npz").write_bytes(b"no archive")
    with pytest.raises(GalleryError, match="boxes"):
        dataset.load_boxes(tmp_path)


def test_poster_of_an_appearance_shows_the_thing():
    for index in range(150):
        scene = script("test", index)
        if scene.event in ("appears", "then_appears", "disappears", "then_disappears"):
            found, _ = boxes(scene)
            assert not np.isnan(found[:, ship.telling_frame(scene), 0]).any()


def test_mp4_round_trip_keeps_colours_and_bytes(tmp_path):
    frames = render_frames(script("test", 0), range(8))
    one, two = tmp_path / "one.mp4", tmp_path / "two.mp4"
    write_mp4(one, frames, FPS, crf=18)
    write_mp4(two, frames, FPS, crf=18)
    assert one.read_bytes() == two.read_bytes()
    with av.open(str(one)) as container:
        decoded = np.stack([f.to_ndarray(format="rgb24") for f in container.decode(video=0)])
    assert ship.psnr_db(decoded, frames) > 34
    assert np.abs(decoded.mean((0, 1, 2)) - frames.mean((0, 1, 2))).max() < 1.5


def test_odd_sides_are_refused(tmp_path):
    with pytest.raises(ValueError, match="even"):
        write_mp4(tmp_path / "odd.mp4", np.zeros((2, 9, 16, 3), np.uint8), FPS)
    assert not list(tmp_path.iterdir())
