"""Horse, cow and elephant."""

import skia

from xmr_core.datasets.scenes.draw import palette as p
from xmr_core.datasets.scenes.draw.animals_pets import Leg, walk
from xmr_core.datasets.scenes.draw.palette import Look
from xmr_core.datasets.scenes.draw.shapes import (
    Drawing,
    bead,
    body,
    disc,
    fade,
    flat,
    moved,
    smooth,
    stroke,
    svg,
    swing,
    union,
)

_HOOF = 0xFF4A4038

_HORSE = smooth(
    (-0.4, -0.66),
    (-0.2, -0.7),
    (0.05, -0.66),
    (0.2, -0.7),
    (0.28, -0.58),
    (0.22, -0.42),
    (0.02, -0.39),
    (-0.24, -0.38),
    (-0.4, -0.44),
    (-0.44, -0.56),
)
_HORSE_NECK = svg(
    "M.04 -.64 Q.16 -.76 .2 -.95 Q.26 -1.04 .36 -1.0 L.4 -.88 Q.34 -.78 .3 -.52Q.16 -.44 .04 -.64Z"
)
_HORSE_HEAD = svg(
    "M.21 -.98 Q.28 -1.06 .37 -1.01 L.53 -.86 Q.58 -.81 .56 -.76 Q.53 -.7 .46 -.72"
    "L.34 -.8 Q.22 -.84 .21 -.98Z"
)
_HORSE_LEG = Leg(0.52, 0.15, 0.075, hoof=0.07)
_HORSE_EAR = svg("M.24 -1.0 L.255 -1.1 Q.31 -1.07 .32 -1.0Z")
_MANE = svg(
    "M.25 -1.05 Q.1 -1.02 .08 -.86 Q.04 -.84 .05 -.76 Q-.03 -.72 .0 -.62"
    "Q.12 -.64 .17 -.76 Q.24 -.88 .25 -1.05Z"
)
_HORSE_TAIL = svg(
    "M0 -.03 Q-.14 -.06 -.16 .12 Q-.17 .26 -.12 .34 Q-.03 .26 -.03 .14 Q-.03 .06 .05 .04Z"
)


