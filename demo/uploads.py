"""The folder of uploads: bounded, and emptied of what is old.

Gradio deletes what arrived whole; uploads that broke off leave their part behind, which only this
finds.
"""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir
from time import time

_BLOCK = 4096  # what even an empty file takes


def upload_folder() -> Path:
    """Where Gradio puts uploads."""
    return Path(os.environ.get("GRADIO_TEMP_DIR") or Path(gettempdir()) / "gradio")


def swept_bytes(folder: Path, older_s: float) -> int:
    """Deletes files that are older, and folders that are empty then.

    Args:
        folder: Of the uploads; may be missing. Links are deleted, never followed.
        older_s: Seconds.

    Returns:
        Bytes of the files that are left.
    """
    left, oldest = 0, time() - older_s
    for place, _, files in os.walk(folder, topdown=False):
        for name in files:
            path = Path(place, name)
            with suppress(OSError):  # somebody else was quicker
                status = path.lstat()
                if status.st_mtime < oldest:
                    path.unlink()
                else:
                    left += max(status.st_size, _BLOCK)
        if Path(place) != folder:
            with suppress(OSError):  # not empty
                if Path(place).stat().st_mtime < oldest:
                    Path(place).rmdir()
    return left
