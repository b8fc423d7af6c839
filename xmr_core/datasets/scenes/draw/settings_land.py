"""Open country: road, meadow, mountains, desert, snowfield."""

import random

import skia

from xmr_core.datasets.scenes.draw.backdrop import Layer, Still
from xmr_core.datasets.scenes.draw.brush import (
    LEFT,
    RIGHT,
    Curve,
    band,
    below,
    fill,
    hill,
    line,
    pine,
    polygon,
    rect,
    rolling,
    specks,
    tufts,
)
from xmr_core.datasets.scenes.draw.light import RGB, Light, mix


def hills(
    light: Light,
    curve: Curve,
    rgb: RGB,
    far: float,
    *,
    distance: float,
    top: float,
    bottom: float = 136.0,
) -> Still:
    """One ridge of soft hills; its foot fades into the haze."""
    upper, lower = light.lit(rgb, distance), light.lit(rgb, min(1.0, distance + 0.28))

    def paint(canvas: skia.Canvas) -> None:
        hill(canvas, curve, top, bottom, upper, lower)

    return Still(paint, far=far, top=top - 2, bottom=bottom)


def road(light: Light, rng: random.Random) -> tuple[Layer, ...]:
    """Asphalt with markings, verges, hills, a line of poles."""
    far, near = rolling(rng, 102, 9, 210), rolling(rng, 112, 6, 150)
    dash, pole = rng.uniform(0, 40), rng.uniform(0, 60)

    def poles(canvas: skia.Canvas) -> None:
        wood = line(light.lit((92, 82, 78), 0.22), 1.6)
        wire = line(light.lit((92, 82, 78), 0.35), 0.6, 0.8)
        for x in range(-120, 480, 74):
            canvas.drawLine(x + pole, 128, x + pole, 82, wood)
            canvas.drawLine(x + pole - 6, 86, x + pole + 6, 86, wood)
            sag = skia.Path()
            sag.moveTo(x + pole, 86)
            sag.quadTo(x + pole + 37, 95, x + pole + 74, 86)
            canvas.drawPath(sag, wire)

    def ground(canvas: skia.Canvas) -> None:
        verge = (150, 164, 108)
        band(canvas, 119, 134, light.lit(verge, 0.25), light.lit(verge, 0.05))
        tufts(canvas, rng, (124, 132), 18, light.lit((112, 132, 84)))
        band(canvas, 131, 176, light.lit((112, 115, 124), 0.1), light.lit((84, 86, 96)))
        edge = light.lit((232, 230, 222))
        rect(canvas, LEFT, 133, RIGHT, 134.2, fill(edge, 0.85))
        rect(canvas, LEFT, 171, RIGHT, 173, fill(edge, 0.85))
        for x in range(-60, 380, 46):
            points = [
                (x + dash, 154.5),
                (x + dash + 25, 154.5),
                (x + dash + 26, 157),
                (x + dash, 157),
            ]
            polygon(canvas, points, fill(light.lit((240, 226, 176)), 0.9))
        band(canvas, 176, 181, light.lit((140, 152, 98)), light.lit((116, 130, 84)))
        tufts(canvas, rng, (178, 183), 24, light.lit((120, 138, 88)))

    return (
        hills(light, far, (124, 156, 142), 0.8, distance=0.42, top=90),
        hills(light, near, (140, 168, 112), 0.5, distance=0.2, top=102),
        Still(poles, far=0.25, top=80, bottom=130),
        Still(ground, top=119, opaque=True),
    )


