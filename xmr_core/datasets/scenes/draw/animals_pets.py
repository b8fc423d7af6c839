"""Dog, cat and rabbit, and how animals walk."""

import skia

from xmr_core.datasets.scenes.draw import palette as p
from xmr_core.datasets.scenes.draw.palette import Look
from xmr_core.datasets.scenes.draw.shapes import (
    Drawing,
    bead,
    body,
    box,
    disc,
    fade,
    flat,
    moved,
    poly,
    smooth,
    stroke,
    svg,
    swing,
    union,
)


class Leg:
    """A leg that hangs from its hip at (0, 0), tapers, and stands on a flat foot.

    Args:
        height: From hip to ground.
        top: Width at the hip.
        ankle: Width above the foot.
        toe: How far the foot reaches forward.
        hoof: Height of a hoof, 0 for a paw.
    """

    def __init__(
        self, height: float, top: float, ankle: float, toe: float = 0.0, hoof: float = 0.0
    ) -> None:
        t, a, h = top / 2, ankle / 2, height
        foot = h - 0.45 * ankle
        self.height = height
        self.limb = svg(
            f"M{-t} {-t} L{t} {-t} Q{t} {0.45 * h} {a} {foot - 0.02}"
            f"Q{a + toe} {foot} {a + toe} {h - 0.015} Q{a + toe} {h} {a + toe - 0.015} {h}"
            f"L{-a} {h} L{-a} {foot} Q{-t} {0.5 * h} {-t} {-t}Z"
        )
        self.hoof = (
            poly((-a, h - hoof), (a, h - hoof), (a + 0.015, h), (-a - 0.012, h)) if hoof else None
        )


def walk(
    canvas: skia.Canvas, leg: Leg, look: Look, phase: float, hips: tuple[float, float], far: bool
) -> None:
    """Draws the two legs of one side; diagonal legs swing together, as in a trot."""
    for i, x in enumerate(hips):
        turn = 15 * swing(phase, 0.5 * (far != bool(i)))
        with moved(canvas, x, -leg.height, turn):
            if far:
                flat(canvas, leg.limb, look.dark)
            elif look.edge is not None:
                body(canvas, leg.limb, look)
            else:
                flat(canvas, leg.limb, look.main)
            if leg.hoof is not None:
                flat(canvas, leg.hoof, _HOOF)


_HOOF = 0xFF4A4038


# ---- pets -------------------------------------------------------------------------------------

_DOG = smooth(
    (-0.36, -0.5),
    (-0.2, -0.55),
    (0.06, -0.56),
    (0.24, -0.6),
    (0.3, -0.42),
    (0.2, -0.27),
    (-0.02, -0.25),
    (-0.24, -0.24),
    (-0.38, -0.34),
)
_DOG_HEAD = smooth(
    (0.1, -0.68),
    (0.18, -0.83),
    (0.32, -0.83),
    (0.38, -0.72),
    (0.49, -0.68),
    (0.5, -0.59),
    (0.4, -0.54),
    (0.26, -0.52),
    (0.13, -0.56),
)
_DOG_EAR = smooth(
    (0.16, -0.8), (0.24, -0.76), (0.24, -0.6), (0.17, -0.5), (0.09, -0.56), (0.08, -0.7)
)
_DOG_LEG = Leg(0.34, 0.16, 0.085, toe=0.04)
_DOG_TAIL = svg("M0 0 Q-.14 -.06 -.15 -.24")
_COLLAR = svg("M.15 -.555 Q.23 -.5 .33 -.515")
_TONGUE = svg("M.39 -.555 L.39 -.5 Q.415 -.46 .44 -.5 L.44 -.56Z")


