"""yt-dlp itself against a server on this machine: what is fetched, and what is left behind."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from youtube_server import PLUGINS, SECONDS, brightness

from xmr_core.errors import ConfigError
from xmr_core.media.frames import sample_frames
from xmr_core.youtube import (
    DownloadLimits,
    Rules,
    Step,
    YouTubeAddress,
    YouTubeError,
    begin_download,
    check_allowed,
    download,
    is_allowed,
)

ROOT = Path(__file__).resolve().parents[3]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1][:3]


def seconds_of(path: Path, end_s: float | None = None) -> list[int]:
    """Which seconds of the film each of eight pictures of a file shows."""
    video = sample_frames(path, 8, end_s=end_s)
    return [round((float(picture.mean()) - brightness(0)) / 5) for picture in video.frames]


@pytest.mark.parametrize(
    ("name", "start_s"),
    [
        *((name, 28.5) for name in ("plain", "index_last", "dash", "pieces", "whole_only", "cut")),
        *((name, 0.0) for name in ("dash", "pieces")),
    ],
)
def test_fetches_exactly_the_stretch(films, name, start_s):
    with films.download(name, start_s, start_s + 8) as running:
        steps = list(running)
        assert (running.start_s, running.end_s) == (start_s, pytest.approx(start_s + 8, abs=0.2))
        assert seconds_of(running.path, 8.0) == [int(start_s + n + 0.5) for n in range(8)]
        # A few pictures may follow that earlier ones were made from.
        assert 8 <= sample_frames(running.path, 4).duration_s <= 8.5
        first, last = (28, 37) if start_s else (0, 8)
        assert running.path.name == f"xmrtest_id__{first:06d}_{last:06d}.mp4"
    assert steps[0] == Step("asking") and steps[-1].stage == "downloading"
    assert not running._folder and not list(Path(tempfile.gettempdir()).glob("xmr-*"))


@pytest.mark.parametrize("name", ["dash", "pieces"])
def test_only_what_is_needed_is_sent(films, name):
    whole = (films.folder / "plain.mp4").stat().st_size
    with films.download(name, 30.0, 33.0) as running:
        list(running)
        assert running.path.stat().st_size < whole / 4
    assert whole > 4 << 20
    assert films.sent_bytes < whole * 0.75  # what was asked for goes in pieces of 1 MiB


def test_without_an_end_the_limit_ends_it(films):
    with films.download("plain", 5.0, max_s=4.0) as running:
        list(running)
        assert running.end_s == pytest.approx(9.0, abs=0.2)
    with films.download("plain") as running:  # all of it, as it is shorter
        list(running)
        assert (running.start_s, round(running.end_s)) == (0.0, SECONDS)
        assert seconds_of(running.path) == list(range(2, SECONDS, 5))
    with films.download("plain", 36.0, 99.0) as running:
        list(running)
        assert round(running.end_s) == SECONDS
    with films.download("plain", 2.0, 99.0, max_s=3.0) as running:
        list(running)
        assert running.end_s == pytest.approx(5.0, abs=0.2)


def test_of_youtubes_formats_the_small_silent_one_is_taken(films):
    with films.download("as_youtube", 1.0, 2.0) as running:
        list(running)
    assert set(films.asked) == {"/info/as_youtube", "/film/plain.mp4?itag=134"}


FAILURES = {
    "elsewhere": ("elsewhere", "'localhost'"),
    "elsewhere_pieces": ("elsewhere", "'localhost'"),
    "gone_pieces": ("removed", "no longer on YouTube"),
    "file": ("no_format", "no small picture"),
    "status_403": ("refused", "HTTP 403"),
    "status_404": ("removed", "no longer on YouTube"),
    "status_410": ("removed", "no longer on YouTube"),
    "status_429": ("busy", "for a while"),
    "status_500": ("refused", "HTTP 500"),
    "only_large": ("no_format", "no small picture"),
    "only_sound": ("no_format", "no small picture"),
    "odd_kind": ("no_format", "no small picture"),
    "not_a_film": ("broken", "not a video"),
    "very_long": ("too_long", "50.0 hours"),
    "live": ("live", "is live"),
    "upcoming": ("live", "has not begun"),
    "list": ("playlist", "one video"),
    "other_site": ("playlist", "one video"),
    "region": ("region", "country"),
    "endless": ("too_large", "More than 2 MB"),
    "silent": ("timed_out", "within 1 seconds"),
}


@pytest.mark.parametrize(("name", "expected"), FAILURES.items())
def test_every_failure_is_a_sentence(films, name, expected):
    reason, words = expected
    with films.download(name, 20.0, 25.0, silence_s=1, max_bytes=2_000_000) as running:
        with pytest.raises(YouTubeError) as failed:
            list(running)
        with pytest.raises(ValueError, match="not complete"):
            _ = running.path
    assert failed.value.reason == reason and words in str(failed.value)


def test_a_moment_behind_the_end(films):
    for name in ("plain", "no_duration"):
        films.videos["no_duration"] = {**films.videos["plain"], "duration": None}
        with films.download(name, 70.0) as running, pytest.raises(YouTubeError) as failed:
            list(running)
        assert failed.value.reason == "past_end" and "lasts 40 s" in str(failed.value)


def test_what_is_too_much_is_not_received(films):
    steps = []
    with films.download("endless", max_bytes=3_000_000) as running:
        with pytest.raises(YouTubeError, match="More than 3 MB"):
            steps.extend(running)
    assert max(step.received_bytes for step in steps) <= 3_100_000


def test_offline(films):
    films.videos["closed"] = {"formats": [{"url": "http://127.0.0.1:9/x.mp4", "ext": "mp4"}]}
    rules = Rules(("xmrtest",), ("127.0.0.1",), ("http",), (films.server_port, 9), str(PLUGINS))
    with films.download("closed", rules=rules) as running, pytest.raises(YouTubeError) as failed:
        list(running)
    assert failed.value.reason == "offline"


def test_the_whole_time_is_limited(films):
    start = time.monotonic()
    with films.download("slow", timeout_s=1.5) as running:
        steps = []
        with pytest.raises(YouTubeError, match=r"within 1\.5 seconds"):
            steps.extend(running)
        assert len(steps) > 3  # whoever listens hears of it all the time
    assert time.monotonic() - start < 4


def test_the_products_own_rules_refuse_the_tests_extractor(films):
    """It does not exist; with plugins it is not allowed; allowed, its host is not."""
    own = Rules()
    assert own.extractors == ("youtube",) and not own.plugins and own.schemes == ("https",)
    for rules, reason in (
        (own, "playlist"),
        (Rules(plugins=str(PLUGINS)), "playlist"),
        (Rules(("xmrtest",), plugins=str(PLUGINS)), "elsewhere"),
        (Rules(("xmrtest",), ("127.0.0.1",), plugins=str(PLUGINS)), "elsewhere"),
    ):
        with films.download("plain", rules=rules) as running:
            with pytest.raises(YouTubeError) as failed:
                list(running)
        assert failed.value.reason == reason
    assert films.asked == []


@pytest.mark.parametrize(
    ("url", "admitted"),
    [
        ("https://www.youtube.com/watch", True),
        ("https://youtube.com:443/", True),
        ("https://rr3---sn-4g5e6nzs.googlevideo.com/videoplayback?x=1", True),
        ("https://i.ytimg.com/vi/x/0.jpg", True),
        ("http://www.youtube.com/", False),
        ("https://www.youtube.com:8443/", False),
        ("https://www.youtube.com:x/", False),
        ("https://a@www.youtube.com/", False),
        ("https://evilyoutube.com/", False),
        ("https://youtube.com.evil.org/", False),
        ("https://googlevideo.com.evil.org/", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("https://[::1]/", False),
        ("https://[", False),
        ("file:///etc/passwd", False),
        ("data:text/plain,x", False),
        ("ftp://www.youtube.com/", False),
        ("", False),
    ],
)
def test_hosts_that_may_be_asked(url, admitted):
    assert Rules().admits(url) is admitted


def test_cancelling_ends_the_process_and_removes_the_file(films):
    with films.download("slow") as running:
        for step in running:
            if step.received_bytes:
                break
        worker, folder = running._process.pid, running._folder
        assert folder.is_dir() and is_running(worker)
    assert not is_running(worker) and not folder.exists()


def test_when_this_process_is_killed_nothing_is_left(films, tmp_path):
    script = f"""
