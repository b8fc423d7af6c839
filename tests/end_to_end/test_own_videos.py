"""A user's own folder through the command line: index, search, change, index again."""

import json
import os

import numpy as np
import pytest
from PIL import Image
from small_models import small_clip, write_small_card

from xmr_core.media.write import write_mp4


def test_a_folder_is_indexed_searched_and_indexed_again(xmr, tmp_path):
    small, media, out = tmp_path / "small", tmp_path / "media", tmp_path / "g"
    small_clip(small)
    write_small_card(small)
    (media / "sea").mkdir(parents=True)
    Image.new("RGB", (32, 32), "red").save(media / "red.png")
    Image.new("RGB", (32, 32), "blue").save(media / "sea" / "-blue\n.png")
    shades = np.linspace(0, 255, 70).astype(np.uint8)
    film = np.broadcast_to(shades[:, None, None, None], (70, 32, 32, 3))
    write_mp4(media / "sea" / "film.mp4", film, fps=1)  # 70 s: longer than a minute
    (media / "bad.mp4").write_bytes(b"no video")
    for path in media.rglob("*.*"):
        os.utime(path, (1.6e9, 1.6e9))

    status, text, _ = xmr("index", media, "--out", out, "--checkpoint", small)
    assert status == 0
    assert "files: 4 added" in text
    assert "7 clips" in text  # two pictures and a film of five windows
    assert "bad.mp4: it is not a video" in text

    asked = ("--gallery", out, "--checkpoint", small)
    status, text, _ = xmr("search", "a red car", *asked, "--json")
    matches = json.loads(text)["matches"]
    assert len(matches) == 3
    film = next(match for match in matches if match["id"].startswith("film") or "moments" in match)
    assert film["end_s"] - film["start_s"] == pytest.approx(20)
    assert len(film["moments"]) == 3

    status, text, _ = xmr("search", "a red car", *asked, "--folder", "sea", "--shorter", "30")
    assert len([line for line in text.splitlines() if "also at" not in line]) == 1
    assert "sea/film.mp4 0:" in text
    assert "also at" in text
    status, text, _ = xmr("similar", "red", *asked, "--until", "2020-09-14", "--json")
    assert {match["id"].split(".")[0] for match in json.loads(text)["matches"]} == {
        "sea_film",
        "sea_-blue",
    }
    status, text, err = xmr("search", "a red car", *asked, "--since", "2021-01-01")
    assert (status, text) == (2, "")
    assert "no clip changed on or after 2021-01-01" in err
    status, _, err = xmr("search", "a red car", *asked, "--since", "yesterday")
    assert (status, "a day such as" in err) == (2, True)

    (media / "red.png").rename(media / "rot.png")
    Image.new("RGB", (32, 32), "white").save(media / "new.png")
    status, text, _ = xmr("index", media, "--out", out, "--checkpoint", small)
    assert "files: 1 added, 0 changed, 1 moved, 0 removed, 3 unchanged" in text
    status, text, _ = xmr("index", media, "--out", out, "--checkpoint", small, "--cut", "none")
    assert "All files were read again" in text
    assert "4 clips" in text
    status, text, _ = xmr("index", media, "--out", out, "--checkpoint", small, "--cut", "shots")
    assert "8 clips" in text  # the film has no shots, so it is cut into windows
