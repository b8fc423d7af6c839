"""Toy ball, basketball and football; they roll to the right, one turn per phase."""

import math

import skia

from xmr_core.datasets.scenes.draw import palette as p
from xmr_core.datasets.scenes.draw.palette import Look
from xmr_core.datasets.scenes.draw.shapes import (
    Drawing,
    Point,
    Shape,
    body,
    flat,
    moved,
    oval,
    poly,
    stroke,
    svg,
    union,
)

_R = 0.375
_BALL = oval(0, -_R, _R)
_GLINT = oval(-0.15, -0.55, 0.07, 0.05)
_UNDERSIDE = svg(
    "M.33 -.56 C.46 -.3 .3 0 0 0 C-.16 0 -.28 -.08 -.335 -.2 C-.1 -.06 .28 -.14 .33 -.56Z"
)


def _on_rim(turn: float, radius: float = _R) -> Point:
    angle = 2 * math.pi * turn
    return radius * math.cos(angle), radius * math.sin(angle)


def _star(points: int, outer: float, inner: float) -> Shape:
    return poly(
        *(_on_rim(i / points / 2 - 0.25, inner if i % 2 else outer) for i in range(2 * points))
    )


_STAR = _star(5, 0.2, 0.085)


def ball(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A rubber ball with a star."""
    body(canvas, _BALL, look)
    with moved(canvas, 0, -_R, 360 * phase):
        flat(canvas, _STAR, look.trim)
    flat(canvas, _UNDERSIDE, p.SHADE)
    flat(canvas, _GLINT, p.SHINE)


_BALL_SEAMS = svg(
    "M-.36 0 L.36 0 M0 -.36 L0 .36 M-.24 -.27 Q-.02 0 -.24 .27 M.24 -.27 Q.02 0 .24 .27"
)


def basketball(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """An orange ball with dark seams."""
    body(canvas, _BALL, look)
    with moved(canvas, 0, -_R, 360 * phase):
        stroke(canvas, _BALL_SEAMS, look.trim, 0.028)
    flat(canvas, _UNDERSIDE, p.SHADE)
    flat(canvas, _GLINT, p.SHINE)


def _pentagon(radius: float, turn: float = -0.25) -> list[Point]:
    return [_on_rim(turn + i / 5, radius) for i in range(5)]


def _rim_patch(turn: float) -> Shape:
    """A pentagon seen from the side, at the edge of the ball."""
    return poly(
        _on_rim(turn - 0.055),
        _on_rim(turn - 0.045, 0.29),
        _on_rim(turn, 0.245),
        _on_rim(turn + 0.045, 0.29),
        _on_rim(turn + 0.055),
        _on_rim(turn, 0.374),
    )


_PATCHES = union(poly(*_pentagon(0.13)), *(_rim_patch(i / 5 - 0.25) for i in range(5)))
_SEAM_DATA = " ".join(
    f"M{a[0]:.3f} {a[1]:.3f} L{b[0]:.3f} {b[1]:.3f}"
    for a, b in zip(_pentagon(0.13), _pentagon(0.25), strict=True)
)
_FOOTBALL_SEAMS = svg(_SEAM_DATA)


def football(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A white ball with black pentagons."""
    body(canvas, _BALL, look)
    with moved(canvas, 0, -_R, 360 * phase):
        stroke(canvas, _FOOTBALL_SEAMS, p.STEEL_DARK, 0.018)
        flat(canvas, _PATCHES, p.INK)
    flat(canvas, _UNDERSIDE, p.SHADE)
    flat(canvas, _GLINT, p.SHINE)


BALLS: dict[str, Drawing] = {
    "ball": Drawing(ball, 0.75, 0.75),
    "basketball": Drawing(basketball, 0.75, 0.75, p.BASKETBALL),
    "football": Drawing(football, 0.78, 0.77, p.PALETTE["white"]),
}
