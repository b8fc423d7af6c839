"""Airplane, helicopter, hot-air balloon, rocket and kite."""

import skia

from xmr_core.datasets.scenes.draw import palette as p
from xmr_core.datasets.scenes.draw.palette import Look
from xmr_core.datasets.scenes.draw.shapes import (
    Drawing,
    bar,
    body,
    box,
    disc,
    fade,
    flat,
    moved,
    oval,
    pen,
    poly,
    smooth,
    stretched,
    stroke,
    svg,
    swing,
    union,
)

_FUSELAGE = svg(
    "M-.58 -.36 Q-.6 -.42 -.52 -.42 L.2 -.42 Q.36 -.42 .46 -.33 Q.53 -.27 .53 -.22"
    "Q.53 -.12 .3 -.11 L-.1 -.11 Q-.4 -.14 -.58 -.36Z"
)
_TAIL_FIN = svg("M-.6 -.58 L-.48 -.58 Q-.44 -.58 -.42 -.55 L-.28 -.4 L-.56 -.38Z")
_FAR_WING = poly((0.0, -0.4), (0.14, -0.4), (0.02, -0.53), (-0.07, -0.53))
_NEAR_WING = svg("M-.02 -.25 L.2 -.25 Q.2 -.22 .17 -.2 L-.12 .0 Q-.16 .02 -.2 0 L-.23 -.03Z")
_TAILPLANE = svg("M-.56 -.4 L-.38 -.38 L-.5 -.3 L-.62 -.3Z")
_COCKPIT = svg("M.27 -.38 Q.37 -.375 .44 -.3 L.26 -.295 Q.24 -.34 .27 -.38Z")
_CABIN = union(*(oval(-0.3 + i * 0.125, -0.325, 0.034, 0.042) for i in range(4)))
_AIR_STRIPE = svg("M-.5 -.27 L.52 -.225 L.515 -.195 L-.44 -.225Z")
_BLADES = oval(0, 0, 0.022, 0.2)


