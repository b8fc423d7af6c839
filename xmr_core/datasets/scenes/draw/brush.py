"""Strokes that the settings are painted with. All in scene units on a 320 x 180 scene."""

import math
import random
from collections.abc import Callable, Sequence

import skia

from xmr_core.datasets.scenes.draw.light import RGB

LEFT, RIGHT = -12.0, 332.0
Curve = Callable[[float], float]


def colour(rgb: RGB, alpha: float = 1.0) -> int:
    """As skia wants it."""
    red, green, blue = (max(0, min(255, round(c))) for c in rgb)
    return skia.Color(red, green, blue, round(255 * alpha))


def fill(rgb: RGB, alpha: float = 1.0) -> skia.Paint:
    """A smooth fill of one colour."""
    return skia.Paint(Color=colour(rgb, alpha), AntiAlias=True)


def line(rgb: RGB, width: float, alpha: float = 1.0) -> skia.Paint:
    """A line with round ends."""
    return skia.Paint(
        Color=colour(rgb, alpha),
        AntiAlias=True,
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
    )


def downwards(top: float, bottom: float, colours: Sequence[int]) -> skia.Paint:
    """A gradient from `top` to `bottom`, dithered so that it shows no bands."""
    ends = [skia.Point(0, top), skia.Point(0, bottom)]
    return skia.Paint(
        Shader=skia.GradientShader.MakeLinear(ends, list(colours)), AntiAlias=True, Dither=True
    )


def band(canvas: skia.Canvas, top: float, bottom: float, *colours: RGB) -> None:
    """A strip over the whole width, its colours changing from top to bottom."""
    paint = downwards(top, bottom, [colour(rgb) for rgb in colours])
    canvas.drawRect(skia.Rect.MakeLTRB(LEFT, top, RIGHT, bottom), paint)


def glow(canvas: skia.Canvas, x: float, y: float, radius: float, rgb: RGB, alpha: float) -> None:
    """Light that fades away from its middle."""
    colours = [colour(rgb, alpha), colour(rgb, alpha * 0.38), colour(rgb, 0.0)]
    shader = skia.GradientShader.MakeRadial(skia.Point(x, y), radius, colours, [0.0, 0.4, 1.0])
    canvas.drawCircle(x, y, radius, skia.Paint(Shader=shader, Dither=True))


def polygon(canvas: skia.Canvas, points: Sequence[tuple[float, float]], paint: skia.Paint) -> None:
    """A filled polygon."""
    path = skia.Path()
    path.addPoly([skia.Point(*point) for point in points], True)
    canvas.drawPath(path, paint)


def rect(
    canvas: skia.Canvas, left: float, top: float, right: float, bottom: float, paint: skia.Paint
) -> None:
    """A rectangle."""
    canvas.drawRect(skia.Rect.MakeLTRB(left, top, right, bottom), paint)


def rolling(rng: random.Random, base: float, swell: float, length: float) -> Curve:
    """A soft ridge line around y = `base`: waves of about this length, `swell` high."""
    waves = [
        (length * f, swell * a, rng.uniform(0, 6.3))
        for f, a in ((1, 0.6), (0.47, 0.3), (0.21, 0.1))
    ]
    return lambda x: (
        base + sum(a * math.sin(2 * math.pi * x / wave + shift) for wave, a, shift in waves)
    )


def below(
    canvas: skia.Canvas, curve: Curve, paint: skia.Paint, bottom: float = 184.0, step: float = 4.0
) -> None:
    """Fills everything between a curve and `bottom`."""
    count = int((RIGHT - LEFT) / step) + 1
    points = [(LEFT + k * step, curve(LEFT + k * step)) for k in range(count)]
    polygon(canvas, [*points, (RIGHT, bottom), (LEFT, bottom)], paint)


def hill(
    canvas: skia.Canvas, curve: Curve, top: float, bottom: float, upper: RGB, lower: RGB
) -> None:
    """A hill under a curve, `upper` at y = `top` changing to `lower` at `bottom`."""
    below(canvas, curve, downwards(top, bottom, [colour(upper), colour(lower)]))


def pine(
    canvas: skia.Canvas, x: float, foot: float, tall: float, rgb: RGB, snow: RGB | None = None
) -> None:
    """A small conifer in one colour, with snow on its branches if `snow` is a colour."""
    tree, caps = skia.Path(), skia.Path()
    for k in range(3):
        top, base = foot - tall * (1 - 0.24 * k), foot - tall * (0.52 - 0.26 * k)
        wide = tall * (0.15 + 0.06 * k)
        for path, part in ((tree, 1.0), (caps, 0.5)):
            low, half = top + (base - top) * part, wide * part
            path.addPoly(
                [skia.Point(x, top), skia.Point(x + half, low), skia.Point(x - half, low)], True
            )
    canvas.drawPath(tree, fill(rgb))
    if snow is not None:
        canvas.drawPath(caps, fill(snow))


def tufts(
    canvas: skia.Canvas, rng: random.Random, rows: tuple[float, float], count: int, rgb: RGB
) -> None:
    """Blades of grass in groups of three."""
    path = skia.Path()
    for _ in range(count):
        x, y, tall = rng.uniform(LEFT, RIGHT), rng.uniform(*rows), rng.uniform(3, 5.5)
        for lean in (-1.7, 0.2, 1.9):
            path.moveTo(x, y)
            path.lineTo(x + lean, y - tall * (1 - 0.12 * abs(lean)))
    canvas.drawPath(path, line(rgb, 0.9, 0.8))


def specks(
    canvas: skia.Canvas,
    rng: random.Random,
    area: tuple[float, float, float, float],
    count: int,
    paint: skia.Paint,
    radius: tuple[float, float],
) -> None:
    """Flat dots strewn over an area (left, top, right, bottom)."""
    left, top, right, bottom = area
    for _ in range(count):
        r, x, y = rng.uniform(*radius), rng.uniform(left, right), rng.uniform(top, bottom)
        spot = skia.Rect.MakeLTRB(x - r, y - r * 0.55, x + r, y + r * 0.55)
        if r < 1.4:  # too small for its corners to be seen, and three times faster
            canvas.drawRect(spot, paint)
        else:
            canvas.drawOval(spot, paint)
