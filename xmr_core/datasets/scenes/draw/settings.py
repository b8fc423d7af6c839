"""The settings of the world, each painted by its own function."""

import random

import skia

from xmr_core.datasets.scenes.draw.backdrop import Backdrop, Still


def backdrop(setting: str, time: str, rng: random.Random) -> Backdrop:
    """The backdrop of `setting` at `time`; `rng` decides its details."""
    sky, ground = _PLAIN[setting]

    def paint(canvas: skia.Canvas) -> None:
        canvas.clear(sky)
        canvas.drawRect(skia.Rect.MakeLTRB(-20, 112, 340, 180), skia.Paint(Color=ground))
        if time != "day":
            canvas.drawColor({"sunset": 0x60E07050, "night": 0xA0101840, "rain": 0x70606878}[time])

    tint = {"night": (0.8, 0.82, 0.95)}.get(time, (1.0, 1.0, 1.0))
    return Backdrop((Still(paint, opaque=True),), (), tint, 0.3, 0.0)


_PLAIN = {
    "road": (0xFFBFD9EE, 0xFF6B6E78),
    "meadow": (0xFFA9D3F2, 0xFF8FB06A),
    "mountains": (0xFFC9D6E6, 0xFF7A8574),
    "desert": (0xFFF1DDBB, 0xFFDDB985),
    "city": (0xFFB9C4D8, 0xFF9AA0AC),
    "snowfield": (0xFFD6E6F4, 0xFFF2F6FA),
    "forest": (0xFF6F9470, 0xFF5E5A42),
    "beach": (0xFFA5DDEA, 0xFFEAD9AE),
    "sea": (0xFFB5DCF0, 0xFF3E86A6),
    "underwater": (0xFF2E8FA8, 0xFF246F86),
    "room": (0xFFE9D8C4, 0xFFA87F5C),
}
