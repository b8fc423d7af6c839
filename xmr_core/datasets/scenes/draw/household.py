"""Cup, lamp, chair, clock, umbrella, teapot and gift."""

import math

import skia

from xmr_core.datasets.scenes.draw import palette as p
from xmr_core.datasets.scenes.draw.palette import Look
from xmr_core.datasets.scenes.draw.shapes import (
    EDGE,
    Drawing,
    Shape,
    bar,
    body,
    box,
    disc,
    fade,
    flat,
    limb,
    oval,
    poly,
    stroke,
    svg,
    union,
)


def _tube(canvas: skia.Canvas, line: Shape, width: float, look: Look) -> None:
    """A bent tube in the subject's colour."""
    if look.edge is not None:
        stroke(canvas, line, look.edge, width + EDGE)
    stroke(canvas, line, look.dark, width)


_CUP = svg("M-.39 -.6 L.25 -.6 L.22 -.14 Q.2 0 .06 0 L-.2 0 Q-.34 0 -.36 -.14Z")
_CUP_HANDLE = svg("M.23 -.48 Q.37 -.5 .35 -.32 Q.33 -.2 .2 -.17")
_CUP_RIM = oval(-0.07, -0.6, 0.32, 0.06)
_COFFEE = oval(-0.07, -0.595, 0.27, 0.042)
_CUP_SHINE = box(-0.3, -0.48, -0.24, -0.14, 0.03)


