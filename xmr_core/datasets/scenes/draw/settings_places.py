"""Places with walls or trunks around: city, forest, room."""

import random

import skia

from xmr_core.datasets.scenes.draw.backdrop import Layer, Still
from xmr_core.datasets.scenes.draw.brush import (
    LEFT,
    RIGHT,
    band,
    below,
    colour,
    downwards,
    fill,
    glow,
    line,
    polygon,
    rect,
    rolling,
    specks,
    tufts,
)
from xmr_core.datasets.scenes.draw.light import RGB, Light, mix

_LAMP: RGB = (255, 214, 128)


def city(light: Light, rng: random.Random, dark: bool) -> tuple[Layer, ...]:
    """A skyline in the haze, houses with windows that are lit after dark, a paved square."""

    def skyline(canvas: skia.Canvas) -> None:
        x = LEFT
        while x < RIGHT:
            wide, tall = rng.uniform(16, 34), rng.uniform(34, 84)
            rect(canvas, x, 124 - tall, x + wide, 126, fill(light.lit((134, 146, 176), 0.5)))
            if rng.random() < 0.4:
                mast = line(light.lit((134, 146, 176), 0.5), 1.2)
                canvas.drawLine(x + wide / 2, 124 - tall, x + wide / 2, 114 - tall, mast)
            x += wide * rng.uniform(0.8, 1.1)

    def houses(canvas: skia.Canvas) -> None:
        x = LEFT
        while x < RIGHT:
            wide = rng.uniform(30, 48)
            _house_front(canvas, light, rng, (x, x + wide, 130 - rng.uniform(40, 74)), dark)
            x += wide + rng.uniform(0, 4)

    def ground(canvas: skia.Canvas) -> None:
        band(canvas, 129, 181, light.lit((190, 188, 190), 0.1), light.lit((158, 158, 166)))
        joint = line(light.lit((128, 130, 140)), 0.7, 0.7)
        for y in (134.5, 141.5, 150.5, 162, 175):
            canvas.drawLine(LEFT, y, RIGHT, y, joint)
        for k in range(-16, 17):
            canvas.drawLine(160 + 18 * k, 129, 160 + 32 * k, 181, joint)
        rect(canvas, LEFT, 128, RIGHT, 130.5, fill(light.lit((120, 122, 134))))

    return (
        Still(skyline, far=0.8, top=28, bottom=127),
        Still(houses, far=0.3, top=54, bottom=131),
        Still(ground, top=128, opaque=True),
    )


_WALLS: tuple[RGB, ...] = (
    (190, 158, 142),
    (166, 172, 186),
    (204, 186, 158),
    (150, 152, 168),
    (182, 168, 176),
)


def _house_front(
    canvas: skia.Canvas,
    light: Light,
    rng: random.Random,
    place: tuple[float, float, float],
    dark: bool,
) -> None:
    """One house (left, right, top) with rows of windows and a shop."""
    left, right, top = place
    wall = rng.choice(_WALLS)
    shade = downwards(
        top,
        130,
        [colour(light.lit(wall, 0.12)), colour(light.lit(mix(wall, (90, 90, 110), 0.25), 0.1))],
    )
    rect(canvas, left, top, right, 131, shade)
    rect(
        canvas,
        left - 0.8,
        top - 1.5,
        right + 0.8,
        top + 1.2,
        fill(light.lit(mix(wall, (255, 255, 255), 0.3), 0.1)),
    )
    columns = max(2, int((right - left - 5) / 8.5))
    step = (right - left - 4) / columns
    y = top + 6
    while y < 112:
        for k in range(columns):
            x = left + 2 + step * (k + 0.5)
            lit = dark and rng.random() < 0.55
            pane = (
                mix(_LAMP, (255, 180, 110), rng.random() * 0.6)
                if lit
                else light.lit((106, 128, 158), 0.1)
            )
            rect(canvas, x - 2, y, x + 2, y + 5.6, fill(pane))
        y += 9.5
    pane = _LAMP if dark else light.lit((124, 146, 170), 0.05)
    rect(canvas, left + 3, 118, right - 3, 129, fill(pane, 0.95))
    awning = rng.choice(((168, 108, 104), (112, 134, 128), (150, 132, 108), (118, 124, 152)))
    points = [(left + 2, 115), (right - 2, 115), (right, 120), (left, 120)]
    polygon(canvas, points, fill(light.lit(awning, 0.08)))


