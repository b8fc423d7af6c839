"""Keeps a process of ours on the hosts that it may ask, redirects included.

Python reports every address that urllib opens and every name that is looked up to "audit hooks",
before it happens. A hook cannot be removed again, so this belongs into a process that does nothing
else. yt-dlp is kept from the network libraries that would not report.
"""

import sys
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import getproxies

from xmr_core.youtube.limits import Rules

_OTHER_LIBRARIES = ("requests", "curl_cffi", "websockets")


class HostRefusedError(URLError):
    """A request was stopped before it was sent. An `URLError`, so that yt-dlp can go on without.

    Attributes:
        host: Whom it would have reached.
    """

    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__(f"requests to '{host}' are not allowed")


def keep_to(rules: Rules) -> None:
    """From now on this process asks only the hosts of `rules`, directly or through a proxy."""
    for name in _OTHER_LIBRARIES:
        sys.modules[name] = None  # type: ignore[assignment]  # importing it fails
    proxies = {urlsplit(url).hostname for url in getproxies().values()}

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "urllib.Request":
            if not rules.admits(args[0]):
                raise HostRefusedError(_host_of(args[0]))
        elif event == "socket.getaddrinfo":
            name = args[0].decode("ascii", "replace") if isinstance(args[0], bytes) else args[0]
            if name not in proxies and not rules.admits_host(name or ""):
                raise HostRefusedError(name or "")

    sys.addaudithook(hook)


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or url[:40]
    except ValueError:
        return url[:40]
