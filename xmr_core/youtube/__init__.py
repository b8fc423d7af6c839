"""YouTube videos as queries: reading addresses, and downloading the few seconds that are needed.

`parse` reads what a visitor pasted; it asks nobody. `begin_download` fetches a stretch of one video
with yt-dlp in a process of its own and removes it afterwards. Every failure is a `YouTubeError`
with a sentence and a reason. Nothing heavy is imported here.
"""

from xmr_core.youtube.address import YouTubeAddress, parse
from xmr_core.youtube.failures import SENTENCES, YouTubeError
from xmr_core.youtube.fetch import (
    Download,
    Step,
    begin_download,
    check_allowed,
    download,
    is_allowed,
)
from xmr_core.youtube.limits import DownloadLimits, Rules

__all__ = [
    "SENTENCES",
    "Download",
    "DownloadLimits",
    "Rules",
    "Step",
    "YouTubeAddress",
    "YouTubeError",
    "begin_download",
    "check_allowed",
    "download",
    "is_allowed",
    "parse",
]
