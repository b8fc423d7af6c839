"""House, lighthouse, windmill, castle and tent."""

import skia

from xmr_core.datasets.scenes.draw import palette as p
from xmr_core.datasets.scenes.draw.palette import Look
from xmr_core.datasets.scenes.draw.shapes import (
    Drawing,
    Shape,
    bar,
    body,
    box,
    disc,
    fade,
    flat,
    moved,
    poly,
    stretched,
    stroke,
    svg,
    swing,
    union,
)

_ROOF, _ROOF_DARK, _ROOF_LIGHT = 0xFF6B5A5E, 0xFF4B3F46, 0xFF8A777A


def _window(x: float, y: float, size: float = 0.2) -> tuple[Shape, Shape, Shape]:
    """The frame, the panes and the crossbars of a window whose top left corner is (x, y)."""
    cross = svg(
        f"M{x + size / 2} {y + 0.02} L{x + size / 2} {y + size - 0.02}"
        f"M{x + 0.02} {y + size / 2} L{x + size - 0.02} {y + size / 2}"
    )
    panes = box(x + 0.02, y + 0.02, x + size - 0.02, y + size - 0.02, 0.01)
    return box(x, y, x + size, y + size, 0.02), panes, cross


_HOUSE = poly((-0.46, 0), (-0.46, -0.6), (0, -0.98), (0.46, -0.6), (0.46, 0))
_HOUSE_ROOF = svg("M-.55 -.56 L0 -1.08 L.55 -.56 L.5 -.47 L0 -.93 L-.5 -.47Z")
_CHIMNEY = union(box(0.22, -1.02, 0.36, -0.66), box(0.2, -1.04, 0.38, -0.97, 0.01))
_DOOR = svg("M-.1 0 L-.1 -.26 Q-.1 -.34 0 -.34 Q.1 -.34 .1 -.26 L.1 0Z")
_STEP = box(-0.15, -0.035, 0.15, 0.0, 0.01)
_HOUSE_WINDOWS = (_window(-0.38, -0.48), _window(0.18, -0.48))
_EAVES = poly(
    (-0.46, -0.505), (0, -0.93), (0.46, -0.505), (0.46, -0.44), (0, -0.86), (-0.46, -0.44)
)


