"""The page over stand-ins, with a server on this machine where YouTube would be.

A link of YouTube whose id is a key of `BY_ID` leads to one of that server's films; everything
between the field and the file is the real thing. `python youtube_app.py FOLDER`.
"""

import os
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "demo")]

from stand_in import StandIn, cards, clips, draw  # noqa: E402
from youtube_server import Films, serve_films  # noqa: E402

from demo.launch import launch_options  # noqa: E402
from demo.ui import build  # noqa: E402
from xmr_core import Clip, youtube  # noqa: E402

BY_ID = {
    "PLAIN_FILM_": "plain",
    "SLOW_FILM__": "slow",
    "PRIVATE_ONE": "private",
    "ROBOT_CHECK": "robot",
    "ELSEWHERE__": "elsewhere",
    "LONG_LIST__": "list",
}
KNOWN = "KNOWN_VIDEO"


def use(films: Films) -> None:
    """Lets downloads go to a server of films."""
    films.videos["private"] = {"error": "Private video. Sign in if you've been granted access"}
    films.videos["robot"] = {"error": "Sign in to confirm you’re not a bot."}

    def begin(address: youtube.YouTubeAddress) -> youtube.Download:
        youtube.check_allowed()
        url = f"xmrtest:{films.server_port}/{BY_ID[address.video_id]}"
        return youtube.Download(url, address, youtube.DownloadLimits(max_s=8.0), films.rules)

    youtube.begin_download = begin


def main() -> None:
    """Serves until it is killed."""
    folder = Path(sys.argv[1])
    for name in ("media", "films", "downloads"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    draw(folder / "media")
    tempfile.tempdir = str(folder / "downloads")
    known = Clip(
        "video7015", "red_car.mp4", 0.0, 2.0, (), url=f"https://youtu.be/{KNOWN}",
        source_start_s=100.0,
    )  # fmt: skip
    card = cards()[0]
    galleries = {"scenes": {card.id: StandIn(folder / "media", card, "scenes", (*clips(), known))}}
    with serve_films(folder / "films") as films:
        use(films)
        os.environ.pop("XMR_YOUTUBE", None)
        build(galleries).launch(**launch_options(galleries), prevent_thread_lock=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