def horse(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A horse with a long neck, a mane and a flowing tail."""
    mane = look.dark if look.edge is None else look.trim
    walk(canvas, _HORSE_LEG, look, phase, (-0.35, 0.14), far=True)
    with moved(canvas, -0.4, -0.62, 7 + 9 * swing(phase)):
        flat(canvas, _HORSE_TAIL, mane)
    walk(canvas, _HORSE_LEG, look, phase, (-0.34, 0.17), far=False)
    body(canvas, _HORSE, look)
    with moved(canvas, 0, 0.012 * swing(2 * phase)):
        fade(canvas, _HORSE_NECK, look.light, look.main, look.main)
        body(canvas, _HORSE_EAR, look)
        body(canvas, _HORSE_HEAD, look)
        flat(canvas, _MANE, mane)
        disc(canvas, 0.525, -0.785, 0.016, look.dark)
        bead(canvas, 0.36, -0.93, 0.027)


_COW = smooth(
    (-0.5, -0.66),
    (-0.2, -0.7),
    (0.1, -0.69),
    (0.3, -0.68),
    (0.38, -0.5),
    (0.32, -0.3),
    (0.0, -0.25),
    (-0.3, -0.25),
    (-0.5, -0.3),
    (-0.54, -0.5),
)
_COW_HEAD = smooth(
    (0.27, -0.66),
    (0.32, -0.78),
    (0.44, -0.79),
    (0.52, -0.68),
    (0.6, -0.54),
    (0.56, -0.44),
    (0.45, -0.45),
    (0.34, -0.5),
)
_COW_MUZZLE = smooth(
    (0.5, -0.56), (0.56, -0.57), (0.61, -0.52), (0.6, -0.44), (0.53, -0.42), (0.47, -0.46)
)
_COW_LEG = Leg(0.34, 0.16, 0.1, hoof=0.06)
_COW_EAR = smooth((0.32, -0.72), (0.25, -0.76), (0.16, -0.72), (0.2, -0.66), (0.3, -0.66))
_HORNS = svg("M.33 -.77 Q.28 -.82 .3 -.88 M.43 -.78 Q.48 -.82 .47 -.88")
_PATCHES = union(
    smooth((-0.42, -0.66), (-0.24, -0.68), (-0.2, -0.56), (-0.28, -0.44), (-0.42, -0.48)),
    smooth((0.02, -0.62), (0.14, -0.66), (0.22, -0.56), (0.16, -0.46), (0.04, -0.5)),
    smooth((-0.16, -0.4), (-0.06, -0.42), (-0.02, -0.34), (-0.08, -0.3), (-0.18, -0.32)),
)
_UDDER = smooth((-0.26, -0.27), (-0.08, -0.27), (-0.1, -0.18), (-0.17, -0.16), (-0.24, -0.19))
_COW_TAIL = svg("M0 0 Q-.07 .08 -.04 .26")


def cow(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A spotted cow with horns, a pink muzzle and an udder."""
    patch = look.trim if look.main != p.PALETTE["white"].main else 0xFF5B5048
    walk(canvas, _COW_LEG, look, phase, (-0.42, 0.2), far=True)
    with moved(canvas, -0.52, -0.6, 12 * swing(phase)):
        stroke(canvas, _COW_TAIL, look.dark, 0.035)
        disc(canvas, -0.04, 0.28, 0.042, _HOOF)
    flat(canvas, _UDDER, p.ROSE)
    walk(canvas, _COW_LEG, look, phase, (-0.4, 0.22), far=False)
    body(canvas, _COW, look)
    flat(canvas, _PATCHES, patch)
    stroke(canvas, _HORNS, 0xFFE9DEC5, 0.04)
    flat(canvas, _COW_EAR, look.dark)
    body(canvas, _COW_HEAD, look)
    flat(canvas, _COW_MUZZLE, p.ROSE)
    disc(canvas, 0.565, -0.51, 0.015, 0xFFB55F70)
    bead(canvas, 0.43, -0.66, 0.03)


_ELEPHANT = smooth(
    (-0.5, -0.72),
    (-0.3, -0.88),
    (0.0, -0.9),
    (0.22, -0.8),
    (0.28, -0.55),
    (0.2, -0.3),
    (-0.1, -0.25),
    (-0.4, -0.28),
    (-0.54, -0.45),
)
_ELEPHANT_HEAD = smooth(
    (0.08, -0.74),
    (0.18, -0.93),
    (0.34, -0.95),
    (0.46, -0.82),
    (0.47, -0.62),
    (0.36, -0.5),
    (0.2, -0.52),
    (0.1, -0.6),
)
_TRUNK = svg(
    "M.26 -.66 L.44 -.7 Q.49 -.58 .47 -.42 Q.46 -.26 .52 -.24 Q.57 -.23 .57 -.3"
    "L.625 -.29 Q.63 -.13 .51 -.13 Q.37 -.13 .36 -.34 Q.37 -.5 .26 -.56Z"
)
_ELEPHANT_LEG = Leg(0.38, 0.22, 0.18)
_ELEPHANT_EAR = smooth(
    (0.2, -0.84),
    (0.1, -0.95),
    (-0.08, -0.92),
    (-0.16, -0.74),
    (-0.08, -0.54),
    (0.04, -0.46),
    (0.14, -0.54),
    (0.2, -0.66),
)
_TUSK = svg("M.36 -.55 Q.42 -.42 .55 -.44 Q.46 -.5 .45 -.58Z")
_ELEPHANT_TAIL = svg("M0 0 Q-.09 .1 -.06 .26")


def elephant(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """An elephant with big ears, a trunk and tusks."""
    walk(canvas, _ELEPHANT_LEG, look, phase, (-0.36, 0.06), far=True)
    with moved(canvas, -0.51, -0.6, 10 * swing(phase)):
        stroke(canvas, _ELEPHANT_TAIL, look.dark, 0.035)
    walk(canvas, _ELEPHANT_LEG, look, phase, (-0.36, 0.1), far=False)
    body(canvas, _ELEPHANT, look)
    with moved(canvas, 0.36, -0.6, 4 * swing(phase)), moved(canvas, -0.36, 0.6):
        body(canvas, _TRUNK, look, shaded=True)
        flat(canvas, _TUSK, p.CREAM)
    body(canvas, _ELEPHANT_HEAD, look)
    with moved(canvas, 0.18, -0.7, 5 * swing(phase, 0.25)), moved(canvas, -0.18, 0.7):
        body(canvas, _ELEPHANT_EAR, look, shaded=True)
    bead(canvas, 0.34, -0.74, 0.03)


FARM_ANIMALS: dict[str, Drawing] = {
    "horse": Drawing(horse, 1.14, 1.1),
    "cow": Drawing(cow, 1.22, 0.9),
    "elephant": Drawing(elephant, 1.24, 0.97),
}
