"""Texts that name a video: clips of a gallery by id and by link, files, and what is neither."""

import time
from pathlib import Path

import pytest

from xmr_core.errors import VideoUnavailableError
from xmr_core.sources import NamedClips, address_of, opened_video
from xmr_core.types import Clip
from xmr_core.youtube import YouTubeAddress, YouTubeError

WATCH = "https://www.youtube.com/watch?v="
CLIPS = (
    Clip("video7015", "7015.mp4", 0, 10, url=f"{WATCH}dQw4w9WgXcQ", source_start_s=100.0),
    Clip("video7016", "7016.mp4", 0, 10, url=f"{WATCH}dQw4w9WgXcQ&t=200s"),
    Clip("dQw4w9WgXcQ_000300_000310", "300.mp4", 0, 10),
    Clip("Ptf_2VRj-V0_000122_000132", "vatex.mp4", 0, 10, url=f"{WATCH}Ptf_2VRj-V0"),
    Clip("abcdefghijk", "eleven.mp4", 0, 10),
    Clip("strange", "strange.mp4", 0, 10, url="https://x.test/watch?v=dQw4w9WgXcQ"),
    Clip("hostile", "hostile.mp4", 0, 10, url="https://www.youtube.com:99999999/["),
)
FOUND = {
    " video7015 ": "video7015",
    "abcdefghijk": "abcdefghijk",
    "dQw4w9WgXcQ": "video7015",
    "https://youtu.be/dQw4w9WgXcQ": "video7015",
    "https://youtu.be/dQw4w9WgXcQ?t=106": "video7015",
    "youtu.be/dQw4w9WgXcQ?t=149": "video7015",
    "youtu.be/dQw4w9WgXcQ?t=161": "video7016",
    "youtube.com/shorts/dQw4w9WgXcQ?t=3m20s": "video7016",
    "dQw4w9WgXcQ_000299_000309": "dQw4w9WgXcQ_000300_000310",
    "dQw4w9WgXcQ_009999_010000": "dQw4w9WgXcQ_000300_000310",
    f"{WATCH}Ptf_2VRj-V0&t=900": "Ptf_2VRj-V0_000122_000132",
    "AAAAAAAAAAA": None,
    "nothing": None,
    "": None,
    "https://x.test/watch?v=dQw4w9WgXcQ": None,
    f"{WATCH}abcdefghijk": None,
    "https://www.youtube.com/playlist?list=dQw4w9WgXcQ": None,
    "x" * 100_000: None,
}


@pytest.mark.parametrize(("text", "clip_id"), FOUND.items(), ids=lambda value: str(value)[:40])
def test_finds_clips_by_id_and_by_link(text, clip_id):
    found = NamedClips(CLIPS).find(text)
    assert (found and found.id) == clip_id


def test_a_link_is_found_in_a_large_gallery_without_a_walk_through_it():
    clips = [
        Clip(f"v{n}", f"{n}.mp4", 0, 10, url=f"{WATCH}{n:011d}", source_start_s=float(n))
        for n in range(10_000)
    ]
    named = NamedClips(clips)
    start = time.perf_counter()
    for n in range(0, 10_000, 10):
        found = named.find(f"https://youtu.be/{n:011d}?t=5")
        assert found is clips[n]
    assert time.perf_counter() - start < 2.0  # 1,000 walks over 10,000 clips take far longer


def test_a_file_comes_before_an_address(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("dQw4w9WgXcQ").write_bytes(b"a film")
    with opened_video("dQw4w9WgXcQ", "mine") as path:
        assert path.read_bytes() == b"a film"
    assert address_of("dQw4w9WgXcQ") is None
    assert address_of("AAAAAAAAAAA") == YouTubeAddress("AAAAAAAAAAA")
    assert address_of(Path("AAAAAAAAAAA")) is None


@pytest.mark.parametrize("text", ["nothing.mp4", "a/b.mp4", "x" * 5000, "null\0byte", ""])
def test_what_is_nothing_is_said_with_its_name(text):
    with pytest.raises(VideoUnavailableError) as told, opened_video(text, "mine"):
        pass
    assert len(str(told.value)) < 300 and "\0" not in str(told.value)


def test_without_permission_nothing_is_downloaded(monkeypatch):
    monkeypatch.setenv("SPACE_ID", "someone/something")
    with pytest.raises(YouTubeError, match="switched off here"), opened_video("AAAAAAAAAAA", "m"):
        pass
