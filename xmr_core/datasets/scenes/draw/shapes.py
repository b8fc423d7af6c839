"""A small vocabulary of shapes and brushes, so that a subject reads as a list of its parts.

Units: a subject is about 1.0 wide; x points right, y points down and the ground is y = 0.
Shapes are built once, at import, and paints once per colour: drawing only replays them.
"""

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import skia

from xmr_core.datasets.scenes.draw.palette import INK, SHINE, WHITE, Look

Point = tuple[float, float]
Brush = Callable[[skia.Canvas, Look, float], None]


@dataclass(frozen=True, slots=True)
class Drawing:
    """How to draw one subject.

    Attributes:
        brush: Draws it facing right, given the canvas, its colour and the phase of its movement.
        width: Of its bounding box, centred on x = 0.
        height: Of its bounding box, which stands on y = 0.
        own: The look of a subject that has no choice of colours.
    """

    brush: Brush
    width: float
    height: float
    own: Look | None = None


class Shape:
    """A path that knows its top and bottom; never changed once built."""

    __slots__ = ("bottom", "path", "top")

    def __init__(self, path: skia.Path) -> None:
        bounds = path.computeTightBounds()
        path.setIsVolatile(False)
        self.path, self.top, self.bottom = path, bounds.top(), bounds.bottom()


EDGE = 0.026  # width of the rim's line; half of it shows around a shape
_FINE = 300.0  # pixels per unit for which widened lines are still round


# ---- shapes -----------------------------------------------------------------------------------


def svg(data: str) -> Shape:
    """A shape from SVG path data with absolute M, L, Q, C and Z."""
    path = skia.Path()
    draw = {"M": path.moveTo, "L": path.lineTo, "Q": path.quadTo, "C": path.cubicTo}
    for command, arguments in re.findall(r"([MLQCZ])([^MLQCZ]*)", data):
        if command == "Z":
            path.close()
            continue
        numbers = [float(number) for number in arguments.split()]
        step = {"M": 2, "L": 2, "Q": 4, "C": 6}[command]
        for i in range(0, len(numbers), step):
            draw[command](*numbers[i : i + step])
    return Shape(path)


def poly(*points: Point) -> Shape:
    """A polygon."""
    path = skia.Path()
    path.addPoly([skia.Point(*point) for point in points], True)
    return Shape(path)


def smooth(*points: Point) -> Shape:
    """A closed smooth curve through all points (Catmull-Rom)."""
    path, n = skia.Path(), len(points)
    path.moveTo(*points[0])
    for i in range(n):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = (points[(i + k) % n] for k in (-1, 0, 1, 2))
        path.cubicTo(
            bx + (cx - ax) / 6, by + (cy - ay) / 6, cx - (dx - bx) / 6, cy - (dy - by) / 6, cx, cy
        )
    path.close()
    return Shape(path)


def oval(x: float, y: float, rx: float, ry: float | None = None) -> Shape:
    """An ellipse, or a circle, around (x, y)."""
    ry = rx if ry is None else ry
    path = skia.Path()
    path.addOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry))
    return Shape(path)


def box(left: float, top: float, right: float, bottom: float, radius: float = 0.0) -> Shape:
    """A rectangle with rounded corners."""
    path = skia.Path()
    path.addRoundRect(skia.Rect.MakeLTRB(left, top, right, bottom), radius, radius)
    return Shape(path)


def union(*shapes: Shape) -> Shape:
    """Several shapes painted as one."""
    path = skia.Path()
    for shape in shapes:
        path.addPath(shape.path)
    return Shape(path)


# ---- brushes ----------------------------------------------------------------------------------


@cache
def filled(colour: int) -> skia.Paint:
    """A paint of one colour."""
    return skia.Paint(Color=colour, AntiAlias=True)


@cache
def pen(colour: int, width: float) -> skia.Paint:
    """A paint for lines with round ends."""
    return skia.Paint(
        Color=colour,
        AntiAlias=True,
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )


@cache
def graded(top: float, bottom: float, *colours: int) -> skia.Paint:
    """A paint that changes from the first colour at `top` to the last at `bottom`."""
    ends = [skia.Point(0, top), skia.Point(0, bottom)]
    shader = skia.GradientShader.MakeLinear(ends, list(colours))
    return skia.Paint(Shader=shader, AntiAlias=True)


