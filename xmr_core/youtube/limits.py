"""What a download may cost, and where it may go."""

from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from xmr_core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class DownloadLimits:
    """Bounds on one download. All must be positive.

    Attributes:
        max_s: Longest part of a video that is fetched; also what is fetched where an address names
            no end.
        max_bytes: Most bytes of film that are received, what was read in search of the part
            included.
        max_side: Longer side of the picture: 640 admits what YouTube calls 360p, upright ones too.
        max_video_s: Longest video that a part is taken from.
        timeout_s: Longest time in all.
        silence_s: Longest wait for a server's next byte.
    """

    max_s: float = 60.0
    max_bytes: int = 40_000_000
    max_side: int = 640
    max_video_s: float = 12 * 3600.0
    timeout_s: float = 120.0
    silence_s: float = 15.0

    def __post_init__(self) -> None:
        """Refuses values that no video could meet.

        Raises:
            ConfigError: A limit is not a positive number.
        """
        for field in fields(self):
            value = getattr(self, field.name)
            if not value > 0:
                raise ConfigError(f"{field.name} must be positive, got {value}.")


@dataclass(frozen=True, slots=True)
class Rules:
    """Where a download may go. The defaults are YouTube and nothing else.

    Attributes:
        extractors: Names of yt-dlp's extractors that may answer.
        hosts: Hosts that may be asked; one that begins with a dot stands for all below it.
        schemes: Protocols that may be spoken.
        ports: Ports that an address may name.
        plugins: Folder of further extractors; "" forbids plugins altogether.
    """

    extractors: tuple[str, ...] = ("youtube",)
    hosts: tuple[str, ...] = (
        *("youtube.com", ".youtube.com", "youtu.be", ".youtube-nocookie.com"),
        *(".googlevideo.com", ".ytimg.com"),
    )
    schemes: tuple[str, ...] = ("https",)
    ports: tuple[int, ...] = (443,)
    plugins: str = ""

    def admits_host(self, host: str) -> bool:
        """Whether this host may be asked."""
        host = host.lower()
        return any(
            host.endswith(known) if known.startswith(".") else host == known for known in self.hosts
        )

    def admits(self, url: str) -> bool:
        """Whether this address may be opened: scheme and host, nobody's name, no odd port."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if parts.scheme not in self.schemes or "@" in parts.netloc:
            return False
        return self.admits_host(host) and (port is None or port in self.ports)