def cup(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A mug of coffee."""
    del phase  # it stands still
    _tube(canvas, _CUP_HANDLE, 0.075, look)
    body(canvas, _CUP, look)
    flat(canvas, _CUP_SHINE, p.SHINE)
    body(canvas, _CUP_RIM, look)
    fade(canvas, _COFFEE, 0xFF4A2B1B, 0xFF7A4A2C)


_LAMPSHADE = svg("M-.17 -1.05 L.17 -1.05 L.33 -.56 Q0 -.48 -.33 -.56Z")
_GLOW = svg("M-.33 -.56 Q0 -.48 .33 -.56 Q0 -.6 -.33 -.56Z")
_LAMP_STEM = svg(
    "M-.035 -.54 L.035 -.54 Q.02 -.3 .09 -.22 Q.12 -.14 .04 -.08 L-.04 -.08"
    "Q-.12 -.14 -.09 -.22 Q-.02 -.3 -.035 -.54Z"
)
_LAMP_FOOT = svg("M-.2 0 Q-.2 -.09 -.06 -.1 L.06 -.1 Q.2 -.09 .2 0Z")
_PLEATS = svg("M-.09 -1.03 L-.16 -.54 M0 -1.03 L0 -.53 M.09 -1.03 L.16 -.54")


def lamp(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A table lamp; the shade and the stem have the colour."""
    del phase  # it stands still
    body(canvas, _LAMP_FOOT, look)
    body(canvas, _LAMP_STEM, look)
    body(canvas, _LAMPSHADE, look)
    stroke(canvas, _PLEATS, p.SHADE, 0.014)
    flat(canvas, _GLOW, p.LAMPLIGHT)


_BACKREST = svg(
    "M-.31 -1.0 Q-.3 -1.08 -.22 -1.08 L.1 -1.08 Q.18 -1.08 .19 -1.0 L.21 -.5 L-.29 -.5Z"
)
_SEAT = svg("M-.29 -.54 L.21 -.54 L.33 -.42 Q.34 -.36 .28 -.35 L-.27 -.35 Q-.33 -.36 -.32 -.42Z")
_BUTTONS = ((-0.16, -0.9), (0.05, -0.9), (-0.055, -0.73))


def chair(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """An upholstered chair on wooden legs."""
    del phase  # it stands still
    for x in (-0.15, 0.16):
        bar(canvas, (x, -0.36), (x, -0.1), 0.055, p.WOOD_DARK)
    body(canvas, _BACKREST, look)
    for x, y in _BUTTONS:
        disc(canvas, x, y, 0.026, look.dark)
    for x, foot in ((-0.26, -0.285), (0.27, 0.3)):
        bar(canvas, (x, -0.36), (foot, -0.032), 0.062, p.WOOD)
    body(canvas, _SEAT, look)


_CASE = oval(0, -0.4, 0.36)
_FACE = oval(0, -0.4, 0.25)
_CLOCK_FEET = svg("M-.2 -.14 L-.27 -.03 M.2 -.14 L.27 -.03")
_BELLS = union(svg("M-.35 -.62 Q-.36 -.84 -.14 -.8Z"), svg("M.35 -.62 Q.36 -.84 .14 -.8Z"))
_HAMMER = svg("M0 -.74 L0 -.85 M-.05 -.87 L.05 -.87")
_TICKS = union(
    *(
        oval(0.205 * math.cos(math.pi * i / 6), -0.4 + 0.205 * math.sin(math.pi * i / 6), r)
        for i, r in enumerate((0.022, 0.012, 0.012) * 4)
    )
)


def clock(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """An alarm clock whose second hand goes round once per phase."""
    stroke(canvas, _CLOCK_FEET, p.STEEL_DARK, 0.06)
    stroke(canvas, _HAMMER, p.STEEL_DARK, 0.04)
    body(canvas, _BELLS, look)
    body(canvas, _CASE, look)
    flat(canvas, _FACE, p.CREAM)
    flat(canvas, _TICKS, p.STEEL_DARK)
    bar(canvas, (0, -0.4), (-0.1, -0.47), 0.034, p.INK)
    bar(canvas, (0, -0.4), (0.085, -0.55), 0.028, p.INK)
    angle = 2 * math.pi * phase
    tip = (0.18 * math.sin(angle), -0.4 - 0.18 * math.cos(angle))
    bar(canvas, (0, -0.4), tip, 0.014, p.EMBER)
    disc(canvas, 0, -0.4, 0.026, p.INK)


_CANOPY = svg(
    "M-.5 -.46 C-.5 -.76 -.26 -.93 0 -.93 C.26 -.93 .5 -.76 .5 -.46"
    "Q.42 -.53 .335 -.46 Q.25 -.53 .167 -.46 Q.08 -.53 0 -.46 Q-.08 -.53 -.167 -.46"
    "Q-.25 -.53 -.335 -.46 Q-.42 -.53 -.5 -.46Z"
)
_PANELS = union(
    svg(
        "M0 -.93 C-.12 -.84 -.167 -.64 -.167 -.46 Q-.25 -.53 -.335 -.46C-.335 -.68 -.2 -.88 0 -.93Z"
    ),
    svg("M0 -.93 C.12 -.84 .167 -.64 .167 -.46 Q.25 -.53 .335 -.46 C.335 -.68 .2 -.88 0 -.93Z"),
)
_CROOK = svg("M0 -.5 L0 -.1 Q0 -.025 .075 -.025 Q.15 -.025 .15 -.1")


def umbrella(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """An open umbrella."""
    del phase  # it stands still
    bar(canvas, (0, -0.98), (0, -0.5), 0.026, p.WOOD_DARK)
    stroke(canvas, _CROOK, p.WOOD_DARK, 0.046)
    body(canvas, _CANOPY, look)
    fade(canvas, _PANELS, look.light, look.dark)


_POT = svg(
    "M-.3 -.34 Q-.3 -.56 -.06 -.57 L.06 -.57 Q.3 -.56 .3 -.34 Q.3 -.1 .14 0 L-.14 0"
    "Q-.3 -.1 -.3 -.34Z"
)
_SPOUT = svg("M.22 -.36 Q.34 -.34 .38 -.5 Q.4 -.56 .5 -.56 Q.48 -.5 .46 -.42 Q.4 -.16 .2 -.14Z")
_POT_HANDLE = svg("M-.26 -.46 Q-.46 -.5 -.46 -.32 Q-.44 -.16 -.25 -.16")
_LID = svg("M-.17 -.555 Q-.14 -.65 0 -.65 Q.14 -.65 .17 -.555Z")
_POT_BAND = svg("M-.3 -.3 Q0 -.22 .3 -.3 L.295 -.25 Q0 -.17 -.295 -.25Z")
_POT_SHINE = oval(-0.16, -0.43, 0.045, 0.08)


def teapot(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A round teapot."""
    del phase  # it stands still
    _tube(canvas, _POT_HANDLE, 0.065, look)
    body(canvas, _SPOUT, look)
    limb(canvas, (0, -0.69), (0, -0.68), 0.085, look)
    body(canvas, _LID, look)
    body(canvas, _POT, look)
    flat(canvas, _POT_BAND, look.trim)
    flat(canvas, _POT_SHINE, p.SHINE)


_BOX = box(-0.34, -0.5, 0.34, 0, 0.02)
_BOX_LID = box(-0.39, -0.62, 0.39, -0.46, 0.02)
_RIBBON = union(box(-0.06, -0.62, 0.06, 0))
_BOW = union(
    svg("M0 -.62 Q-.1 -.86 -.23 -.8 Q-.32 -.7 0 -.62Z"),
    svg("M0 -.62 Q.1 -.86 .23 -.8 Q.32 -.7 0 -.62Z"),
)
_BOW_HOLES = union(
    poly((-0.07, -0.68), (-0.16, -0.74), (-0.18, -0.7)),
    poly((0.07, -0.68), (0.16, -0.74), (0.18, -0.7)),
)
_LID_SHADE = box(-0.34, -0.46, 0.34, -0.42)


def gift(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A present with a ribbon and a bow."""
    del phase  # it stands still
    body(canvas, _BOX, look)
    flat(canvas, _LID_SHADE, p.SHADE)
    body(canvas, _BOX_LID, look)
    flat(canvas, _RIBBON, look.trim)
    if look.edge is None:
        stroke(canvas, _BOW, look.dark, 0.02)
    flat(canvas, _BOW, look.trim)
    flat(canvas, _BOW_HOLES, look.dark)


HOUSEHOLD: dict[str, Drawing] = {
    "cup": Drawing(cup, 0.8, 0.66),
    "lamp": Drawing(lamp, 0.66, 1.05),
    "chair": Drawing(chair, 0.67, 1.08),
    "clock": Drawing(clock, 0.72, 0.89),
    "umbrella": Drawing(umbrella, 1.0, 0.99),
    "teapot": Drawing(teapot, 1.0, 0.73),
    "gift": Drawing(gift, 0.78, 0.82),
}