def forest(light: Light, rng: random.Random) -> tuple[Layer, ...]:
    """Trunks behind trunks in misty light, a leafy roof, ferns on the floor."""
    floor = rolling(rng, 127, 2.5, 140)

    def back(canvas: skia.Canvas) -> None:
        pale, deep = light.lit((206, 222, 176), 0.15), light.lit((128, 158, 118), 0.1)
        band(canvas, 0, 140, deep, mix(pale, deep, 0.4), pale)
        glow(canvas, rng.uniform(90, 230), 60, 110, light.glow, 0.42)
        _trunks(canvas, rng, light.lit((136, 152, 118), 0.3), 26, (2.5, 4.5), 128)

    def middle(canvas: skia.Canvas) -> None:
        _trunks(canvas, rng, light.lit((108, 110, 84), 0.12), 11, (5, 8), 130)
        _leaves(canvas, rng, light.lit((100, 132, 88), 0.12), 22, 60)

    def near(canvas: skia.Canvas) -> None:
        _trunks(canvas, rng, light.lit((84, 74, 62)), 5, (9, 14), 134)
        _leaves(canvas, rng, light.lit((72, 104, 68)), 8, 60)
        _leaves(canvas, rng, light.lit((58, 88, 58)), -4, 60)

    def ground(canvas: skia.Canvas) -> None:
        shade = [colour(light.lit((128, 126, 82), 0.08)), colour(light.lit((92, 86, 60)))]
        below(canvas, floor, downwards(124, 181, shade))
        for rgb in ((158, 128, 82), (142, 142, 92), (112, 92, 66)):
            specks(canvas, rng, (LEFT, 132, RIGHT, 181), 34, fill(light.lit(rgb), 0.75), (0.8, 2.2))
        tufts(canvas, rng, (126, 136), 30, light.lit((88, 116, 72)))

    def ferns(canvas: skia.Canvas) -> None:
        tufts(canvas, rng, (179, 188), 64, light.lit((62, 92, 58)))

    return (
        Still(back, far=0.9, bottom=140, opaque=True),
        Still(middle, far=0.55, bottom=134),
        Still(near, far=0.25, bottom=136),
        Still(ground, top=122),
        Still(ferns, far=-0.3, top=170),
    )


def _trunks(
    canvas: skia.Canvas,
    rng: random.Random,
    rgb: RGB,
    count: int,
    width: tuple[float, float],
    foot: float,
) -> None:
    """Tree trunks that go up out of the picture, evenly strewn."""
    step = (RIGHT - LEFT) / count
    for k in range(count):
        x, half = LEFT + step * (k + rng.uniform(0.15, 0.85)), rng.uniform(*width) / 2
        lean = rng.uniform(-4, 4)
        points = [(x + lean - half * 0.7, -2), (x + lean + half * 0.7, -2), (x + half, foot - 6),
                  (x + half * 1.7, foot), (x - half * 1.7, foot), (x - half, foot - 6)]  # fmt: skip
        polygon(canvas, points, fill(rgb))
        shaded = [*points[1:4], (x + half * 0.3, foot - 4), (x + lean + half * 0.2, -2)]
        polygon(canvas, shaded, fill((20, 24, 30), 0.10))


def _leaves(canvas: skia.Canvas, rng: random.Random, rgb: RGB, low: float, count: int) -> None:
    """The edge of a leafy roof at about y = `low`."""
    paint = fill(rgb)
    for k in range(count):
        x = LEFT + (RIGHT - LEFT) * k / (count - 1)
        radius = rng.uniform(7, 13)
        canvas.drawCircle(x, low + rng.uniform(-4, 4), radius, paint)
        rect(canvas, x - 4, -2, x + 4, max(-2.0, low), paint)


