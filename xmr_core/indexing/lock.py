"""One indexing job per gallery at a time, also across processes, and never a stale lock."""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xmr_core.errors import XmrError


class GalleryBusyError(XmrError):
    """Another process is indexing into the same place."""


@contextmanager
def only_writer(gallery: Path) -> Iterator[None]:
    """Holds the right to write a gallery; the system gives it back however the process ends.

    The lock file lies beside the gallery and is removed afterwards.

    Raises:
        GalleryBusyError: Somebody else holds it.
        XmrError: The folder beside the gallery cannot be written.
    """
    path = gallery.parent / f".{gallery.name}.lock"
    try:
        gallery.parent.mkdir(parents=True, exist_ok=True)
        handle = _held(path)
    except BlockingIOError as error:
        raise GalleryBusyError(
            f"Another process is indexing into {gallery}; wait until it is done, or stop it."
        ) from error
    except OSError as error:
        raise XmrError(
            f"Nothing can be written to {gallery.parent} ({error.strerror}); choose another place."
        ) from error
    try:
        yield
    finally:
        # While it is still held, so that nobody can lock a file that is about to go. Windows
        # refuses to delete an open file: there an empty file stays behind.
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(handle)


def _held(path: Path) -> int:
    """An open handle of the lock file, locked. Raises BlockingIOError if it is taken."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(handle)
            # Removed by its last holder between opening and locking? Then this lock is of a file
            # that nobody else will find.
            if os.name == "nt" or os.path.samestat(os.fstat(handle), path.stat()):
                return handle
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _lock(handle: int) -> None:
    if os.name == "nt":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # pyright: ignore[reportAttributeAccessIssue]
        except OSError as error:
            raise BlockingIOError from error
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