def airplane(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A small airliner with a propeller in its nose."""
    fade(canvas, _FAR_WING, look.dark, look.dark)
    body(canvas, _TAIL_FIN, look)
    body(canvas, _FUSELAGE, look)
    flat(canvas, _AIR_STRIPE, look.trim)
    flat(canvas, _CABIN, p.GLASS_DARK)
    fade(canvas, _COCKPIT, p.GLASS_LIGHT, p.GLASS)
    body(canvas, _TAILPLANE, look)
    body(canvas, _NEAR_WING, look)
    with stretched(canvas, 0.56, -0.22, 1, 0.3 + 0.7 * abs(swing(phase, 0.25))):
        flat(canvas, _BLADES, p.STEEL_DARK)
    disc(canvas, 0.545, -0.22, 0.055, p.STEEL)


_CABIN_H = smooth(
    (-0.12, -0.3),
    (0.05, -0.47),
    (0.32, -0.47),
    (0.53, -0.33),
    (0.57, -0.2),
    (0.4, -0.11),
    (0.1, -0.11),
    (-0.1, -0.17),
)
_BOOM = svg("M-.08 -.36 L-.5 -.41 Q-.56 -.41 -.56 -.37 Q-.56 -.33 -.5 -.325 L-.05 -.2Z")
_FIN_H = poly((-0.62, -0.55), (-0.53, -0.55), (-0.44, -0.38), (-0.55, -0.34))
_WINDSCREEN = svg("M.25 -.43 Q.45 -.42 .545 -.25 Q.5 -.22 .44 -.22 L.25 -.22Z")
_DOOR_H = box(0.02, -0.41, 0.19, -0.22, 0.04)
_SKID = svg("M-.06 0 L.42 0 Q.5 0 .52 -.05 M.06 0 L.1 -.12 M.34 0 L.32 -.12")
_MAST = box(0.13, -0.56, 0.19, -0.43, 0.02)
_ROTOR = box(-0.5, -0.018, 0.5, 0.018, 0.018)
_TAIL_ROTOR = union(oval(0, 0.07, 0.016, 0.06), oval(0, -0.07, 0.016, 0.06))


def helicopter(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A helicopter with a glass nose."""
    with moved(canvas, 0, -0.02):
        stroke(canvas, _SKID, p.STEEL_DARK, 0.034)
    flat(canvas, _MAST, p.STEEL_DARK)
    body(canvas, _FIN_H, look)
    body(canvas, _BOOM, look)
    body(canvas, _CABIN_H, look)
    fade(canvas, _WINDSCREEN, p.GLASS_LIGHT, p.GLASS)
    fade(canvas, _DOOR_H, p.GLASS_LIGHT, p.GLASS)
    with stretched(canvas, 0.16, -0.565, 0.35 + 0.65 * abs(swing(phase, 0.25))):
        flat(canvas, _ROTOR, 0xFF4A5060)
    disc(canvas, 0.16, -0.565, 0.035, p.STEEL_DARK)
    with moved(canvas, -0.56, -0.43, 360 * phase):
        flat(canvas, _TAIL_ROTOR, p.STEEL_DARK)
    disc(canvas, -0.56, -0.43, 0.022, p.STEEL_LIGHT)


_ENVELOPE = svg(
    "M0 -1.15 C.24 -1.15 .4 -.98 .4 -.77 C.4 -.56 .2 -.42 .13 -.28 L-.13 -.28"
    "C-.2 -.42 -.4 -.56 -.4 -.77 C-.4 -.98 -.24 -1.15 0 -1.15Z"
)
_GORES = union(
    svg(
        "M0 -1.15 C-.19 -1.1 -.28 -.95 -.28 -.77 C-.28 -.58 -.16 -.42 -.1 -.28 L-.04 -.28"
        "C-.06 -.42 -.1 -.58 -.1 -.77 C-.1 -.95 -.06 -1.1 0 -1.15Z"
    ),
    svg(
        "M0 -1.15 C.19 -1.1 .28 -.95 .28 -.77 C.28 -.58 .16 -.42 .1 -.28 L.04 -.28"
        "C.06 -.42 .1 -.58 .1 -.77 C.1 -.95 .06 -1.1 0 -1.15Z"
    ),
)
_BALLOON_SHINE = oval(-0.2, -0.92, 0.05, 0.1)
_ROPES = svg("M-.11 -.28 L-.08 -.15 M.11 -.28 L.08 -.15")
_BASKET = svg("M-.1 -.155 L.1 -.155 L.085 -.02 Q.08 0 .06 0 L-.06 0 Q-.08 0 -.085 -.02Z")
_BURNER = svg("M-.035 -.2 Q-.03 -.26 0 -.3 Q.03 -.26 .035 -.2Z")


def balloon(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A hot-air balloon with a flickering burner."""
    with stretched(canvas, 0, -0.045, 1, 0.85 + 0.25 * swing(phase)):
        flat(canvas, _BURNER, p.FIRE)
    stroke(canvas, _ROPES, p.WOOD_DARK, 0.016)
    fade(canvas, _BASKET, p.WOOD_LIGHT, p.WOOD_DARK)
    body(canvas, _ENVELOPE, look)
    fade(canvas, _GORES, look.trim, look.light, look.main)
    flat(canvas, _BALLOON_SHINE, p.SHINE)


_ROCKET = svg(
    "M0 -1.2 C.16 -1.08 .22 -.86 .22 -.66 C.22 -.48 .18 -.36 .13 -.26 L-.13 -.26"
    "C-.18 -.36 -.22 -.48 -.22 -.66 C-.22 -.86 -.16 -1.08 0 -1.2Z"
)
_NOSE = svg("M0 -1.2 C.1 -1.13 .16 -1.02 .19 -.91 Q0 -.86 -.19 -.91 C-.16 -1.02 -.1 -1.13 0 -1.2Z")
_ROCKET_SIDE = svg(
    "M.04 -1.16 C.16 -1.08 .22 -.86 .22 -.66 C.22 -.48 .18 -.36 .13 -.26 L.05 -.26"
    "C.14 -.5 .14 -.9 .04 -1.16Z"
)
_FIN_LEFT = svg("M-.2 -.56 Q-.33 -.46 -.32 -.2 Q-.24 -.3 -.12 -.3Z")
_FIN_RIGHT = svg("M.2 -.56 Q.33 -.46 .32 -.2 Q.24 -.3 .12 -.3Z")
_FIN_MIDDLE = svg("M-.028 -.48 L.028 -.48 L.028 -.2 L-.028 -.2Z")
_NOZZLE = svg("M-.11 -.28 L.11 -.28 L.13 -.22 L-.13 -.22Z")
_FLAME = svg("M-.11 -.23 L.11 -.23 Q.12 -.12 0 0 Q-.12 -.12 -.11 -.23Z")
_FLAME_CORE = svg("M-.055 -.23 L.055 -.23 Q.06 -.15 0 -.09 Q-.06 -.15 -.055 -.23Z")


def rocket(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A rocket pointing up, on its flame."""
    with stretched(canvas, 0, -0.23, 1, 0.86 + 0.14 * swing(phase, 0.25)), moved(canvas, 0, 0.23):
        flat(canvas, _FLAME, p.FIRE)
        flat(canvas, _FLAME_CORE, p.LAMPLIGHT)
    flat(canvas, _NOZZLE, p.STEEL_DARK)
    for fin in (_FIN_LEFT, _FIN_RIGHT):
        if look.edge is not None:
            stroke(canvas, fin, look.edge, 0.026)
        flat(canvas, fin, look.dark)
    body(canvas, _ROCKET, look)
    flat(canvas, _NOSE, look.trim)
    flat(canvas, _ROCKET_SIDE, p.SHADE)
    flat(canvas, _FIN_MIDDLE, look.dark)
    disc(canvas, 0, -0.72, 0.105, look.trim)
    disc(canvas, 0, -0.72, 0.078, p.GLASS_DARK)
    disc(canvas, -0.02, -0.74, 0.04, p.GLASS_LIGHT)


_KITE = poly((0, -1.2), (0.36, -0.85), (0, -0.36), (-0.36, -0.85))
_KITE_LEFT = poly((0, -1.2), (0, -0.85), (-0.36, -0.85))
_KITE_RIGHT = poly((0, -0.85), (0.36, -0.85), (0, -0.36))
_BOW = poly((-0.07, -0.04), (0.07, 0.04), (0.07, -0.04), (-0.07, 0.04))


def kite(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A diamond kite with bows on a waving tail."""
    tail = skia.Path()
    bend = 0.1 * swing(phase)
    tail.moveTo(0, -0.37)
    tail.cubicTo(0.12 + bend, -0.24, -0.12 - bend, -0.14, bend, -0.01)
    canvas.drawPath(tail, pen(look.dark, 0.022))
    for y, x, turn in ((-0.23, 0.035, 12), (-0.1, -0.035, -14)):
        with moved(canvas, x + bend * (0.3 if y < -0.2 else 0.1), y, turn + 100 * bend):
            flat(canvas, _BOW, look.main)
    body(canvas, _KITE, look)
    flat(canvas, _KITE_LEFT, p.SHINE)
    flat(canvas, _KITE_RIGHT, p.SHADE)
    bar(canvas, (0, -1.18), (0, -0.38), 0.018, look.trim)
    bar(canvas, (-0.34, -0.85), (0.34, -0.85), 0.018, look.trim)


AIRCRAFT: dict[str, Drawing] = {
    "airplane": Drawing(airplane, 1.22, 0.6),
    "helicopter": Drawing(helicopter, 1.26, 0.6),
    "balloon": Drawing(balloon, 0.8, 1.15),
    "rocket": Drawing(rocket, 0.66, 1.2),
    "kite": Drawing(kite, 0.72, 1.2),
}
