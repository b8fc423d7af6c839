"""Starting the worker program, and ending it when it takes too long."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SECRET = re.compile("TOKEN|SECRET|PASSWORD|CREDENTIAL|KEY", re.IGNORECASE)


def start_worker() -> subprocess.Popen[bytes]:
    """Starts the worker program with the caller's module path, but not its working folder.

    It gets no variable that sounds like a secret: what a hostile file takes over shall find none.
    """
    home = str(Path(__file__).resolve().parents[2])
    kept = {name: value for name, value in os.environ.items() if not _SECRET.search(name)}
    environment = kept | {
        "PYTHONPATH": os.pathsep.join([home, *(os.path.abspath(p) for p in sys.path if p)]),  # noqa: PTH100
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "xmr_core.media._worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


@contextmanager
def killed_after(
    process: subprocess.Popen[bytes], seconds: float, timed_out: threading.Event
) -> Iterator[None]:
    """Kills the process if the body takes longer; the body then meets the end of its pipe."""

    def kill() -> None:
        timed_out.set()
        process.kill()

    timer = threading.Timer(seconds, kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