def room(light: Light, rng: random.Random, dark: bool) -> tuple[Layer, ...]:
    """A papered wall with a window and pictures, floor boards, a rug."""
    paper = rng.choice(((226, 212, 190), (206, 214, 208), (222, 204, 200), (206, 208, 222)))
    window = rng.choice((66.0, 252.0))

    def wall(canvas: skia.Canvas) -> None:
        band(canvas, 0, 130, light.lit(mix(paper, (255, 255, 255), 0.15)), light.lit(paper))
        for x in range(int(LEFT), int(RIGHT), 18):
            rect(canvas, x, 0, x + 9, 118, fill(light.lit(mix(paper, (255, 255, 255), 0.45)), 0.5))
        _window(canvas, window, rng, dark)
        _pictures(canvas, light, rng, 318 - window)
        rect(canvas, LEFT, 117, RIGHT, 131, fill(light.lit((240, 234, 224))))
        rect(canvas, LEFT, 117, RIGHT, 118.4, fill(light.lit((196, 184, 170))))
        if dark:
            glow(canvas, 318 - window, 70, 150, light.glow, 0.38)

    def floor(canvas: skia.Canvas) -> None:
        band(canvas, 129, 181, light.lit((170, 126, 92)), light.lit((196, 150, 110)))
        seam = line(light.lit((128, 90, 64)), 0.8, 0.7)
        for y in (134.5, 141, 149, 158.5, 170):
            canvas.drawLine(LEFT, y, RIGHT, y, seam)
        for y, low in (
            (129, 134.5),
            (134.5, 141),
            (141, 149),
            (149, 158.5),
            (158.5, 170),
            (170, 181),
        ):
            for _ in range(4):
                x = rng.uniform(LEFT, RIGHT)
                canvas.drawLine(x, y, x, low, seam)
        for grow, rgb in ((1.0, (176, 148, 140)), (0.9, (214, 196, 178)), (0.78, (186, 164, 152))):
            rug = skia.Rect.MakeLTRB(
                160 - 118 * grow, 157 - 17 * grow, 160 + 118 * grow, 157 + 17 * grow
            )
            canvas.drawOval(rug, fill(light.lit(rgb)))
        if dark:
            glow(canvas, 318 - window, 150, 170, light.glow, 0.16)
        else:
            points = [
                (window - 22, 131),
                (window + 24, 131),
                (window + 52, 181),
                (window - 14, 181),
            ]
            polygon(canvas, points, fill((255, 244, 214), 0.2))

    return (
        Still(wall, far=0.2, bottom=131, opaque=True),
        Still(floor, top=129, opaque=True),
    )


def _window(canvas: skia.Canvas, x: float, rng: random.Random, dark: bool) -> None:
    """A window between curtains, with the sky behind it."""
    frame = (246, 242, 234) if not dark else (150, 128, 118)
    rect(canvas, x - 31, 24, x + 31, 92, fill(frame))
    top, bottom = ((18, 24, 62), (52, 68, 122)) if dark else ((132, 190, 238), (222, 240, 250))
    rect(canvas, x - 27, 28, x + 27, 88, downwards(28, 88, [colour(top), colour(bottom)]))
    if dark:
        specks(canvas, rng, (x - 25, 30, x + 25, 76), 16, fill((230, 236, 255), 0.9), (0.5, 0.9))
    hedge = (38, 58, 74) if dark else (154, 186, 146)
    below_sill = skia.Rect.MakeLTRB(x - 27, 78, x + 27, 88)
    canvas.drawRect(below_sill, fill(hedge))
    rect(canvas, x - 1.4, 28, x + 1.4, 88, fill(frame))
    rect(canvas, x - 27, 56, x + 27, 58.5, fill(frame))
    rect(canvas, x - 35, 90, x + 35, 94, fill(mix(frame, (120, 100, 90), 0.2)))
    cloth: RGB = (120, 104, 110) if dark else (206, 190, 186)
    for side in (-1, 1):
        points = [
            (x + side * 39, 18),
            (x + side * 20, 18),
            (x + side * 24, 60),
            (x + side * 33, 100),
            (x + side * 41, 100),
        ]
        polygon(canvas, points, fill(cloth))
        canvas.drawLine(
            x + side * 31, 20, x + side * 34, 98, line(mix(cloth, (60, 50, 60), 0.35), 0.9, 0.6)
        )


def _pictures(canvas: skia.Canvas, light: Light, rng: random.Random, x: float) -> None:
    """Two small framed pictures of hills."""
    for dx, wide, tall in ((-24, 17, 13), (18, 13, 16)):
        y = 54 + rng.uniform(-4, 4)
        rect(
            canvas,
            x + dx - wide,
            y - tall,
            x + dx + wide,
            y + tall,
            fill(light.lit((136, 108, 88))),
        )
        rect(
            canvas,
            x + dx - wide + 2.5,
            y - tall + 2.5,
            x + dx + wide - 2.5,
            y + tall - 2.5,
            fill(light.lit((226, 226, 214))),
        )
        points = [(x + dx - wide + 2.5, y + tall - 2.5), (x + dx - 3, y - 2), (x + dx + 3, y + 4),
                  (x + dx + 7, y), (x + dx + wide - 2.5, y + tall - 2.5)]  # fmt: skip
        polygon(canvas, points, fill(light.lit((160, 172, 168))))
