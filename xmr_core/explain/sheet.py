"""A white sheet to draw on, and frames with maps to put on it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from xmr_core.explain.colours import INK, PAPER, Colour, heat_overlay
from xmr_core.explain.fonts import Font, figure_font

# Drawn twice as large and reduced at the end: Pillow's lines have no anti-aliasing of their own.
_SCALE = 2


@dataclass(frozen=True, slots=True)
class Heat:
    """A frame and the map to lay over it, if any."""

    pixels: np.ndarray
    patch_map: np.ndarray | None

    def paint(self, size: tuple[int, int]) -> Image.Image:
        """The picture at `size` (width, height)."""
        if self.patch_map is None:
            return Image.fromarray(self.pixels).resize(size, Image.Resampling.LANCZOS)
        return heat_overlay(self.pixels, self.patch_map, size)


class Sheet:
    """A white sheet of a fixed width, endless downwards, measured in final pixels."""

    def __init__(self, width: int) -> None:
        self._image = Image.new("RGB", (width * _SCALE, 400 * _SCALE), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def _grow(self, y: float) -> None:
        if y * _SCALE > self._image.height:
            taller = Image.new("RGB", (self._image.width, 2 * self._image.height), PAPER)
            taller.paste(self._image, (0, 0))
            self._image, self._draw = taller, ImageDraw.Draw(taller)
            self._grow(y)

    def cut(self, height: float) -> Image.Image:
        """The finished picture."""
        self._grow(height)
        area = (0, 0, self._image.width, round(height) * _SCALE)
        return self._image.crop(area).reduce(_SCALE)

    def _font(self, size: int, bold: bool = False) -> Font:
        return figure_font(size * _SCALE, bold=bold)

    def width(self, text: str, size: int, bold: bool = False) -> float:
        """How wide a text would be."""
        return self._draw.textlength(text, self._font(size, bold)) / _SCALE

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: int = 15,
        colour: Colour = INK,
        *,
        bold: bool = False,
        anchor: str = "lm",
    ) -> None:
        """Writes one line; `anchor` as in Pillow, by default the left end at half height."""
        self._grow(y + 2 * size)
        place = (x * _SCALE, y * _SCALE)
        self._draw.text(place, text, colour, self._font(size, bold), anchor=anchor)

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour) -> None:
        """A filled box with slightly round corners."""
        self._grow(bottom)
        corners = [left * _SCALE, top * _SCALE, right * _SCALE - 1, bottom * _SCALE - 1]
        self._draw.rounded_rectangle(corners, 3 * _SCALE, fill)

    def frame(
        self, left: float, top: float, right: float, bottom: float, colour: Colour, width: int
    ) -> None:
        """The outline of a box."""
        corners = [left * _SCALE, top * _SCALE, right * _SCALE - 1, bottom * _SCALE - 1]
        self._draw.rectangle(corners, outline=colour, width=width * _SCALE)

    def line(self, points: Iterable[tuple[float, float]], colour: Colour, width: float) -> None:
        """A line through some points."""
        path = [(x * _SCALE, y * _SCALE) for x, y in points]
        self._grow(max(y for _, y in path) / _SCALE)
        self._draw.line(path, colour, round(width * _SCALE), joint="curve")

    def dot(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A filled circle."""
        self._draw.circle((x * _SCALE, y * _SCALE), radius * _SCALE, colour)

    def picture(self, x: float, y: float, width: float, height: float, heat: Heat) -> None:
        """A frame, with its map if there is one."""
        self._grow(y + height)
        left, top = round(x * _SCALE), round(y * _SCALE)
        size = (round((x + width) * _SCALE) - left, round((y + height) * _SCALE) - top)
        self._image.paste(heat.paint(size), (left, top))
