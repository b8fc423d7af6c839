"""What is meant by a text that names a video: a clip of the gallery, a file, a link of YouTube."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from xmr_core.datasets.youtube import stretch_of
from xmr_core.errors import VideoUnavailableError
from xmr_core.types import Clip
from xmr_core.youtube.address import YouTubeAddress, parse
from xmr_core.youtube.failures import YouTubeError, quoted


class NamedClips:
    """Finds clips by id and by the YouTube video that they are a part of.

    Args:
        clips: All clips of a gallery.
    """

    def __init__(self, clips: Sequence[Clip]) -> None:
        self._by_id = {clip.id: clip for clip in clips}
        # Start and end in the video, by which they are sorted, and the clip's id.
        self._by_video: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
        for clip in clips:
            part = _source_of(clip)
            if part is not None:
                moment = (part.start_s or 0.0, part.end_s or 0.0, clip.id)
                self._by_video[part.video_id].append(moment)
        for moments in self._by_video.values():
            moments.sort()

    def find(self, text: str) -> Clip | None:
        """The clip that is meant, or None; of several of one video the nearest in time.

        Args:
            text: A clip's id, or anything that `youtube.parse` reads. An address that cannot be
                read finds nothing.
        """
        text = text.strip()
        if text in self._by_id:
            return self._by_id[text]
        try:
            address = parse(text)
        except YouTubeError:
            return None
        moments = self._by_video.get(address.video_id) if address else None
        if address is None or not moments:
            return None
        wanted = address.start_s or 0.0
        after = bisect_left(moments, (wanted,))
        near = moments[max(0, after - 1) : after + 1]
        best = min(near, key=lambda moment: max(moment[0] - wanted, wanted - moment[1], 0.0))
        return self._by_id[best[2]]


@contextmanager
def opened_video(video: str | Path, gallery_name: str) -> Iterator[Path]:
    """A file to read: the one that is named, or what YouTube has, as long as the `with` lasts.

    Args:
        video: Path of a file, or anything that `youtube.parse` reads.
        gallery_name: For the sentence that says that there is no such thing.

    Raises:
        VideoUnavailableError: There is no such file, or YouTube does not give it.
    """
    path = _file(video)
    if path is not None:
        yield path
        return
    address = address_of(video)
    if address is None:
        name = quoted(Path(video).name if len(str(video)) < 4096 else str(video))
        raise VideoUnavailableError(
            f"There is no clip and no file '{name}'; give a clip of the gallery"
            f" '{gallery_name}', a video file or a link of YouTube."
        )
    from xmr_core.youtube.fetch import download

    with download(address) as downloaded:
        yield downloaded


def address_of(video: str | Path) -> YouTubeAddress | None:
    """What has to be downloaded to have this video; None if it is a file or no address.

    Raises:
        YouTubeError: It is an address, but of something else than one video of YouTube.
    """
    return None if isinstance(video, Path) or _file(video) else parse(video)


def _file(video: str | Path) -> Path | None:
    path = Path(video)
    try:
        return path if path.is_file() else None
    except (OSError, ValueError):  # too long for a path, or with a null byte
        return None


def _source_of(clip: Clip) -> YouTubeAddress | None:
    """The part of a YouTube video that a clip is: by its address, or by an id that says it."""
    stretch = stretch_of(clip.id)
    if not clip.url and stretch is None:
        return None
    try:
        address = parse(clip.url or clip.id)
    except YouTubeError:
        return None
    if address is None:
        return None
    start_s = clip.source_start_s
    if start_s is None:
        start_s = address.start_s
    if start_s is None and stretch is not None:
        start_s = stretch.start_s
    start_s = start_s or 0.0
    return YouTubeAddress(address.video_id, start_s, start_s + max(0.0, clip.end_s - clip.start_s))