def meadow(light: Light, rng: random.Random) -> tuple[Layer, ...]:
    """Green hills one behind the other and a flowery foreground."""
    curves = [
        rolling(rng, base, swell, length)
        for base, swell, length in ((94, 12, 240), (106, 10, 170), (122, 7, 260))
    ]

    def ground(canvas: skia.Canvas) -> None:
        below(canvas, curves[2], fill(light.lit((176, 196, 118), 0.1)), bottom=140)
        band(canvas, 128, 181, light.lit((170, 192, 114), 0.05), light.lit((126, 158, 84)))
        tufts(canvas, rng, (132, 178), 46, light.lit((104, 138, 74)))
        for rgb in ((250, 248, 236), (246, 226, 150), (226, 190, 214)):
            area = (LEFT, 136.0, RIGHT, 178.0)
            specks(canvas, rng, area, 22, fill(light.lit(rgb), 0.9), (0.7, 1.3))

    def edge(canvas: skia.Canvas) -> None:
        tufts(canvas, rng, (180, 187), 70, light.lit((86, 122, 64)))

    return (
        hills(light, curves[0], (126, 164, 130), 0.8, distance=0.4, top=82),
        hills(light, curves[1], (146, 182, 112), 0.5, distance=0.2, top=96),
        Still(ground, top=112),
        Still(edge, far=-0.3, top=168),
    )


def _peaks(
    rng: random.Random, foot: float, tall: tuple[float, float], step: float
) -> list[tuple[float, float, float]]:
    """Mountains as (x, top, half width)."""
    found, x = [], LEFT - rng.uniform(0, step)
    while x < RIGHT + step:
        height = rng.uniform(*tall)
        found.append((x, foot - height, height * rng.uniform(0.95, 1.25)))
        x += step * rng.uniform(0.75, 1.2)
    return sorted(found, key=lambda peak: -peak[1])[::-1]


def mountains(light: Light, rng: random.Random) -> tuple[Layer, ...]:
    """Two ranges with snow caps, a dark line of pines, stony grass."""
    ranges = (_peaks(rng, 126, (62, 96), 84), _peaks(rng, 126, (34, 62), 66))
    trees = [(x, rng.uniform(11, 21)) for x in range(int(LEFT), int(RIGHT), 9)]

    def peaks_painter(peaks: list[tuple[float, float, float]], distance: float) -> Still:
        def paint(canvas: skia.Canvas) -> None:
            for x, top, half in reversed(peaks):
                _mountain(canvas, light, (x, top, half), distance)

        return Still(paint, far=0.5 + distance, top=26, bottom=128)

    def ground(canvas: skia.Canvas) -> None:
        for x, tall in trees:
            pine(canvas, x, 127, tall, light.lit((58, 84, 80), 0.12))
        band(canvas, 124, 181, light.lit((142, 150, 118), 0.1), light.lit((112, 118, 98)))
        stone = fill(light.lit((150, 150, 152)), 0.9)
        specks(canvas, rng, (LEFT, 128, RIGHT, 180), 34, stone, (1.2, 4.2))
        tufts(canvas, rng, (130, 180), 26, light.lit((92, 106, 80)))

    return (
        peaks_painter(ranges[0], 0.42),
        peaks_painter(ranges[1], 0.12),
        Still(ground, top=106),
    )


def _mountain(
    canvas: skia.Canvas, light: Light, peak: tuple[float, float, float], distance: float
) -> None:
    """One mountain: a lit side, a shaded side, and snow with a ragged edge."""
    x, top, half = peak
    foot = 128.0
    sunny, shady = light.lit((128, 136, 156), distance), light.lit((94, 102, 128), distance)
    snow, cold = (
        light.lit((250, 252, 255), distance * 0.5),
        light.lit((204, 214, 234), distance * 0.6),
    )
    polygon(canvas, [(x, top), (x + half, foot), (x - half, foot)], fill(sunny))
    polygon(
        canvas,
        [(x, top), (x + half, foot), (x + half * 0.12, foot), (x - half * 0.06, top + 22)],
        fill(shady),
    )
    cap = (foot - top) * 0.36
    wide = half * 0.36
    polygon(
        canvas,
        [(x, top), (x + wide, top + cap), (x + wide * 0.45, top + cap * 0.8), (x, top + cap * 1.12),
         (x - wide * 0.42, top + cap * 0.82), (x - wide, top + cap)],
        fill(snow),
    )  # fmt: skip
    polygon(
        canvas,
        [(x, top), (x + wide, top + cap), (x + wide * 0.45, top + cap * 0.8),
         (x + wide * 0.05, top + cap * 1.08)],
        fill(cold),
    )  # fmt: skip


