"""A font for the figures: one of the system's that has Chinese, else Pillow's own."""

import functools
import logging
import os
import re
from pathlib import Path

from PIL import ImageFont

_LOG = logging.getLogger(__name__)

_HAN = re.compile(r"[\u3400-\u9fff]")
_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
    "C:/Windows/Fonts",
)
# File, face inside the file (simplified Chinese), and the file of the bold face.
_FACES = (
    ("NotoSansCJK-Regular.ttc", 2, "NotoSansCJK-Bold.ttc"),
    ("NotoSansCJKsc-Regular.otf", 0, "NotoSansCJKsc-Bold.otf"),
    ("NotoSansSC-Regular.otf", 0, "NotoSansSC-Bold.otf"),
    ("SourceHanSansSC-Regular.otf", 0, "SourceHanSansSC-Bold.otf"),
    ("PingFang.ttc", 0, "PingFang.ttc"),
    ("Hiragino Sans GB.ttc", 0, "Hiragino Sans GB.ttc"),
    ("msyh.ttc", 0, "msyhbd.ttc"),
    ("wqy-microhei.ttc", 0, "wqy-microhei.ttc"),
    ("wqy-zenhei.ttc", 0, "wqy-zenhei.ttc"),
    ("DroidSansFallbackFull.ttf", 0, "DroidSansFallbackFull.ttf"),
)

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def has_chinese(text: str) -> bool:
    """Whether a text holds Chinese characters."""
    return _HAN.search(text) is not None


@functools.lru_cache(maxsize=2)
def _face(bold: bool) -> tuple[Path, int] | None:
    """The first face of the list that this system has."""
    found: dict[str, Path] = {}
    for folder in _FOLDERS:
        for where, _, names in os.walk(Path(folder).expanduser()):
            found |= {name: Path(where) / name for name in names}
    for regular, index, heavy in _FACES:
        if regular in found:
            return (found.get(heavy, found[regular]) if bold else found[regular]), index
    return None


def figure_font(size: int, *, bold: bool = False) -> Font:
    """A sans serif font of `size` pixels with Latin and, where the system has one, Chinese."""
    face = _face(bold)
    if face is None:
        return ImageFont.load_default(size)
    path, index = face
    return ImageFont.truetype(str(path), size, index=index)


def warn_if_unreadable(text: str) -> None:
    """Says in one log line that a Chinese text cannot be drawn, where that is so."""
    if has_chinese(text) and _face(False) is None:
        _LOG.warning(
            "No font with Chinese characters was found; the figure shows boxes in their place. "
            "Installing Noto Sans CJK (Debian: fonts-noto-cjk) helps."
        )
