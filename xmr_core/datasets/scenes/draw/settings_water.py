"""Water: beach, sea, and the world under water."""

import math
import random

import skia

from xmr_core.datasets.scenes.draw.backdrop import Layer, Live, Still, Tile
from xmr_core.datasets.scenes.draw.brush import (
    LEFT,
    RIGHT,
    band,
    below,
    colour,
    downwards,
    fill,
    hill,
    line,
    polygon,
    rolling,
    specks,
)
from xmr_core.datasets.scenes.draw.light import RGB, Light, mix
from xmr_core.datasets.scenes.draw.weather import Sun, wrapped

_SHALLOW: RGB = (118, 190, 200)
_DEEP: RGB = (44, 104, 146)


def glints(
    rng: random.Random,
    light: Light,
    top: float,
    bottom: float,
    *,
    count: int,
    drift: float,
    size: float,
) -> Tile:
    """Short bright strokes on the water that drift sideways."""
    width, height = 360.0, bottom - top
    strokes = [
        (rng.uniform(0, width), rng.uniform(0.5, height), rng.uniform(0.4, 1.0))
        for _ in range(count)
    ]
    rgb = mix(light.haze, (255, 255, 255), 0.45)

    def paint(canvas: skia.Canvas) -> None:
        for x, y, long in strokes:
            paint = line(rgb, 0.8, 0.22 + 0.2 * long)
            # Nearer waves are longer.
            half = size * long * (0.35 + 0.65 * y / height)
            for middle in wrapped(x, half, width):
                canvas.drawLine(middle - half, y, middle + half, y, paint)

    return Tile(paint, width, height, (drift, 0.0), top, bottom)


def _sunpath(light: Light, sun: Sun, top: float, bottom: float, rng: random.Random) -> Live:
    """The glitter below a low sun."""
    sparks = [(rng.uniform(-1, 1), rng.random(), rng.random()) for _ in range(40)]

    def paint(canvas: skia.Canvas, t: float) -> None:
        for side, down, shift in sparks:
            bright = 0.5 + 0.5 * math.sin(2 * math.pi * (3 * t + shift))
            y, half = top + 1 + (bottom - top) * down**1.3, 2.5 + 6 * down
            x = sun.x + side * (9 + 20 * down)
            canvas.drawLine(x - half, y, x + half, y, line(light.glow, 1.0, 0.6 * bright))

    return Live(paint)


def sea(light: Light, rng: random.Random, sun: Sun, low_sun: bool) -> tuple[Layer, ...]:
    """Open water to the horizon, an island far away."""
    horizon = 96.0
    island = rng.uniform(20, 300)

    def land(canvas: skia.Canvas) -> None:
        for dx, half, tall in ((0, 44, 11), (30, 30, 7), (-34, 24, 5)):
            x = island + dx
            path = skia.Path()
            path.moveTo(x - half, horizon + 1)
            path.quadTo(x - half * 0.2, horizon - tall * 2, x + half, horizon + 1)
            canvas.drawPath(path, fill(light.lit((108, 132, 142), 0.5)))

    def water(canvas: skia.Canvas) -> None:
        far = mix(light.lit(_DEEP, 0.35), light.sky[2], 0.2)
        band(
            canvas,
            horizon,
            181,
            far,
            light.lit(mix(_DEEP, (58, 128, 160), 0.5)),
            light.lit(_DEEP),
            light.lit((34, 84, 126)),
        )

    path = (_sunpath(light, sun, horizon, 180, rng),) if low_sun else ()
    return (
        Still(land, far=0.9, top=70, bottom=horizon),
        Still(water, far=0.0, top=horizon, opaque=True),
        glints(rng, light, horizon, 180, count=60, drift=14, size=8),
        *path,
        glints(rng, light, 112, 180, count=22, drift=-20, size=15),
    )


def surf(light: Light, rng: random.Random) -> tuple[Layer, ...]:
    """In front of the boats on the sea: the near waves."""
    crest = rolling(rng, 174, 1.6, 110)

    def paint(canvas: skia.Canvas) -> None:
        below(canvas, crest, fill(light.lit((40, 96, 138)), 0.55))

    return (Still(paint, far=-0.5, top=170),)