def dog(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A dog with hanging ears that wags its tail."""
    walk(canvas, _DOG_LEG, look, phase, (-0.3, 0.15), far=True)
    with moved(canvas, -0.33, -0.47, 14 * swing(2 * phase)):
        if look.edge is not None:
            stroke(canvas, _DOG_TAIL, look.edge, 0.1)
        stroke(canvas, _DOG_TAIL, look.main, 0.078)
    walk(canvas, _DOG_LEG, look, phase, (-0.29, 0.17), far=False)
    body(canvas, _DOG, look)
    flat(canvas, _TONGUE, p.ROSE)
    body(canvas, _DOG_HEAD, look)
    stroke(canvas, _COLLAR, look.trim, 0.045)
    flat(canvas, _DOG_EAR, look.dark)
    disc(canvas, 0.48, -0.665, 0.036, p.INK)
    bead(canvas, 0.31, -0.71, 0.03)


_CAT = smooth(
    (-0.32, -0.46),
    (-0.1, -0.5),
    (0.12, -0.48),
    (0.24, -0.4),
    (0.24, -0.24),
    (0.1, -0.2),
    (-0.12, -0.23),
    (-0.3, -0.22),
    (-0.38, -0.34),
)
_CAT_HEAD = smooth(
    (0.07, -0.54),
    (0.13, -0.7),
    (0.27, -0.74),
    (0.41, -0.7),
    (0.47, -0.54),
    (0.38, -0.43),
    (0.27, -0.41),
    (0.16, -0.43),
)
_CAT_EARS = union(
    svg("M.1 -.6 L.1 -.84 Q.2 -.8 .26 -.71Z"), svg("M.44 -.6 L.44 -.84 Q.34 -.8 .28 -.71Z")
)
_CAT_INNER_EARS = union(
    poly((0.13, -0.7), (0.13, -0.79), (0.19, -0.73)),
    poly((0.41, -0.7), (0.41, -0.79), (0.35, -0.73)),
)
_CAT_LEG = Leg(0.29, 0.13, 0.07, toe=0.03)
_CAT_TAIL = svg("M0 0 C-.2 -.04 -.06 -.24 -.12 -.36 C-.14 -.42 -.1 -.46 -.05 -.44")
_CAT_STRIPES = svg("M-.2 -.47 L-.2 -.38 M-.09 -.485 L-.09 -.39 M.02 -.485 L.02 -.4")
_WHISKERS = svg("M.16 -.5 L.05 -.52 M.16 -.475 L.06 -.455 M.38 -.5 L.49 -.52 M.38 -.475 L.48 -.455")
_CAT_NOSE = poly((0.25, -0.515), (0.29, -0.515), (0.27, -0.49))
_CAT_MOUTH = svg("M.22 -.465 Q.25 -.445 .27 -.475 Q.29 -.445 .32 -.465")


def cat(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A cat that looks at you, with pointed ears, whiskers and its tail up."""
    walk(canvas, _CAT_LEG, look, phase, (-0.3, 0.1), far=True)
    with moved(canvas, -0.32, -0.36, 7 * swing(phase)):
        if look.edge is not None:
            stroke(canvas, _CAT_TAIL, look.edge, 0.09)
        stroke(canvas, _CAT_TAIL, look.main, 0.068)
    walk(canvas, _CAT_LEG, look, phase, (-0.29, 0.13), far=False)
    body(canvas, _CAT, look)
    stroke(canvas, _CAT_STRIPES, look.dark, 0.034)
    body(canvas, _CAT_EARS, look)
    flat(canvas, _CAT_INNER_EARS, p.ROSE)
    body(canvas, _CAT_HEAD, look)
    stroke(canvas, _WHISKERS, look.dark, 0.012)
    stroke(canvas, _CAT_MOUTH, look.dark, 0.014)
    flat(canvas, _CAT_NOSE, p.ROSE)
    bead(canvas, 0.195, -0.57, 0.032)
    bead(canvas, 0.345, -0.57, 0.032)


_RABBIT = smooth(
    (-0.31, -0.2),
    (-0.24, -0.38),
    (-0.04, -0.43),
    (0.14, -0.36),
    (0.2, -0.18),
    (0.14, -0.03),
    (-0.1, 0.0),
    (-0.26, -0.04),
)
_RABBIT_HEAD = smooth(
    (0.0, -0.48),
    (0.08, -0.6),
    (0.22, -0.61),
    (0.33, -0.5),
    (0.33, -0.4),
    (0.22, -0.33),
    (0.07, -0.35),
)
_RABBIT_EAR = smooth(
    (-0.04, 0.0), (-0.075, -0.18), (-0.03, -0.35), (0.02, -0.35), (0.055, -0.18), (0.04, 0.0)
)
_INNER_EAR = smooth((-0.02, -0.06), (-0.035, -0.18), (-0.01, -0.29), (0.02, -0.18), (0.015, -0.06))
_HAUNCH = smooth(
    (-0.26, -0.12), (-0.2, -0.26), (-0.04, -0.27), (0.03, -0.14), (0.0, -0.02), (-0.16, -0.01)
)
_HIND_FOOT = box(-0.2, -0.07, 0.06, 0.0, 0.035)
_FRONT_PAW = box(0.08, -0.06, 0.24, 0.0, 0.03)


def rabbit(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A sitting rabbit with long ears and a white tail, ready to hop."""
    hop = 0.05 * max(0.0, swing(phase))
    body(canvas, _HIND_FOOT, look)
    body(canvas, _FRONT_PAW, look)
    with moved(canvas, 0, -hop):
        with moved(canvas, 0.05, -0.54, -22 - 8 * swing(phase)):
            body(canvas, _RABBIT_EAR, look, shaded=True)
        disc(canvas, -0.28, -0.13, 0.09, 0xFFD5DAE2)
        disc(canvas, -0.285, -0.14, 0.08, p.WHITE)
        body(canvas, _RABBIT, look)
        with moved(canvas, 0.13, -0.56, 4 + 6 * swing(phase)):
            body(canvas, _RABBIT_EAR, look)
            flat(canvas, _INNER_EAR, p.ROSE)
        body(canvas, _RABBIT_HEAD, look)
        fade(canvas, _HAUNCH, look.main, look.dark)
        disc(canvas, 0.335, -0.455, 0.026, p.ROSE)
        bead(canvas, 0.2, -0.49, 0.032)


PETS: dict[str, Drawing] = {
    "dog": Drawing(dog, 1.0, 0.85),
    "cat": Drawing(cat, 0.95, 0.84),
    "rabbit": Drawing(rabbit, 0.74, 0.91),
}
