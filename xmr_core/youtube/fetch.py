"""Fetching a stretch of a YouTube video with yt-dlp: bounded, stoppable, and tidied up after.

The work is done by `_worker` in a process of its own, in a temporary folder that disappears with
the `Download`, whether it succeeded, failed or was given up.
"""

import json
import logging
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Literal, Self, cast

from xmr_core.youtube.address import YouTubeAddress
from xmr_core.youtube.failures import YouTubeError
from xmr_core.youtube.limits import DownloadLimits, Rules

_log = logging.getLogger(__name__)

_HEARTBEAT_S = 0.3
_LONGEST_LINE = 1 << 20
_NO = ("0", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class Step:
    """How far a download is.

    Attributes:
        stage: "asking" until YouTube has said where the film lies, then "downloading".
        share: Part of the stretch that is there, 0 to 1.
        received_bytes: What came so far.
    """

    stage: Literal["asking", "downloading"] = "asking"
    share: float = 0.0
    received_bytes: int = 0


def is_allowed() -> bool:
    """Whether this machine may download from YouTube: not on a Space, not with XMR_YOUTUBE=0."""
    switch = os.environ.get("XMR_YOUTUBE", "").strip().lower()
    return not os.environ.get("SPACE_ID") and switch not in _NO


def check_allowed() -> None:
    """Raises `YouTubeError` if downloads are switched off here."""
    if not is_allowed():
        raise YouTubeError("off")


def begin_download(
    address: YouTubeAddress,
    limits: DownloadLimits = DownloadLimits(),  # noqa: B008
) -> "Download":
    """A download of the part of a video that an address means, not yet started.

    Raises:
        YouTubeError: Downloads are switched off here.
    """
    check_allowed()
    url = f"https://www.youtube.com/watch?v={address.video_id}"
    return Download(url, address, limits)


@contextmanager
def download(
    address: YouTubeAddress,
    limits: DownloadLimits = DownloadLimits(),  # noqa: B008
) -> Iterator[Path]:
    """Fetches the part of a video that an address means; the file lives as long as the `with`.

    Raises:
        YouTubeError: See `failures.SENTENCES`.
    """
    with begin_download(address, limits) as running:
        for _ in running:
            pass
        yield running.path


class Download:
    """One download. Use it as a context manager, iterate it to its end, then take `path`.

    The iteration yields at least a few times a second, so whoever stops listening is noticed.
    Leaving the context ends the process and removes the file.

    Args:
        url: What yt-dlp is asked for.
        address: The video's id, which names the file, and the part that is wanted.
        limits: What it may cost.
        rules: Where it may go.
    """

    def __init__(
        self,
        url: str,
        address: YouTubeAddress,
        limits: DownloadLimits,
        rules: Rules = Rules(),  # noqa: B008
    ) -> None:
        self._url = url
        self._address = address
        self._limits = limits
        self._rules = rules
        self._folder: Path | None = None
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._path: Path | None = None
        self.start_s = address.start_s or 0.0
        """Where the stretch begins in the video."""
        self.end_s = self.start_s
        """Where it ends, once it is there."""

    @property
    def path(self) -> Path:
        """The file. Raises `ValueError` before the iteration has come to its end."""
        if self._path is None:
            raise ValueError("the download is not complete")
        return self._path

    def __enter__(self) -> Self:
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="xmr-youtube-"))
            self._process = process = _start(self._folder, self._rules)
            job = {
                "url": self._url,
                "name": self._address.video_id,
                "start_s": self._address.start_s,
                "end_s": self._address.end_s,
                "folder": str(self._folder),
                "limits": asdict(self._limits),
                "rules": asdict(self._rules),
            }
            with suppress(OSError):  # it ended at once: its silence is told below
                stdin = cast(IO[str], process.stdin)
                stdin.write(json.dumps(job) + "\n")
                stdin.flush()
            threading.Thread(target=self._listen, args=(process,), daemon=True).start()
        except OSError as error:
            self.close()
            raise YouTubeError("no_tool") from error
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Step]:
        """Yields how far it is; ends when the file is there.

        Raises:
            YouTubeError: It failed.
        """
        deadline = time.monotonic() + self._limits.timeout_s
        step = Step()
        while self._path is None:
            yield step
            try:
                line = self._lines.get(timeout=_HEARTBEAT_S)
            except queue.Empty:
                line = None
            if line is not None:
                step = self._hear(line, step)
            if self._path is None and time.monotonic() > deadline:
                self._stop()
                raise YouTubeError("timed_out", limit_s=self._limits.timeout_s)

    def close(self) -> None:
        """Ends the process, whatever it is doing, and removes the file."""
        self._stop()
        self._path = None
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _hear(self, line: str, step: Step) -> Step:
        """Takes one line of the worker; what it says is not trusted."""
        try:
            said = json.loads(line)
            if "failed" in said:
                _log.debug("%s", said.get("trace"))
                raise YouTubeError(said["failed"], **said["values"])
            if "done" in said:
                self._take(said["done"])
                return step
            return Step(said["step"], float(said.get("share", 0)), said.get("received_bytes", 0))
        except (ValueError, KeyError, TypeError) as error:
            raise YouTubeError("no_tool") from error

    def _take(self, done: dict[str, Any]) -> None:
        path = cast(Path, self._folder) / Path(done["file"]).name
        if path.is_symlink() or not path.is_file():
            raise YouTubeError("broken")
        self._stop()
        self.start_s, self.end_s = float(done["start_s"]), float(done["end_s"])
        self._path = path

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        stdout = cast(IO[str], process.stdout)
        with suppress(OSError, ValueError):
            while line := stdout.readline(_LONGEST_LINE):
                self._lines.put(line)
        self._lines.put("")  # is no JSON: it ended without a last word

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)  # and the programs that it started
            else:
                process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                cast(IO[str], pipe).close()


def _start(folder: Path, rules: Rules) -> "subprocess.Popen[str]":
    """Starts the worker with the caller's module path and an empty home: no settings, no cache."""
    root = str(Path(__file__).resolve().parents[2])
    home = str(folder)
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([root, *(os.path.abspath(p) for p in sys.path if p)]),  # noqa: PTH100
        # deno, as pip installs it, lies beside Python.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        **dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "DENO_DIR", "TMPDIR"), home),
        **dict.fromkeys(("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"), home),
        "YTDLP_NO_PLUGINS": "" if rules.plugins else "1",
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "xmr_core.youtube._worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",
        env=environment,
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
