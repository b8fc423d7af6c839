"""Tree, palm, flower, mushroom and cactus."""

import math

import skia

from xmr_core.datasets.scenes.draw import palette as p
from xmr_core.datasets.scenes.draw.palette import Look
from xmr_core.datasets.scenes.draw.shapes import (
    Drawing,
    Shape,
    body,
    box,
    disc,
    fade,
    flat,
    moved,
    oval,
    smooth,
    stroke,
    svg,
    swing,
    union,
)

_TRUNK = svg("M-.07 -.5 L.07 -.5 Q.06 -.2 .13 0 L-.13 0 Q-.06 -.2 -.07 -.5Z")
_BOUGHS = svg("M0 -.34 L.17 -.52 M0 -.4 L-.15 -.56")
_CROWN = smooth(
    (-0.46, -0.66),
    (-0.42, -0.88),
    (-0.32, -1.0),
    (-0.24, -1.18),
    (-0.04, -1.3),
    (0.18, -1.24),
    (0.3, -1.06),
    (0.42, -0.94),
    (0.47, -0.7),
    (0.36, -0.52),
    (0.16, -0.48),
    (0.0, -0.42),
    (-0.18, -0.48),
    (-0.36, -0.5),
)
_SUNLIT = union(
    smooth(
        (-0.26, -1.0), (-0.2, -1.16), (-0.02, -1.24), (0.1, -1.16), (0.02, -1.02), (-0.14, -0.94)
    ),
    oval(-0.26, -0.78, 0.12, 0.085),
    oval(0.2, -0.9, 0.1, 0.07),
)
_SHADED = smooth(
    (-0.38, -0.54),
    (-0.1, -0.6),
    (0.2, -0.62),
    (0.44, -0.72),
    (0.36, -0.52),
    (0.16, -0.48),
    (0.0, -0.42),
    (-0.18, -0.48),
)