import sys, tempfile
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests")!r}]
from xmr_core.youtube import Download, DownloadLimits, Rules, YouTubeAddress
rules = Rules(("xmrtest",), ("127.0.0.1",), ("http",), ({films.server_port},), {str(PLUGINS)!r})
url = "xmrtest:{films.server_port}/slow"
with Download(url, YouTubeAddress("xmrtest_id_"), DownloadLimits(), rules) as running:
    for step in running:
        if step.received_bytes:
            print(running._process.pid, running._folder, flush=True)
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    worker, folder = parent.stdout.readline().split()
    assert is_running(int(worker)) and Path(folder).is_dir()
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and (is_running(int(worker)) or Path(folder).exists()):
        time.sleep(0.05)
    assert not is_running(int(worker)) and not Path(folder).exists()


def test_no_settings_of_this_machine_are_read(films, monkeypatch, tmp_path):
    """A configuration that would write files, in every place where yt-dlp looks for one."""
    for folder in (tmp_path / "yt-dlp", tmp_path / ".config" / "yt-dlp", tmp_path / ".yt-dlp"):
        folder.mkdir(parents=True)
        (folder / "config").write_text(f"--exec 'touch {tmp_path}/owned' --write-info-json\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with films.download("plain", 1.0, 2.0) as running:
        list(running)
    assert sorted(tmp_path.rglob("*")) == before


def test_ffmpeg_is_not_needed(films, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    for name in ("plain", "pieces"):
        with films.download(name, 10.0, 12.0) as running:
            list(running)
            assert seconds_of(running.path)[0] == 10


def test_without_yt_dlp_it_says_what_to_install(films, monkeypatch, tmp_path):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "yt_dlp.py").write_text("raise ImportError('not for you')\n")
    monkeypatch.syspath_prepend(str(tmp_path / "broken"))
    with films.download("plain") as running, pytest.raises(YouTubeError) as failed:
        list(running)
    assert failed.value.reason == "no_tool" and "requirements-youtube.txt" in str(failed.value)


def test_other_network_libraries_stay_out(films, monkeypatch, tmp_path):
    """yt-dlp prefers `requests` where it is installed; nobody would watch where that goes."""
    for name in ("requests", "curl_cffi", "websockets"):
        (tmp_path / "more" / name).mkdir(parents=True)
        source = f"import pathlib; pathlib.Path({str(tmp_path / 'used')!r}).touch()\n"
        (tmp_path / "more" / name / "__init__.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path / "more"))
    with films.download("plain", 1.0, 2.0) as running:
        list(running)
    assert not (tmp_path / "used").exists()


def test_the_guard_knows_names_and_addresses():
    script = """
import socket, urllib.request
from xmr_core.youtube import Rules
from xmr_core.youtube._guard import HostRefusedError, keep_to
keep_to(Rules())
for ask in (
    lambda: urllib.request.urlopen("https://example.org/"),
    lambda: urllib.request.urlopen("http://www.youtube.com/"),
    lambda: urllib.request.urlopen("file:///etc/hostname"),
    lambda: socket.create_connection(("127.0.0.1", 9)),
    lambda: socket.getaddrinfo(b"localhost", 80),
    lambda: socket.getaddrinfo(None, 80),
):
    try:
        ask()
    except HostRefusedError as error:
        print(error.host)
"""
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    hosts = ["example.org", "www.youtube.com", "file:///etc/hostname", "127.0.0.1", "localhost"]
    assert told.stdout.splitlines() == [*hosts, ""]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "not json",
        "[]",
        json.dumps({"failed": "unheard of"}),
        json.dumps({"failed": "too_long"}),
        json.dumps({"failed": "too_long", "values": {}}),
        json.dumps({"failed": "other", "values": [1]}),
        json.dumps({"failed": ["other"], "values": {}}),
        json.dumps({"done": {}}),
        json.dumps({"done": {"file": "../../etc/passwd", "start_s": 0, "end_s": 1}}),
        json.dumps({"done": {"file": "link.mp4", "start_s": 0, "end_s": 1}}),
        json.dumps({"step": "downloading", "share": "much"}),
    ],
)
def test_a_worker_that_was_taken_over_is_not_believed(films, line):
    with films.download("slow") as running:
        (running._folder / "link.mp4").symlink_to("/etc/passwd")
        with pytest.raises(YouTubeError):
            running._hear(line, Step())


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("SPACE_ID", "someone/something", False),
        ("XMR_YOUTUBE", "0", False),
        ("XMR_YOUTUBE", "False", False),
        ("XMR_YOUTUBE", "1", True),
        ("XMR_YOUTUBE", "", True),
    ],
)
def test_switched_off(monkeypatch, name, value, allowed):
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.delenv("XMR_YOUTUBE", raising=False)
    assert is_allowed()
    monkeypatch.setenv(name, value)
    assert is_allowed() is allowed
    if not allowed:
        for refused in (
            check_allowed,
            lambda: begin_download(YouTubeAddress("dQw4w9WgXcQ")),
            lambda: download(YouTubeAddress("dQw4w9WgXcQ")).__enter__(),
        ):
            with pytest.raises(YouTubeError, match="switched off"):
                refused()


def test_limits_are_checked():
    with pytest.raises(ConfigError, match="max_s must be positive, got 0"):
        DownloadLimits(max_s=0)
