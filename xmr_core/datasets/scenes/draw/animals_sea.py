"""Fish, turtle and octopus."""

import math

import skia

from xmr_core.datasets.scenes.draw import palette as p
from xmr_core.datasets.scenes.draw.palette import Look
from xmr_core.datasets.scenes.draw.shapes import (
    EDGE,
    Drawing,
    body,
    disc,
    eye,
    fade,
    flat,
    moved,
    oval,
    pen,
    smooth,
    stretched,
    stroke,
    svg,
    swing,
    union,
)

_FISH = smooth(
    (-0.26, -0.3),
    (-0.08, -0.46),
    (0.16, -0.52),
    (0.38, -0.44),
    (0.5, -0.28),
    (0.38, -0.13),
    (0.16, -0.06),
    (-0.08, -0.13),
)
_FISH_TAIL = svg("M.04 0 Q-.12 -.06 -.26 -.24 Q-.3 -.1 -.22 0 Q-.3 .1 -.26 .24 Q-.12 .06 .04 0Z")
_BACK_FIN = svg("M-.08 -.44 Q0 -.62 .2 -.6 Q.28 -.58 .28 -.48Z")
_BELLY_FIN = svg("M.0 -.1 Q.0 0 -.08 0 Q.1 0 .18 -.08Z")
_SIDE_FIN = svg("M0 0 Q-.12 -.1 -.2 -.02 Q-.2 .1 0 .06Z")
_FISH_STRIPES = svg("M-.1 -.42 Q-.02 -.28 -.1 -.16 M.06 -.475 Q.15 -.28 .06 -.1")


def fish(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A striped tropical fish."""
    with stretched(canvas, -0.24, -0.3, 1 + 0.18 * swing(phase), 1):
        body(canvas, _FISH_TAIL, look)
    flat(canvas, _BACK_FIN, look.dark)
    flat(canvas, _BELLY_FIN, look.dark)
    body(canvas, _FISH, look)
    stroke(canvas, _FISH_STRIPES, look.trim, 0.05)
    with moved(canvas, 0.2, -0.25, 14 * swing(phase, 0.25)):
        flat(canvas, _SIDE_FIN, look.dark)
    eye(canvas, 0.34, -0.34, 0.055)


_TURTLE_SKIN = Look(0xFFB9C48A, 0xFFD7DDA6, 0xFF8C9A62, p.CREAM)
_CARAPACE = svg(
    "M-.44 -.18 C-.44 -.46 -.24 -.6 -.04 -.6 C.18 -.6 .34 -.44 .34 -.18 Q-.04 -.1 -.44 -.18Z"
)
_RIM = svg("M-.46 -.2 Q-.04 -.12 .36 -.2 Q.38 -.12 .3 -.1 Q-.04 -.04 -.4 -.1 Q-.48 -.12 -.46 -.2Z")
_SCUTES = svg(
    "M-.16 -.58 L-.22 -.36 L-.14 -.16 M.1 -.57 L.14 -.36 L.08 -.16 M-.42 -.32"
    "L-.22 -.36 L.14 -.36 L.32 -.32"
)
_TURTLE_HEAD = smooth(
    (0.26, -0.2),
    (0.36, -0.36),
    (0.46, -0.44),
    (0.56, -0.4),
    (0.57, -0.3),
    (0.48, -0.24),
    (0.38, -0.14),
)
_TURTLE_LEG = smooth((-0.07, -0.05), (0.06, -0.05), (0.07, 0.1), (0.02, 0.17), (-0.08, 0.15))
_TURTLE_TAIL = svg("M-.4 -.2 L-.57 -.1 L-.4 -.1Z")


def turtle(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A turtle under a domed shell."""
    flat(canvas, _TURTLE_TAIL, _TURTLE_SKIN.dark)
    for x, shift in ((-0.18, 0.5), (0.22, 0.0)):
        with moved(canvas, x, -0.17, 20 * swing(phase, shift)):
            flat(canvas, _TURTLE_LEG, _TURTLE_SKIN.dark)
    fade(canvas, _TURTLE_HEAD, _TURTLE_SKIN.light, _TURTLE_SKIN.main)
    for x, shift in ((-0.28, 0.0), (0.14, 0.5)):
        with moved(canvas, x, -0.17, 20 * swing(phase, shift)):
            fade(canvas, _TURTLE_LEG, _TURTLE_SKIN.main, _TURTLE_SKIN.main)
    body(canvas, _CARAPACE, look)
    stroke(canvas, _SCUTES, look.dark, 0.03)
    body(canvas, _RIM, look)
    disc(canvas, 0.5, -0.36, 0.026, p.INK)


_MANTLE = smooth(
    (-0.28, -0.5),
    (-0.26, -0.74),
    (0.0, -0.9),
    (0.26, -0.74),
    (0.28, -0.5),
    (0.2, -0.3),
    (0.0, -0.26),
    (-0.2, -0.3),
)
_SMILE = svg("M-.07 -.42 Q0 -.36 .07 -.42")
_FRECKLES = union(
    oval(-0.12, -0.76, 0.045, 0.035), oval(0.06, -0.8, 0.03, 0.024), oval(0.15, -0.7, 0.036, 0.028)
)


def octopus(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """An octopus with curling arms."""
    arms = skia.Path()
    for i, side in enumerate((-1, -0.62, -0.22, 0.22, 0.62, 1)):
        curl = 0.05 * swing(phase, i / 6)
        foot = side * 0.4
        lift = -0.05 - 0.16 * abs(side) ** 2
        arms.moveTo(side * 0.17, -0.36)
        arms.cubicTo(
            side * 0.24 + curl,
            -0.2,
            foot - curl - 0.02,
            lift + 0.08,
            foot + math.copysign(0.015, side),
            lift,
        )
    if look.edge is not None:
        canvas.drawPath(arms, pen(look.edge, 0.1 + EDGE))
    canvas.drawPath(arms, pen(look.dark, 0.1))
    body(canvas, _MANTLE, look)
    flat(canvas, _FRECKLES, look.light)
    stroke(canvas, _SMILE, p.INK, 0.02)
    eye(canvas, -0.1, -0.54, 0.07)
    eye(canvas, 0.1, -0.54, 0.07)


SEA_ANIMALS: dict[str, Drawing] = {
    "fish": Drawing(fish, 1.02, 0.6),
    "turtle": Drawing(turtle, 1.14, 0.61),
    "octopus": Drawing(octopus, 0.92, 0.9),
}
