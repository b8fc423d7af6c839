"""Sailboat, canoe, ship and submarine; the keel is at y = 0."""

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
    limb,
    moved,
    oval,
    poly,
    stretched,
    stroke,
    svg,
    swing,
    union,
)

_MAINSAIL = svg("M-.02 -1.06 Q-.26 -.7 -.44 -.27 Q-.22 -.21 -.02 -.25Z")
_JIB = svg("M.05 -.98 Q.3 -.66 .43 -.26 Q.24 -.21 .05 -.25Z")
_HULL = svg("M-.45 -.2 L.48 -.2 Q.42 -.05 .27 0 L-.28 0 Q-.42 -.04 -.45 -.2Z")
_HULL_STRIPE = svg("M-.45 -.2 L.48 -.2 L.465 -.15 L-.445 -.15Z")
_PENNANT = svg("M0 0 L.14 .035 L0 .075Z")
_SEAMS = svg("M-.14 -.84 L-.03 -.82 M-.26 -.62 L-.03 -.6 M-.36 -.42 L-.03 -.4")


def sailboat(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A wooden boat under two sails of the colour."""
    bar(canvas, (0.015, -1.1), (0.015, -0.18), 0.03, p.WOOD_DARK)
    with stretched(canvas, 0.01, 0, 1 + 0.03 * swing(phase)):
        body(canvas, _MAINSAIL, look)
        stroke(canvas, _SEAMS, look.dark, 0.012)
        body(canvas, _JIB, look)
    with stretched(canvas, 0.015, -1.13, 1 + 0.2 * swing(phase)):
        flat(canvas, _PENNANT, look.dark)
    fade(canvas, _HULL, p.WOOD_LIGHT, p.WOOD, p.WOOD_DARK)
    flat(canvas, _HULL_STRIPE, p.CREAM)


_CANOE = svg(
    "M-.6 -.27 Q-.56 -.3 -.52 -.26 Q-.3 -.19 0 -.19 Q.3 -.19 .52 -.26 Q.56 -.3 .6 -.27"
    "Q.57 -.06 .38 0 L-.38 0 Q-.57 -.06 -.6 -.27Z"
)
_CANOE_LINE = svg("M-.55 -.19 Q-.3 -.115 0 -.115 Q.3 -.115 .55 -.19")
_PADDLER = svg("M-.14 -.16 Q-.15 -.38 -.03 -.39 Q.09 -.38 .08 -.16Z")
_HAIR = svg(
    "M-.12 -.47 Q-.13 -.57 -.02 -.57 Q.07 -.57 .07 -.5 Q-.02 -.52 -.04 -.45 Q-.1 -.42 -.12 -.47Z"
)
_BLADE = oval(0, 0.4, 0.04, 0.08)


def canoe(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A slim open boat with pointed ends and somebody who paddles it."""
    fade(canvas, _PADDLER, 0xFFF4EBD9, 0xFFCDBFA6)
    disc(canvas, -0.02, -0.47, 0.085, p.SKIN)
    flat(canvas, _HAIR, p.WOOD_DARK)
    body(canvas, _CANOE, look)
    stroke(canvas, _CANOE_LINE, look.trim, 0.026)
    with moved(canvas, 0.12, -0.34, -24 + 16 * swing(phase)):
        bar(canvas, (0, -0.14), (0, 0.26), 0.026, p.WOOD)
        with moved(canvas, 0, -0.14):
            fade(canvas, _BLADE, p.WOOD, p.WOOD_DARK)
    bar(canvas, (-0.04, -0.34), (0.1, -0.27), 0.055, p.SKIN)


_SHIP = svg("M-.64 -.33 L.65 -.38 Q.58 -.14 .47 0 L-.52 0 Q-.62 -.08 -.64 -.33Z")
_WATERLINE = svg("M-.6 -.1 L.54 -.1 L.47 0 L-.52 0 Q-.58 -.04 -.6 -.1Z")
_DECKS = union(
    box(-0.5, -0.48, 0.4, -0.33, 0.02), box(-0.38, -0.59, 0.28, -0.46, 0.02)
)  # fmt: skip
_DECK_WINDOWS = union(
    *(box(-0.45 + i * 0.115, -0.44, -0.39 + i * 0.115, -0.395, 0.015) for i in range(7)),
    *(box(-0.33 + i * 0.115, -0.555, -0.27 + i * 0.115, -0.51, 0.015) for i in range(5)),
)
_FUNNEL = svg("M-.09 0 L-.07 -.2 L.07 -.2 L.09 0Z")
_FUNNEL_TOP = svg("M-.078 -.13 L-.07 -.2 L.07 -.2 L.078 -.13Z")
_FLAG = svg("M0 0 Q.05 -.03 .09 0 Q.12 .02 .15 0 L.15 .08 Q.12 .1 .09 .08 Q.05 .05 0 .08Z")


def ship(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A steamer with two funnels."""
    for x in (-0.2, 0.1):
        with moved(canvas, x, -0.57):
            body(canvas, _FUNNEL, look)
            flat(canvas, _FUNNEL_TOP, p.TYRE)
    bar(canvas, (-0.58, -0.34), (-0.58, -0.58), 0.018, p.STEEL_DARK)
    with stretched(canvas, -0.58, -0.58, -0.5 - 0.2 * swing(phase)):
        flat(canvas, _FLAG, look.main)
    if look.edge is not None:
        stroke(canvas, _DECKS, 0xFF9AA6B8, 0.02)
    fade(canvas, _DECKS, p.WHITE, 0xFFDDE3EC)
    flat(canvas, _DECK_WINDOWS, p.GLASS_DARK)
    body(canvas, _SHIP, look)
    flat(canvas, _WATERLINE, look.dark)
    for i in range(6):
        disc(canvas, -0.44 + i * 0.16, -0.225, 0.032, look.trim)
        disc(canvas, -0.44 + i * 0.16, -0.225, 0.02, p.GLASS_DARK)


_HULL_SUB = svg(
    "M-.47 -.21 Q-.42 -.42 -.08 -.42 L.28 -.42 Q.58 -.42 .58 -.21 Q.58 0 .28 0 L-.08 0"
    "Q-.42 0 -.47 -.21Z"
)
_TOWER = svg("M-.16 -.38 L-.12 -.56 Q-.11 -.6 -.07 -.6 L.13 -.6 Q.17 -.6 .18 -.56 L.22 -.38Z")
_PERISCOPE = svg("M.06 -.58 L.06 -.72 L.16 -.72")
_SUB_BELLY = svg(
    "M-.4 -.12 Q-.2 -.06 .1 -.06 Q.4 -.06 .55 -.12 Q.48 0 .28 0 L-.08 0 Q-.32 0 -.4 -.12Z"
)
_RUDDER = poly((-0.5, -0.4), (-0.38, -0.4), (-0.3, -0.21), (-0.38, -0.02), (-0.5, -0.02))
_PROPELLER = oval(0, 0, 0.035, 0.16)
_SUB_SHINE = box(-0.16, -0.375, 0.32, -0.34, 0.018)


def submarine(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A round submarine with portholes, a periscope and a turning propeller."""
    stroke(canvas, _PERISCOPE, p.STEEL_DARK, 0.045)
    limb(canvas, (-0.53, -0.21), (-0.42, -0.21), 0.05, p.PALETTE["black"])
    with stretched(canvas, -0.545, -0.21, 1, 0.35 + 0.65 * abs(swing(phase, 0.25))):
        flat(canvas, _PROPELLER, p.STEEL)
    fade(canvas, _RUDDER, look.main, look.dark)
    body(canvas, _TOWER, look)
    body(canvas, _HULL_SUB, look)
    flat(canvas, _SUB_BELLY, look.dark)
    flat(canvas, _SUB_SHINE, p.SHINE)
    for x in (-0.1, 0.12, 0.34):
        disc(canvas, x, -0.23, 0.076, look.trim)
        disc(canvas, x, -0.23, 0.054, p.GLASS_DARK)
        disc(canvas, x - 0.015, -0.245, 0.026, p.GLASS_LIGHT)


BOATS: dict[str, Drawing] = {
    "sailboat": Drawing(sailboat, 0.96, 1.13),
    "canoe": Drawing(canoe, 1.2, 0.57),
    "ship": Drawing(ship, 1.3, 0.77),
    "submarine": Drawing(submarine, 1.16, 0.74),
}
