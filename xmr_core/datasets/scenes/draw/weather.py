"""Skies, clouds, stars and rain."""

import math
import random
from dataclasses import dataclass

import skia

from xmr_core.datasets.scenes.draw.backdrop import Live, Still, Tile
from xmr_core.datasets.scenes.draw.brush import LEFT, RIGHT, band, fill, glow, line
from xmr_core.datasets.scenes.draw.light import LIGHTS, RGB, mix

# The sky goes on behind the hills, down to where the ground covers it in every setting.
_SKY_ENDS = 140.0


@dataclass(frozen=True, slots=True)
class Sun:
    """Where the sun stands (or the moon hides): scene units."""

    x: float
    y: float


def sun_at(time: str, rng: random.Random) -> Sun:
    """High by day, just above the horizon at sunset."""
    x = rng.choice((rng.uniform(36, 110), rng.uniform(210, 284)))
    return Sun(x, rng.uniform(78, 90) if time == "sunset" else rng.uniform(20, 34))


def sky(time: str, sun: Sun, rng: random.Random, horizon: float = 122.0) -> Still:
    """The sky down to the horizon, with what shines in it."""
    light = LIGHTS[time]
    stars = [(rng.uniform(LEFT, RIGHT), 104 * rng.random() ** 1.3, rng.random()) for _ in range(64)]

    def paint(canvas: skia.Canvas) -> None:
        upper, middle, lower = light.sky
        band(canvas, 0, horizon, upper, mix(upper, middle, 0.7), middle, lower)
        band(canvas, horizon - 0.5, _SKY_ENDS, lower, lower)
        if time == "night":
            for x, y, bright in stars:
                dot = fill((226, 234, 255), 0.35 + 0.6 * bright)
                size = 0.35 + 0.55 * bright**3
                canvas.drawRect(skia.Rect.MakeLTRB(x - size, y - size, x + size, y + size), dot)
            glow(canvas, sun.x, -14, 120, light.glow, 0.34)
        elif time == "rain":
            glow(canvas, sun.x, 30, 130, light.glow, 0.30)
        else:
            glow(canvas, sun.x, sun.y, 120 if time == "sunset" else 78, light.glow, 0.6)
            canvas.drawCircle(sun.x, sun.y, 19 if time == "sunset" else 11, fill(light.glow, 0.96))

    return Still(paint, far=1.0, bottom=_SKY_ENDS, opaque=True)


def clouds(time: str, rng: random.Random) -> tuple[Tile, ...]:
    """Thin drifting streaks by day and at sunset, a heavy ceiling in the rain."""
    if time == "night":
        return ()
    heavy = time == "rain"
    rgb: RGB = {"day": (255, 255, 255), "sunset": (255, 186, 158), "rain": (98, 108, 122)}[time]
    width = 400.0
    streaks = [
        (rng.uniform(0, width), rng.uniform(-4, 16) if heavy else rng.uniform(10, 66))
        for _ in range(14 if heavy else 5)
    ]
    shapes = [
        [(rng.uniform(-26, 26), rng.uniform(-2.5, 2.5), rng.uniform(20, 38)) for _ in range(4)]
        for _ in streaks
    ]

    def paint(canvas: skia.Canvas) -> None:
        paint = fill(rgb, 0.20 if heavy else 0.24)
        for (x, y), parts in zip(streaks, shapes, strict=True):
            for dx, dy, half in parts:
                thick = half * (0.34 if heavy else 0.075)
                for middle in wrapped(x + dx, half, width):
                    oval = skia.Rect.MakeLTRB(
                        middle - half, y + dy - thick, middle + half, y + dy + thick
                    )
                    canvas.drawOval(oval, paint)

    drift = rng.choice((-1, 1)) * rng.uniform(6, 12)
    bottom = 32.0 if heavy else 74.0
    return (Tile(paint, width, bottom, (drift, 0.0), 0.0, bottom),)


def wrapped(x: float, half: float, width: float) -> tuple[float, ...]:
    """Where to paint a thing at `x`, `half` to each side, so that a tile of `width` repeats."""
    x %= width
    if x < half:
        return (x, x + width)
    return (x, x - width) if x > width - half else (x,)


def rain(rng: random.Random) -> tuple[Tile | Live, ...]:
    """Two curtains of streaks, the far one slower, and rings where drops fall."""
    slant = rng.choice((-1, 1)) * rng.uniform(10, 22)
    return (
        _streaks(rng, 76, 8.0, 0.7, 0.34, (slant * 2, 180.0 * 8)),
        _streaks(rng, 30, 15.0, 1.0, 0.44, (slant * 3, 180.0 * 13)),
    )


def _streaks(
    rng: random.Random,
    count: int,
    length: float,
    width: float,
    alpha: float,
    drift: tuple[float, float],
) -> Tile:
    size_x, size_y = 320.0, 180.0
    # Streaks lie along their fall; the tile repeats after a whole number of its sizes.
    lean = length * drift[0] / drift[1]
    drops = [(rng.uniform(0, size_x), rng.uniform(0, size_y)) for _ in range(count)]

    def paint(canvas: skia.Canvas) -> None:
        paint = line((228, 236, 244), width, alpha)
        for x, y in drops:
            for down in (0.0, size_y)[: 2 if y + length > size_y else 1]:
                canvas.drawLine(x, y - down, x + lean, y - down + length, paint)

    return Tile(paint, size_x, size_y, drift)


def ripples(rng: random.Random, top: float, bottom: float) -> Live:
    """Rings that open where drops hit the ground or the water."""
    spots = [(rng.uniform(0, 320), rng.uniform(top, bottom), rng.random()) for _ in range(18)]

    def paint(canvas: skia.Canvas, t: float) -> None:
        for x, y, shift in spots:
            age = (7 * t + shift) % 1.0
            size = (1.0 + 5.0 * age) * (0.6 + 0.4 * (y - top) / (bottom - top))
            ring = line((235, 242, 248), 0.7, 0.5 * (1 - age))
            canvas.drawOval(
                skia.Rect.MakeLTRB(x - size, y - size * 0.36, x + size, y + size * 0.36), ring
            )

    return Live(paint)


def bubbles(rng: random.Random) -> Live:
    """Small bubbles that rise in wavering lines."""
    sources = [(rng.uniform(10, 310), rng.random(), rng.uniform(0.8, 2.1)) for _ in range(16)]

    def paint(canvas: skia.Canvas, t: float) -> None:
        for x, shift, radius in sources:
            height = (1.2 * t + shift) % 1.0
            wander = 3.5 * math.sin(9 * height + 6 * shift)
            rim = line((215, 244, 250), 0.6, 0.5 * (1 - height**3))
            canvas.drawCircle(x + wander, 176 - 176 * height, radius * (0.7 + 0.5 * height), rim)

    return Live(paint)