def tree(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A broad leafy tree that breathes in the wind."""
    fade(canvas, _TRUNK, p.WOOD_DARK, p.WOOD)
    stroke(canvas, _BOUGHS, p.WOOD_DARK, 0.05)
    with moved(canvas, 0, -0.45, 0.8 * swing(phase)), moved(canvas, 0, 0.45):
        body(canvas, _CROWN, look)
        flat(canvas, _SHADED, p.SHADE)
        flat(canvas, _SUNLIT, look.light)


_PALM_TRUNK = svg("M-.16 0 Q-.02 -.5 .0 -.95 L.07 -.95 Q.12 -.5 .02 0Z")
_RINGS = svg("M-.1 -.18 L.04 -.17 M-.06 -.36 L.075 -.35 M-.025 -.54 L.085 -.53 M0 -.72 L.08 -.71")
_FROND = svg("M0 0 Q.24 -.2 .5 .12 Q.42 .06 .38 .1 Q.34 .0 .28 .06 Q.22 -.02 .16 .04Q.1 -.02 0 0Z")
_FRONDS = (  # turn, mirror and whether it is on the far side; far ones first
    (-50, 1, True), (-50, -1, True), (44, 1, True), (44, -1, True),
    (-16, 1, False), (-16, -1, False), (20, 1, False), (20, -1, False),
)  # fmt: skip


def palm(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A palm tree with coconuts."""
    fade(canvas, _PALM_TRUNK, p.WOOD_LIGHT, p.WOOD)
    stroke(canvas, _RINGS, p.WOOD_DARK, 0.018)
    for turn, side, far in _FRONDS:
        canvas.save()
        canvas.translate(0.03, -0.93)
        canvas.scale(side, 1)
        canvas.rotate(turn + 1.5 * swing(phase))
        if far:
            flat(canvas, _FROND, look.dark)
        else:
            fade(canvas, _FROND, look.light, look.main)
        canvas.restore()
    for x, y in ((-0.025, -0.885), (0.085, -0.885), (0.03, -0.85)):
        disc(canvas, x, y, 0.055, p.WOOD_DARK)


_STEM = svg("M0 -.62 Q.04 -.3 0 -.02")
_LEAVES = union(
    svg("M.01 -.12 Q.08 -.34 .3 -.36 Q.26 -.14 .01 -.1Z"),
    svg("M.0 -.06 Q-.08 -.26 -.27 -.27 Q-.24 -.08 0 -.03Z"),
)


def _petals(count: int, turn: float) -> Shape:
    """A ring of petals around the origin, each next to its neighbours."""
    path = skia.Path()
    petal = oval(0, -0.19, 0.105, 0.155)
    for i in range(count):
        matrix = skia.Matrix()
        matrix.setRotate(360 * i / count + turn)
        path.addPath(petal.path, matrix)
    return Shape(path)


_BACK_PETALS, _FRONT_PETALS = _petals(6, 30), _petals(6, 0)


def flower(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A flower with large petals."""
    stroke(canvas, _STEM, p.LEAF.dark, 0.045)
    fade(canvas, _LEAVES, p.LEAF.light, p.LEAF.main)
    with moved(canvas, 0, -0.66, 2 * swing(phase)):
        body(canvas, _BACK_PETALS, look, shaded=True)
        body(canvas, _FRONT_PETALS, look)
        disc(canvas, 0, 0, 0.105, 0xFF8A5A1E)
        disc(canvas, -0.01, -0.01, 0.085, 0xFFF6B73C)


_STALK = svg(
    "M-.13 -.4 L.13 -.4 Q.12 -.14 .19 -.03 Q.19 0 .14 0 L-.14 0 Q-.19 0 -.19 -.03"
    "Q-.12 -.14 -.13 -.4Z"
)
_GILLS = svg("M-.3 -.37 Q0 -.45 .3 -.37 Q0 -.29 -.3 -.37Z")
_CAP = svg(
    "M-.44 -.38 C-.44 -.66 -.22 -.82 0 -.82 C.22 -.82 .44 -.66 .44 -.38"
    "Q.42 -.33 .36 -.35 Q0 -.43 -.36 -.35 Q-.42 -.33 -.44 -.38Z"
)
_DOTS = union(
    oval(-0.2, -0.58, 0.085, 0.07),
    oval(0.07, -0.69, 0.075, 0.055),
    oval(0.25, -0.52, 0.07, 0.065),
    oval(0.0, -0.5, 0.05, 0.04),
    oval(-0.33, -0.43, 0.045, 0.04),
)


def mushroom(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A mushroom with a dotted cap."""
    del phase  # it stands still
    fade(canvas, _STALK, 0xFFD8C8AA, p.CREAM, 0xFFDCCBAE)
    flat(canvas, _GILLS, 0xFFC9B795)
    body(canvas, _CAP, look)
    flat(canvas, _DOTS, look.trim)


_COLUMN = box(-0.13, -1.0, 0.13, 0.0, 0.13)
_COLUMN_FOOT = box(-0.13, -0.3, 0.13, 0.0, 0.03)
_ARMS = svg(
    "M-.05 -.36 L-.16 -.36 Q-.25 -.36 -.25 -.46 L-.25 -.62 M.05 -.26 L.15 -.26"
    "Q.24 -.26 .24 -.36 L.24 -.56"
)
_RIBS = svg("M-.055 -.93 L-.055 -.04 M.055 -.93 L.055 -.04")
_BLOSSOM = union(*(oval(0.055 * math.cos(a), -0.98 + 0.04 * math.sin(a), 0.038) for a in range(6)))


def cactus(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A cactus with two arms and a blossom."""
    del phase  # it stands still
    stroke(canvas, _ARMS, look.dark, 0.17)
    stroke(canvas, _ARMS, look.main, 0.13)
    fade(canvas, _COLUMN_FOOT, look.main, look.dark)
    body(canvas, _COLUMN, look)
    stroke(canvas, _RIBS, look.trim, 0.014)
    flat(canvas, _BLOSSOM, 0xFFFF6FA5)
    disc(canvas, 0, -0.98, 0.026, p.LAMPLIGHT)


PLANTS: dict[str, Drawing] = {
    "tree": Drawing(tree, 0.94, 1.3, p.LEAF),
    "palm": Drawing(palm, 1.06, 1.25, p.PALM_LEAF),
    "flower": Drawing(flower, 0.69, 1.0),
    "mushroom": Drawing(mushroom, 0.88, 0.82),
    "cactus": Drawing(cactus, 0.66, 1.06, p.CACTUS),
}
