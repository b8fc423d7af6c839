"""Work that goes on in the background while its results are being used."""

import queue
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

T = TypeVar("T")


def read_ahead(items: Iterator[T], depth: int = 16) -> Generator[T, None, None]:
    """Yields the items; a thread fetches up to `depth` of them before they are asked for.

    An error in the thread is raised where the items are used. Closing the generator stops the
    thread and waits for it.
    """
    ready: queue.Queue[tuple[bool, T | None, BaseException | None]] = queue.Queue(depth)
    stopped = threading.Event()

    def put(is_last: bool, item: T | None = None, error: BaseException | None = None) -> None:
        while not stopped.is_set():
            try:
                return ready.put((is_last, item, error), timeout=0.1)
            except queue.Full:
                continue

    def fetch() -> None:
        try:
            for item in items:
                put(False, item)
                if stopped.is_set():
                    return
        except BaseException as error:
            put(True, error=error)
        else:
            put(True)

    thread = threading.Thread(target=fetch, name="read ahead", daemon=True)
    thread.start()
    try:
        while True:
            is_last, item, error = ready.get()
            if error is not None:
                raise error
            if is_last:
                return
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
        thread.join()
