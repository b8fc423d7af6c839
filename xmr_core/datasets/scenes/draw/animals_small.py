"""Penguin, snail, bird, butterfly and duck."""

import skia

from xmr_core.datasets.scenes.draw import palette as p
from xmr_core.datasets.scenes.draw.palette import Look
from xmr_core.datasets.scenes.draw.shapes import (
    Drawing,
    bar,
    bead,
    body,
    disc,
    eye,
    fade,
    flat,
    moved,
    oval,
    poly,
    smooth,
    stretched,
    stroke,
    svg,
    swing,
    union,
)

_FEET = union(oval(-0.1, -0.035, 0.1, 0.036), oval(0.12, -0.035, 0.1, 0.036))
_PENGUIN = smooth(
    (-0.26, -0.3),
    (-0.24, -0.6),
    (-0.18, -0.84),
    (0.0, -0.95),
    (0.18, -0.84),
    (0.24, -0.6),
    (0.26, -0.3),
    (0.16, -0.06),
    (0.0, -0.03),
    (-0.16, -0.06),
)
_SHIRT = smooth(
    (-0.15, -0.3),
    (-0.14, -0.52),
    (-0.1, -0.66),
    (-0.12, -0.78),
    (-0.02, -0.83),
    (0.06, -0.77),
    (0.14, -0.83),
    (0.2, -0.77),
    (0.17, -0.66),
    (0.2, -0.52),
    (0.2, -0.28),
    (0.1, -0.1),
    (-0.05, -0.1),
)
_FLIPPER = smooth((-0.02, -0.04), (0.06, 0.0), (0.05, 0.2), (-0.01, 0.32), (-0.05, 0.16))
_PENGUIN_BEAK = svg("M.0 -.72 Q.1 -.76 .2 -.7 Q.12 -.65 .03 -.66Z")


