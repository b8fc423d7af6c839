"""How much one visitor may ask, so that nobody can take the page from the others.

Every request takes from the allowance of the address that it came from, which fills up again with
time. Nothing else is kept of a visitor, and of no more visitors than `Limits.visitors`.
"""

import ipaddress
import math
import os
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic

from xmr_core import ConfigError

QUEUE = 64
"""Questions of all visitors that may wait; more than one visitor may ask in a row."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what comes in. All must be positive, but for `proxies`.

    Attributes:
        per_minute: Questions of one visitor per minute, in the long run.
        at_once: Questions of one visitor in a row, before the long run counts. Fewer than the
            queue holds, so that one visitor cannot fill it.
        open_requests: Requests of one visitor that are being answered, event streams included.
        visitors: Addresses that are remembered.
        body_bytes: Largest request that is not an upload.
        body_depth: Deepest nesting of its JSON.
        target_bytes: Longest path and query of an address.
        upload_bytes: Largest upload, all its files together; Gradio bounds each of them.
        upload_folder_bytes: Most bytes of all uploads that lie on the disk.
        upload_age_s: After this time an upload is deleted.
        body_s: Longest time in which a request must have arrived.
        upload_s: The same for an upload.
        proxies: Servers in front of this one that add to `X-Forwarded-For`. With 0 the header is
            not believed.
    """

    per_minute: float = 120.0
    at_once: int = 40
    open_requests: int = 48
    visitors: int = 10_000
    body_bytes: int = 1 << 18
    body_depth: int = 32
    target_bytes: int = 8192
    upload_bytes: int = 101_000_000
    upload_folder_bytes: int = 1 << 30
    upload_age_s: float = 900.0
    body_s: float = 20.0
    upload_s: float = 300.0
    proxies: int = 0


def limits_here(environment: Mapping[str, str] = os.environ) -> Limits:
    """The limits, with what the environment says: XMR_PER_MINUTE, XMR_PROXIES.

    A Space has one proxy in front.

    Raises:
        ConfigError: A value is no number that can work.
    """
    usual = Limits()
    per_minute = _number(environment, "XMR_PER_MINUTE", usual.per_minute)
    proxies = _number(environment, "XMR_PROXIES", 1.0 if "SPACE_ID" in environment else 0.0)
    if per_minute <= 0 or proxies != int(proxies):
        raise ConfigError(
            f"XMR_PER_MINUTE must be above 0 and XMR_PROXIES a whole number, got {per_minute:g}"
            f" and {proxies:g}."
        )
    return Limits(
        per_minute=per_minute,
        at_once=max(usual.at_once, math.ceil(per_minute / 3)),
        proxies=int(proxies),
    )


class Allowances:
    """What each visitor may still ask: a bucket that fills with time up to `Limits.at_once`.

    Args:
        limits: The bounds.
        clock: Seconds of a clock that never goes back.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._open: Counter[str] = Counter()

    def take(self, visitor: str, cost: float) -> float:
        """Takes from a visitor's allowance.

        Returns:
            0 if there was enough; else nothing is taken, and after so many seconds there is.
        """
        now, limits = self._clock(), self._limits
        per_second = limits.per_minute / 60
        left, seen = self._left.pop(visitor, (float(limits.at_once), now))
        left = min(limits.at_once, left + (now - seen) * per_second)
        wait_s = max(0.0, (cost - left) / per_second)
        self._left[visitor] = (left if wait_s else left - cost, now)
        while len(self._left) > limits.visitors:
            self._left.popitem(last=False)  # who has not been here for longest
        return wait_s

    def enter(self, visitor: str) -> bool:
        """Notes that a request of the visitor begins; False if there are too many already."""
        if self._open[visitor] >= self._limits.open_requests:
            return False
        self._open[visitor] += 1
        return True

    def leave(self, visitor: str) -> None:
        """Notes that a request for which `enter` was True has ended."""
        self._open[visitor] -= 1
        if self._open[visitor] <= 0:
            del self._open[visitor]

    def __len__(self) -> int:
        return len(self._left)


def visitor_of(client: str, forwarded: str, proxies: int) -> str:
    """Whose request it is.

    Args:
        client: Address of the other end of the connection.
        forwarded: The header `X-Forwarded-For`. Everybody can send one: only the last `proxies`
            entries are from servers that we trust, without their private addresses.
        proxies: Servers in front.

    Returns:
        An address; of IPv6 the network of 64 bits, as every home has one of these for itself.
    """
    address = _address(client)
    if proxies:
        entries = [_address(entry.strip()) for entry in forwarded[-2000:].split(",")]
        public = [entry for entry in entries if entry is not None and entry.is_global]
        if public:
            address = public[max(0, len(public) - proxies)]
    if address is None:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    text = text.partition("%")[0]  # the zone of a local address
    if text.count(":") == 1:  # with a port
        text = text.partition(":")[0]
    elif text.startswith("["):
        text = text[1:].partition("]")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def _number(environment: Mapping[str, str], name: str, otherwise: float) -> float:
    text = environment.get(name, "").strip()
    try:
        value = float(text) if text else otherwise
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise ConfigError(f"{name} is {text!r}; it must be a number, 0 or more.")
    return value
