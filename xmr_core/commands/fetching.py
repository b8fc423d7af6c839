"""Downloading what a command is asked about, with a bar on stderr."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from xmr_core import youtube
from xmr_core.sources import address_of

if TYPE_CHECKING:
    from xmr_core.engine import Engine


@contextmanager
def fetched_video(engine: "Engine", video: str) -> Iterator[str | Path]:
    """What to ask the engine about instead: a downloaded file, as long as the `with` lasts.

    Args:
        engine: Whose gallery is looked at first.
        video: What was typed. It is handed back unless only YouTube has it.

    Raises:
        YouTubeError: YouTube does not give it.
    """
    address = None if engine.find(video) else address_of(video)
    if address is None:
        yield video
        return
    from tqdm import tqdm

    with youtube.begin_download(address) as running:
        # disable=None: no bar where nobody watches
        with tqdm(total=1.0, desc=address.url, disable=None, bar_format="{desc} {bar}") as bar:
            for step in running:
                bar.update(step.share - bar.n)
        yield running.path