def house(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A cottage with coloured walls."""
    del phase  # it stands still
    flat(canvas, _CHIMNEY, _ROOF_DARK)
    body(canvas, _HOUSE, look)
    flat(canvas, _EAVES, p.SHADE)
    fade(canvas, _HOUSE_ROOF, _ROOF_LIGHT, _ROOF, _ROOF_DARK)
    disc(canvas, 0, -0.66, 0.085, p.CREAM)
    disc(canvas, 0, -0.66, 0.06, p.GLASS)
    for frame, panes, cross in _HOUSE_WINDOWS:
        flat(canvas, frame, p.CREAM)
        fade(canvas, panes, p.GLASS_LIGHT, p.GLASS)
        stroke(canvas, cross, p.CREAM, 0.02)
    fade(canvas, _DOOR, p.WOOD, p.WOOD_DARK)
    disc(canvas, 0.06, -0.15, 0.018, p.LAMPLIGHT)
    flat(canvas, _STEP, p.STONE_LIGHT)


_ROCKS = svg(
    "M-.34 0 Q-.34 -.07 -.25 -.08 Q-.2 -.15 -.1 -.12 L.12 -.13 Q.22 -.14 .26 -.07 Q.34 -.06 .34 0Z"
)
_SHAFT = poly((-0.2, -0.08), (-0.12, -0.98), (0.12, -0.98), (0.2, -0.08))
_BANDS = union(
    poly((-0.178, -0.3), (-0.166, -0.44), (0.166, -0.44), (0.178, -0.3)),
    poly((-0.147, -0.66), (-0.135, -0.8), (0.135, -0.8), (0.147, -0.66)),
)
_SHAFT_SIDE = poly((0.06, -0.08), (0.03, -0.98), (0.12, -0.98), (0.2, -0.08))
_BALCONY = box(-0.18, -1.02, 0.18, -0.965, 0.015)
_LANTERN = box(-0.1, -1.16, 0.1, -1.01, 0.01)
_LANTERN_BARS = svg("M-.09 -1.15 L-.09 -1.02 M.09 -1.15 L.09 -1.02 M0 -1.15 L0 -1.02")
_LANTERN_ROOF = svg("M-.14 -1.15 Q-.06 -1.26 0 -1.3 Q.06 -1.26 .14 -1.15Z")


def lighthouse(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A banded lighthouse with a lamp that glows and dims."""
    body(canvas, _SHAFT, look)
    flat(canvas, _BANDS, p.CREAM if look.main != p.PALETTE["white"].main else look.trim)
    flat(canvas, _SHAFT_SIDE, p.SHADE)
    fade(canvas, _ROCKS, p.STONE_LIGHT, p.STONE_DARK)
    flat(canvas, _LANTERN, p.LAMPLIGHT if swing(phase) >= 0 else p.FIRE)
    stroke(canvas, _LANTERN_BARS, p.TYRE, 0.016)
    flat(canvas, _BALCONY, p.TYRE)
    fade(canvas, _LANTERN_ROOF, look.main, look.dark)
    for x, y in ((-0.02, -0.56), (-0.02, -0.88)):
        disc(canvas, x, y, 0.035, p.GLASS_DARK)


_MILL = svg("M-.3 0 L-.17 -.72 L.17 -.72 L.3 0Z")
_MILL_CAP = svg("M-.21 -.7 Q-.2 -.95 0 -.95 Q.2 -.95 .21 -.7Z")
_MILL_DOOR = svg("M-.08 0 L-.08 -.17 Q-.08 -.24 0 -.24 Q.08 -.24 .08 -.17 L.08 0Z")
_MILL_SIDE = poly((0.1, 0), (0.05, -0.72), (0.17, -0.72), (0.3, 0))
_SAIL = poly((0.015, -0.12), (0.13, -0.12), (0.13, -0.5), (0.015, -0.5))
_SAIL_GRID = svg("M0 0 L0 -.52 M.015 -.22 L.13 -.22 M.015 -.31 L.13 -.31 M.015 -.4 L.13 -.4")


def windmill(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A windmill; its four sails look the same after a quarter turn, which is one phase."""
    body(canvas, _MILL, look)
    flat(canvas, _MILL_SIDE, p.SHADE)
    fade(canvas, _MILL_CAP, _ROOF_LIGHT, _ROOF_DARK)
    fade(canvas, _MILL_DOOR, p.WOOD, p.WOOD_DARK)
    disc(canvas, 0, -0.42, 0.06, p.CREAM)
    disc(canvas, 0, -0.42, 0.042, p.GLASS_DARK)
    for quarter in range(4):
        with moved(canvas, 0, -0.78, 90 * (phase + quarter) + 20):
            flat(canvas, _SAIL, p.CREAM)
            stroke(canvas, _SAIL_GRID, p.WOOD, 0.02)
    disc(canvas, 0, -0.78, 0.045, p.WOOD_DARK)


def _battlements(left: float, right: float, top: float, count: int, height: float) -> list[Shape]:
    """Merlons along the top of a wall."""
    step = (right - left) / (2 * count - 1)
    return [
        box(left + 2 * i * step, top - height, left + (2 * i + 1) * step, top + 0.02)
        for i in range(count)
    ]


_CURTAIN = union(box(-0.34, -0.5, 0.34, 0), *_battlements(-0.34, 0.34, -0.5, 5, 0.08))
_TOWERS = union(
    box(-0.58, -0.7, -0.3, 0),
    *_battlements(-0.6, -0.28, -0.7, 3, 0.09),
    box(0.3, -0.7, 0.58, 0),
    *_battlements(0.28, 0.6, -0.7, 3, 0.09),
)
_KEEP = union(box(-0.15, -0.86, 0.15, -0.48), *_battlements(-0.17, 0.17, -0.86, 3, 0.08))
_GATE = svg("M-.14 0 L-.14 -.2 Q-.14 -.34 0 -.34 Q.14 -.34 .14 -.2 L.14 0Z")
_PORTCULLIS = svg(
    "M-.07 -.3 L-.07 0 M0 -.33 L0 0 M.07 -.3 L.07 0 M-.13 -.1 L.13 -.1 M-.13 -.2 L.13 -.2"
)
_SLITS = union(
    *(box(x - 0.025, -0.52, x + 0.025, -0.38, 0.025) for x in (-0.44, 0.44)),
    box(-0.025, -0.74, 0.025, -0.62, 0.025),
)
_BANNER = svg("M0 0 Q.06 -.03 .1 0 Q.14 .03 .18 0 L.18 .1 Q.14 .13 .1 .1 Q.06 .07 0 .1Z")
_CASTLE_SHADE = union(
    box(0.48, -0.7, 0.58, 0), box(0.07, -0.86, 0.15, -0.5), box(-0.38, -0.7, -0.3, 0)
)


def castle(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A castle with battlements and a waving banner."""
    bar(canvas, (0, -0.9), (0, -1.14), 0.02, p.WOOD_DARK)
    with stretched(canvas, 0, -1.14, 1 + 0.12 * swing(phase)):
        flat(canvas, _BANNER, look.dark)
    fade(canvas, _KEEP, look.main, look.dark)
    body(canvas, _CURTAIN, look)
    body(canvas, _TOWERS, look)
    flat(canvas, _CASTLE_SHADE, p.SHADE)
    flat(canvas, _SLITS, p.INK)
    flat(canvas, _GATE, p.INK)
    stroke(canvas, _PORTCULLIS, p.WOOD, 0.02)


_TENT = svg("M0 -.74 L.6 -.03 Q.62 0 .58 0 L-.58 0 Q-.62 0 -.6 -.03Z")
_TENT_STRIPES = union(
    poly((0, -0.74), (0.46, 0), (0.33, 0)), poly((0, -0.74), (-0.46, 0), (-0.33, 0))
)
_OPENING = svg("M0 -.52 L.2 0 L-.2 0Z")
_FLAPS = union(
    svg("M0 -.52 Q.1 -.2 .27 0 L.17 0 Q.06 -.2 0 -.52Z"),
    svg("M0 -.52 Q-.1 -.2 -.27 0 L-.17 0 Q-.06 -.2 0 -.52Z"),
)
_POLES = svg("M-.05 -.79 L.04 -.7 M.05 -.79 L-.04 -.7")


def tent(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A camping tent with an open entrance."""
    del phase  # it stands still
    stroke(canvas, _POLES, p.WOOD_DARK, 0.028)
    body(canvas, _TENT, look)
    flat(canvas, _TENT_STRIPES, look.trim)
    fade(canvas, _OPENING, 0xFF2A2326, 0xFF5A4632)
    fade(canvas, _FLAPS, look.light, look.main)


BUILDINGS: dict[str, Drawing] = {
    "house": Drawing(house, 1.1, 1.08),
    "lighthouse": Drawing(lighthouse, 0.68, 1.3),
    "windmill": Drawing(windmill, 1.04, 1.3),
    "castle": Drawing(castle, 1.2, 1.16),
    "tent": Drawing(tent, 1.22, 0.8),
}