def desert(light: Light, rng: random.Random) -> tuple[Layer, ...]:
    """Table mountains far away, dunes with a sunny and a shady side, wind ripples."""
    mesas = [(rng.uniform(0, 320), rng.uniform(26, 58), rng.uniform(16, 30)) for _ in range(4)]
    dunes = (rolling(rng, 110, 9, 220), rolling(rng, 122, 7, 300))
    sand: RGB = (230, 194, 142)

    def far(canvas: skia.Canvas) -> None:
        for x, half, tall in mesas:
            rock, shade = light.lit((196, 128, 98), 0.34), light.lit((158, 98, 84), 0.34)
            top = 112 - tall
            polygon(
                canvas,
                [(x - half * 0.8, top), (x + half * 0.8, top), (x + half, 120), (x - half, 120)],
                fill(rock),
            )
            polygon(
                canvas,
                [
                    (x + half * 0.45, top),
                    (x + half * 0.8, top),
                    (x + half, 120),
                    (x + half * 0.5, 120),
                ],
                fill(shade),
            )
            rect(canvas, x - half * 0.8, top + 4, x + half * 0.8, top + 6, fill(shade, 0.5))

    def ground(canvas: skia.Canvas) -> None:
        upper, lower = light.lit(mix(sand, (255, 236, 200), 0.4)), light.lit((206, 164, 112))
        hill(canvas, dunes[1], 112, 182, upper, lower)
        for k in range(9):
            ripple = rolling(rng, 134 + 5.6 * k, 1.6, 90)
            path = skia.Path()
            path.moveTo(LEFT, ripple(LEFT))
            for x in range(int(LEFT), int(RIGHT) + 6, 6):
                path.lineTo(x, ripple(x))
            canvas.drawPath(path, line(light.lit((184, 140, 96)), 0.9, 0.42))

    return (
        Still(far, far=0.85, top=76, bottom=122),
        hills(light, dunes[0], (222, 176, 128), 0.45, distance=0.14, top=98),
        Still(ground, top=112),
    )


def snowfield(light: Light, rng: random.Random) -> tuple[Layer, ...]:
    """White hills with blue shadows, snowy pines, a sparkling foreground."""
    curves = (rolling(rng, 98, 10, 230), rolling(rng, 112, 8, 180), rolling(rng, 126, 4, 260))
    trees = sorted(
        (rng.uniform(112, 124), rng.uniform(LEFT, RIGHT), rng.uniform(14, 30)) for _ in range(15)
    )

    def woods(canvas: skia.Canvas) -> None:
        hill(
            canvas,
            curves[1],
            102,
            136,
            light.lit((236, 243, 250), 0.1),
            light.lit((196, 214, 234), 0.1),
        )
        green, snow = light.lit((78, 106, 116), 0.2), light.lit((240, 246, 252), 0.1)
        for foot, x, tall in trees:
            pine(canvas, x, foot, tall, green, snow)

    def ground(canvas: skia.Canvas) -> None:
        hill(canvas, curves[2], 120, 180, light.lit((250, 252, 255)), light.lit((208, 222, 240)))
        for _ in range(7):
            x, y, half = rng.uniform(LEFT, RIGHT), rng.uniform(136, 178), rng.uniform(20, 50)
            drift = skia.Rect.MakeLTRB(x - half, y - 2.4, x + half, y + 2.4)
            canvas.drawOval(drift, fill(light.lit((186, 206, 232)), 0.45))
        specks(
            canvas, rng, (LEFT, 132, RIGHT, 180), 60, fill(light.lit((255, 255, 255))), (0.4, 0.9)
        )

    return (
        hills(light, curves[0], (214, 226, 242), 0.8, distance=0.3, top=86),
        Still(woods, far=0.4, top=84, bottom=138),
        Still(ground, top=118),
    )