def beach(light: Light, rng: random.Random, sun: Sun, low_sun: bool) -> tuple[Layer, ...]:
    """Sea, a line of foam that comes and goes, sand with shells."""
    horizon, shore = 90.0, rolling(rng, 124, 2.2, 170)

    def water(canvas: skia.Canvas) -> None:
        band(
            canvas,
            horizon,
            132,
            light.lit(_DEEP, 0.25),
            light.lit((70, 146, 176), 0.1),
            light.lit(_SHALLOW, 0.05),
        )

    def sand(canvas: skia.Canvas) -> None:
        wet, dry, near = (
            light.lit((196, 176, 142)),
            light.lit((240, 222, 178)),
            light.lit((226, 202, 152)),
        )
        below(
            canvas,
            shore,
            downwards(122, 181, [colour(wet), colour(dry), colour(dry), colour(near)]),
        )
        specks(
            canvas,
            rng,
            (LEFT, 136, RIGHT, 180),
            90,
            fill(light.lit((198, 172, 128)), 0.6),
            (0.5, 1.2),
        )
        for rgb in ((250, 240, 228), (232, 196, 180)):
            specks(canvas, rng, (LEFT, 138, RIGHT, 180), 8, fill(light.lit(rgb)), (1.2, 2.2))

    def foam(canvas: skia.Canvas, t: float) -> None:
        wash = 2.4 * math.sin(2 * math.pi * (1.5 * t))
        path = skia.Path()
        path.moveTo(LEFT, shore(LEFT) + wash)
        for x in range(int(LEFT), int(RIGHT), 7):
            path.lineTo(x, shore(x) + wash + 0.7 * math.sin(x * 0.31))
        canvas.drawPath(path, line(light.lit((252, 254, 255)), 2.6, 0.85))

    path = (_sunpath(light, sun, horizon, 122, rng),) if low_sun else ()
    return (
        Still(water, far=0.0, top=horizon, bottom=132, opaque=True),
        glints(rng, light, horizon, 122, count=46, drift=12, size=7),
        *path,
        Still(sand, top=118),
        Live(foam),
    )


def underwater(light: Light, rng: random.Random, dark: bool) -> tuple[Layer, ...]:
    """Blue depth with rays from above, rocks and weed, a sandy floor."""
    sea_colours: tuple[RGB, ...] = (
        ((34, 62, 116), (20, 44, 94), (14, 32, 74))
        if dark
        else ((128, 212, 220), (56, 152, 184), (28, 98, 146))
    )
    depth = sea_colours[2]
    ridge, rocks = rolling(rng, 128, 10, 150), rolling(rng, 144, 8, 100)
    floor = rolling(rng, 160, 2.5, 170)
    weeds = [(rng.uniform(LEFT, RIGHT), rng.uniform(16, 40), rng.random()) for _ in range(16)]

    def water(canvas: skia.Canvas) -> None:
        band(canvas, 0, 181, *sea_colours)

    def far(canvas: skia.Canvas) -> None:
        hill(canvas, ridge, 116, 170, mix(sea_colours[1], depth, 0.55), sea_colours[1])
        hill(
            canvas, rocks, 136, 176, mix(depth, (20, 60, 90), 0.45), mix(depth, sea_colours[1], 0.4)
        )

    def ground(canvas: skia.Canvas) -> None:
        upper: RGB = (62, 84, 122) if dark else (150, 188, 178)
        lower: RGB = (40, 58, 98) if dark else (108, 160, 164)
        hill(canvas, floor, 158, 181, upper, lower)
        specks(
            canvas,
            rng,
            (LEFT, 166, RIGHT, 180),
            40,
            fill(mix(upper, (255, 255, 255), 0.3), 0.5),
            (0.6, 1.6),
        )

    def weed(canvas: skia.Canvas, t: float) -> None:
        paint = line(mix((44, 112, 104), depth, 0.5 if dark else 0.15), 2.4, 0.9)
        paint.setStyle(skia.Paint.kStroke_Style)
        for x, tall, shift in weeds:
            sway = 5 * math.sin(2 * math.pi * (1.2 * t + shift))
            path = skia.Path()
            path.moveTo(x, 166)
            path.quadTo(x - sway, 166 - tall * 0.55, x + sway, 166 - tall)
            canvas.drawPath(path, paint)

    return (
        Still(water, opaque=True),
        _rays(rng, 0.10 if dark else 0.26),
        Still(far, far=0.5, top=108, bottom=178),
        Live(weed),
        Still(ground, top=154),
    )


def _rays(rng: random.Random, alpha: float) -> Live:
    """Slanting shafts of light that waver."""
    shafts = [(rng.uniform(-10, 330), rng.uniform(10, 26), rng.random()) for _ in range(6)]
    white = [colour((226, 250, 255), alpha), colour((226, 250, 255), 0.0)]
    paint = downwards(0, 150, white)

    def draw(canvas: skia.Canvas, t: float) -> None:
        for x, half, shift in shafts:
            move = 8 * math.sin(2 * math.pi * (t + shift))
            points = [(x + move, -2), (x + move + half, -2), (x + move * 2 + half * 0.8 - 34, 150),
                      (x + move * 2 - half - 44, 150)]  # fmt: skip
            polygon(canvas, points, paint)

    return Live(draw)