def body(canvas: skia.Canvas, shape: Shape, look: Look, shaded: bool = False) -> None:
    """Paints a part in the subject's colour, with a rim where it has one.

    It is light above and dark below; a part `shaded` by others gets no light.
    """
    if look.edge is not None:
        canvas.drawPath(_outline(shape, EDGE, whole=True), filled(look.edge))
    tones = (look.main, look.dark) if shaded else (look.light, look.main, look.dark)
    canvas.drawPath(shape.path, graded(shape.top, shape.bottom, *tones))


@cache
def _outline(shape: Shape, width: float, whole: bool = False) -> skia.Path:
    """The area of a line along a shape, with what it encloses if `whole`.

    Filling it is up to twice as fast as having skia widen the line each time.
    """
    line = skia.Paint(pen(INK, width))
    if whole:
        line.setStyle(skia.Paint.kStrokeAndFill_Style)
    area = skia.Path()
    line.getFillPath(shape.path, area, None, _FINE)
    return skia.Simplify(area)


def flat(canvas: skia.Canvas, shape: Shape, colour: int) -> None:
    """Paints a part in one colour."""
    canvas.drawPath(shape.path, filled(colour))


def fade(canvas: skia.Canvas, shape: Shape, *colours: int) -> None:
    """Paints a part with colours that change from its top to its bottom."""
    canvas.drawPath(shape.path, graded(shape.top, shape.bottom, *colours))


def stroke(canvas: skia.Canvas, shape: Shape, colour: int, width: float) -> None:
    """Draws along a shape."""
    canvas.drawPath(_outline(shape, width), filled(colour))


def disc(canvas: skia.Canvas, x: float, y: float, radius: float, colour: int) -> None:
    """Paints a circle."""
    canvas.drawCircle(x, y, radius, filled(colour))


def bar(canvas: skia.Canvas, start: Point, end: Point, width: float, colour: int) -> None:
    """Draws a straight line with round ends."""
    canvas.drawLine(*start, *end, pen(colour, width))


def limb(
    canvas: skia.Canvas, start: Point, end: Point, width: float, look: Look, far: bool = False
) -> None:
    """Draws a straight limb in the subject's colour; one on the far side is darker."""
    if look.edge is not None:
        bar(canvas, start, end, width + EDGE, look.edge)
    bar(canvas, start, end, width, look.dark if far else look.main)


# ---- movement and common parts ----------------------------------------------------------------


def swing(phase: float, shift: float = 0.0) -> float:
    """A smooth to and fro between -1 and 1, once per phase."""
    return math.sin(2 * math.pi * (phase + shift))


@contextmanager
def moved(
    canvas: skia.Canvas, x: float = 0.0, y: float = 0.0, degrees: float = 0.0
) -> Iterator[None]:
    """Draws with the origin moved to (x, y) and turned clockwise."""
    canvas.save()
    canvas.translate(x, y)
    if degrees:
        canvas.rotate(degrees)
    yield
    canvas.restore()


@contextmanager
def stretched(
    canvas: skia.Canvas, x: float, y: float, sx: float, sy: float = 1.0
) -> Iterator[None]:
    """Draws with the origin moved to (x, y) and both directions scaled; -1 mirrors."""
    canvas.save()
    canvas.translate(x, y)
    canvas.scale(sx, sy)
    yield
    canvas.restore()


def eye(canvas: skia.Canvas, x: float, y: float, radius: float) -> None:
    """A friendly eye that looks right: white, pupil and a glint."""
    disc(canvas, x, y, radius, WHITE)
    disc(canvas, x + radius * 0.22, y, radius * 0.68, INK)
    disc(canvas, x + radius * 0.4, y - radius * 0.3, radius * 0.24, WHITE)


def bead(canvas: skia.Canvas, x: float, y: float, radius: float) -> None:
    """A simple dark eye with a glint and a pale rim, visible on any fur."""
    disc(canvas, x, y, radius * 1.35, SHINE)
    disc(canvas, x, y, radius, INK)
    disc(canvas, x + radius * 0.3, y - radius * 0.3, radius * 0.34, WHITE)