def penguin(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A waddling penguin."""
    flat(canvas, _FEET, p.BEAK)
    with moved(canvas, 0, -0.03, 3.5 * swing(phase)), moved(canvas, 0, 0.03):
        with moved(canvas, 0.22, -0.6, -18 - 12 * swing(phase, 0.25)):
            body(canvas, _FLIPPER, look)
        body(canvas, _PENGUIN, look)
        fade(canvas, _SHIRT, p.WHITE, 0xFFF0EFEA, 0xFFD9DEE8)
        with moved(canvas, -0.22, -0.6, 16 + 12 * swing(phase, 0.25)):
            body(canvas, _FLIPPER, look)
        flat(canvas, _PENGUIN_BEAK, p.BEAK)
        bead(canvas, -0.03, -0.765, 0.026)
        bead(canvas, 0.14, -0.765, 0.026)


_SNAIL_FOOT = svg(
    "M-.48 -.02 Q-.34 -.14 -.16 -.13 L.12 -.13 Q.26 -.14 .28 -.3 Q.29 -.42 .37 -.42"
    "Q.47 -.41 .47 -.3 Q.46 -.06 .26 0 L-.44 0 Q-.5 0 -.48 -.02Z"
)
_SHELL = smooth(
    (-0.38, -0.32),
    (-0.28, -0.56),
    (-0.04, -0.64),
    (0.18, -0.52),
    (0.25, -0.3),
    (0.16, -0.12),
    (-0.08, -0.08),
    (-0.3, -0.12),
)
_SPIRAL = svg(
    "M.16 -.2 C.22 -.46 .04 -.58 -.12 -.54 C-.3 -.5 -.32 -.22 -.12 -.2"
    "C.04 -.19 .08 -.42 -.08 -.43 C-.18 -.42 -.18 -.31 -.09 -.31"
)
_FLESH, _FLESH_DARK = 0xFFF0D3A4, 0xFFCDA672


def snail(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A snail under a coloured spiral shell."""
    stretch = 1 + 0.025 * swing(phase)
    with stretched(canvas, 0, 0, stretch):
        for x, lean in ((0.36, 0.0), (0.42, 0.045)):
            tip = (x + lean + 0.02 * swing(phase, 0.25), -0.58)
            bar(canvas, (x, -0.38), tip, 0.032, _FLESH_DARK)
            disc(canvas, *tip, 0.034, _FLESH)
            disc(canvas, tip[0] + 0.008, tip[1], 0.02, p.INK)
        fade(canvas, _SNAIL_FOOT, _FLESH, _FLESH_DARK)
    body(canvas, _SHELL, look)
    stroke(canvas, _SPIRAL, look.dark, 0.042)


_BIRD = smooth(
    (-0.3, -0.3),
    (-0.1, -0.4),
    (0.12, -0.44),
    (0.24, -0.52),
    (0.38, -0.5),
    (0.43, -0.38),
    (0.32, -0.22),
    (0.1, -0.12),
    (-0.14, -0.14),
)
_BIRD_TAIL = svg("M-.22 -.3 L-.5 -.4 L-.46 -.3 L-.5 -.22 L-.18 -.18Z")
_BIRD_BELLY = smooth((0.38, -0.36), (0.3, -0.22), (0.1, -0.13), (-0.08, -0.14), (0.1, -0.24))
_BIRD_WING = svg(
    "M-.16 .02 Q-.21 -.1 -.26 -.18 L-.2 -.19 Q-.27 -.28 -.3 -.35 L-.23 -.35"
    "Q-.3 -.44 -.3 -.5 Q-.06 -.42 .06 -.22 Q.14 -.08 .12 .02 Q0 .07 -.16 .02Z"
)
_BIRD_BEAK = poly((0.4, -0.46), (0.52, -0.39), (0.41, -0.35))


def bird(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A songbird that beats its wings."""
    beat = 0.25 + 0.75 * swing(phase, 0.25)  # the wings go further up than down
    with moved(canvas, 0, 0.11):
        flat(canvas, _BIRD_BEAK, p.BEAK)
        with stretched(canvas, 0.08, -0.33, 0.9, 0.86 * beat):
            flat(canvas, _BIRD_WING, look.dark)
        body(canvas, _BIRD_TAIL, look)
        body(canvas, _BIRD, look)
        flat(canvas, _BIRD_BELLY, look.trim)
        with stretched(canvas, 0, -0.29, 1, beat):
            body(canvas, _BIRD_WING, look)
        bead(canvas, 0.33, -0.42, 0.028)


_UPPER_WING = smooth(
    (0.02, -0.42),
    (0.1, -0.66),
    (0.28, -0.78),
    (0.4, -0.72),
    (0.4, -0.54),
    (0.26, -0.4),
    (0.08, -0.36),
)
_LOWER_WING = smooth(
    (0.02, -0.36), (0.2, -0.38), (0.33, -0.26), (0.3, -0.08), (0.17, 0.0), (0.06, -0.14)
)
_UPPER_SPOT = smooth((0.14, -0.56), (0.26, -0.68), (0.34, -0.64), (0.32, -0.54), (0.2, -0.47))
_LOWER_SPOT = oval(0.2, -0.2, 0.06, 0.08)
_THORAX = oval(0, -0.38, 0.036, 0.25)
_FEELERS = svg("M-.01 -.6 Q-.04 -.74 -.12 -.77 M.01 -.6 Q.04 -.74 .12 -.77")


def butterfly(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A butterfly with open wings, seen from above."""
    spread = 0.66 + 0.34 * swing(phase, 0.25)
    for side in (-spread, spread):
        with stretched(canvas, 0, 0, side):
            body(canvas, _LOWER_WING, look)
            body(canvas, _UPPER_WING, look)
            flat(canvas, _UPPER_SPOT, look.trim)
            flat(canvas, _LOWER_SPOT, look.dark)
    stroke(canvas, _FEELERS, 0xFF4A3A36, 0.018)
    flat(canvas, _THORAX, 0xFF4A3A36)


_DUCK = smooth(
    (-0.48, -0.38),
    (-0.38, -0.32),
    (-0.12, -0.36),
    (0.12, -0.36),
    (0.24, -0.28),
    (0.26, -0.14),
    (0.12, -0.01),
    (-0.2, 0.0),
    (-0.4, -0.1),
)
_DUCK_HEAD = smooth(
    (0.06, -0.3),
    (0.1, -0.44),
    (0.08, -0.6),
    (0.18, -0.74),
    (0.32, -0.72),
    (0.38, -0.58),
    (0.32, -0.46),
    (0.28, -0.28),
    (0.16, -0.2),
)
_BILL = 0xFFE8632B
_DUCK_BEAK = svg("M.36 -.62 Q.46 -.58 .5 -.53 Q.48 -.49 .34 -.5Z")
_DUCK_WING = smooth(
    (-0.34, -0.26), (-0.16, -0.28), (0.06, -0.24), (0.1, -0.16), (-0.02, -0.09), (-0.2, -0.1)
)
_QUILLS = svg("M-.3 -.2 Q-.2 -.19 -.16 -.14 M-.2 -.24 Q-.1 -.22 -.05 -.15")


def duck(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A swimming duck that nods."""
    with moved(canvas, 0.18, -0.3, 3 * swing(phase)), moved(canvas, -0.18, 0.3):
        flat(canvas, _DUCK_BEAK, _BILL)
        body(canvas, _DUCK_HEAD, look)
        eye(canvas, 0.27, -0.6, 0.04)
    body(canvas, _DUCK, look)
    with moved(canvas, -0.1, -0.2, 4 * swing(phase, 0.25)), moved(canvas, 0.1, 0.2):
        fade(canvas, _DUCK_WING, look.main, look.dark)
        stroke(canvas, _QUILLS, look.dark, 0.016)


SMALL_ANIMALS: dict[str, Drawing] = {
    "penguin": Drawing(penguin, 0.78, 0.96, p.FEATHERS),
    "snail": Drawing(snail, 1.02, 0.64),
    "bird": Drawing(bird, 1.02, 0.69),
    "butterfly": Drawing(butterfly, 0.82, 0.78),
    "duck": Drawing(duck, 1.0, 0.75),
}
