"""A film on a server as a file that can be read and searched through: only what is read is sent."""

from collections.abc import Callable, Mapping
from typing import Any

from xmr_core.youtube.failures import YouTubeError

# (address, request headers) -> response with `status`, `headers`, `read`, `close`
Open = Callable[[str, Mapping[str, str]], Any]

_REQUEST = 1 << 20  # YouTube slows down requests without an end; longer ones waste more
_SKIP = 256 << 10  # shorter leaps are cheaper to read through than to ask for
_ATTEMPTS = 2  # in a row
_ALL_OF_IT = 0x10000  # libav's `whence` for "how large is it?"
_FAR = 1 << 62


class Budget:
    """How many bytes may still be received, for all files of one download together.

    Attributes:
        max_bytes: How many in all.
        received_bytes: How many came.
        failure: What went wrong first; libav would hide some of it and leave out what is missing.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.received_bytes = 0
        self.failure: Exception | None = None

    def receive(self, data: bytes) -> bytes:
        """Counts what came. Raises `YouTubeError` once it is too much."""
        self.received_bytes += len(data)
        if self.received_bytes > self.max_bytes:
            raise YouTubeError("too_large", limit_mb=self.max_bytes / 1e6)
        return data


class Remote:
    """A file on a server, for libav. Asks in pieces; picks up again where a connection broke.

    Args:
        open_url: Sends one request.
        url: Address of the file.
        headers: Sent with every request.
        budget: What may be received.
    """

    def __init__(
        self, open_url: Open, url: str, headers: Mapping[str, str], budget: Budget
    ) -> None:
        self.name = url  # libav resolves a playlist's addresses against it
        self._open_url = open_url
        self._headers = headers
        self._budget = budget
        self._position = 0
        self._size: int | None = None
        self._response: Any = None
        self._at = self._until = 0  # what the response will deliver next, and where it ends
        self._attempts_left = _ATTEMPTS

    def readable(self) -> bool:
        """It is."""
        return True

    def writable(self) -> bool:
        """It is not."""
        return False

    def seekable(self) -> bool:
        """It is, also on servers that send whole files only: then the way is read through."""
        return True

    def tell(self) -> int:
        """The next byte to be read."""
        return self._position

    def seek(self, offset: int, whence: int = 0) -> int:
        """Moves like a file's `seek`; nothing is asked for before the next read."""
        if whence == _ALL_OF_IT:
            return self._known_size()
        start = {0: 0, 1: self._position}.get(whence)
        self._position = max(0, offset + (self._known_size() if start is None else start))
        return self._position

    def read(self, size: int = -1) -> bytes:
        """The next bytes, b"" at the end.

        Raises:
            YouTubeError: More was received than is allowed.
        """
        if size < 0:
            size = _REQUEST
        if self._budget.failure is not None:  # libav asks again: nothing would change
            raise self._budget.failure
        while True:
            try:
                data = self._read(size)
                self._attempts_left = _ATTEMPTS
                return data
            except Exception as error:
                self.close()
                if not _is_broken_connection(error) or not self._attempts_left:
                    self._budget.failure = self._budget.failure or error
                    raise
                self._attempts_left -= 1

    def close(self) -> None:
        """Ends the connection."""
        if self._response is not None:
            self._response.close()
        self._response = None

    def _read(self, size: int) -> bytes:
        if self._size is not None and self._position >= self._size:
            return b""
        ahead = self._position - self._at
        if self._response is None or not 0 <= ahead <= _SKIP or self._position >= self._until:
            self._request()
        if self._at > self._position:
            raise ConnectionError(f"asked for byte {self._position:,}, got byte {self._at:,}")
        while self._at < self._position:
            skipped = self._receive(min(self._position - self._at, 1 << 16))
            if not skipped:
                return b""
        data = self._receive(min(size, self._until - self._at))
        self._position += len(data)
        return data

    def _receive(self, size: int) -> bytes:
        data = self._budget.receive(self._response.read(size))
        self._at += len(data)
        if not data:
            self.close()
            if self._size is None:
                self._size = self._at
            elif self._at < min(self._until, self._size):
                raise ConnectionError(f"the file ended after {self._at:,} bytes")
        return data

    def _request(self) -> None:
        self.close()
        last = self._position + _REQUEST - 1
        if self._size is not None:
            last = min(last, self._size - 1)
        wanted = {"Range": f"bytes={self._position}-{last}", "Accept-Encoding": "identity"}
        self._response = self._open_url(self.name, {**self._headers, **wanted})
        length = _number(self._response.headers.get("Content-Length"))
        if self._response.status == 206:
            piece, _, size = self._response.headers.get("Content-Range", "").rpartition("/")
            first = _number(piece.removeprefix("bytes ").partition("-")[0])
            self._at = self._position if first is None else first
            self._until = self._at + (_REQUEST if length is None else length)
            self._size = _number(size)
        else:  # all of it, from the start
            self._at, self._until = 0, _FAR if length is None else length
            self._size = length

    def _known_size(self) -> int:
        if self._size is None and self._response is None:
            self._request()
        return -1 if self._size is None else self._size


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() else None


def _is_broken_connection(error: Exception) -> bool:
    from yt_dlp.networking.exceptions import HTTPError, TransportError

    if isinstance(error, HTTPError):
        return error.status >= 500
    return isinstance(error, TransportError | ConnectionError) and "timed out" not in str(error)
