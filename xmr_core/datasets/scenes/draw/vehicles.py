"""Car, truck, bus, bicycle, train and tractor."""

import math

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
    limb,
    moved,
    oval,
    poly,
    stroke,
    svg,
    union,
)

_LAMP, _REAR_LAMP, _CHASSIS = 0xFFFFF2B8, 0xFFFF5A4F, 0xFF3A3E49


# ---- wheels -----------------------------------------------------------------------------------


def _spokes(count: int, width: float) -> Shape:
    """The spokes of a wheel of radius 1."""
    spokes = []
    for i in range(count):
        dx, dy = math.cos(2 * math.pi * i / count), math.sin(2 * math.pi * i / count)
        wx, wy = -dy * width, dx * width
        spokes.append(poly((-wx, -wy), (dx - wx, dy - wy), (dx + wx, dy + wy), (wx, wy)))
    return union(*spokes)


_FIVE, _WIRES = _spokes(5, 0.1), _spokes(9, 0.022)


def _wheel(
    canvas: skia.Canvas,
    x: float,
    radius: float,
    phase: float,
    rim: int = p.STEEL_LIGHT,
    share: float = 0.62,
) -> None:
    """A wheel that stands on the ground and rolls to the right; the rim is `share` of it."""
    disc(canvas, x, -radius, radius, p.TYRE)
    canvas.save()
    canvas.translate(x, -radius)
    canvas.rotate(360 * phase)
    canvas.scale(radius * share, radius * share)
    disc(canvas, 0, 0, 1, p.STEEL_DARK)
    flat(canvas, _FIVE, rim)
    disc(canvas, 0, 0, 0.36, rim)
    canvas.restore()


_ARCH = svg("M-.14 0 C-.14 -.2 .14 -.2 .14 0Z")  # where a wheel goes into the body


# ---- road vehicles ----------------------------------------------------------------------------

_CAR = svg(
    "M-.55 -.17 Q-.57 -.29 -.45 -.31 L-.35 -.325 Q-.25 -.49 -.1 -.5 L.08 -.5 Q.19 -.49 .3 -.33"
    "L.43 -.3 Q.55 -.27 .55 -.16 L.55 -.13 Q.55 -.085 .5 -.085 L-.5 -.085 Q-.55 -.085 -.55 -.13Z"
)
_CAR_WINDOWS = union(
    svg("M-.27 -.325 Q-.19 -.45 -.09 -.455 L-.015 -.455 L-.015 -.325Z"),
    svg("M.03 -.325 L.03 -.455 L.07 -.455 Q.15 -.45 .23 -.325Z"),
)
_CAR_GLINT = poly((-0.16, -0.325), (-0.08, -0.455), (-0.04, -0.455), (-0.12, -0.325))
_CAR_SILL = box(-0.52, -0.13, 0.53, -0.085, 0.02)
_CAR_SHINE = svg("M-.5 -.27 Q-.44 -.295 -.36 -.3 L.4 -.285 L.36 -.27 L-.46 -.255Z")


def car(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A rounded family car."""
    body(canvas, _CAR, look)
    fade(canvas, _CAR_WINDOWS, p.GLASS_LIGHT, p.GLASS)
    flat(canvas, _CAR_GLINT, p.SHINE)
    flat(canvas, _CAR_SILL, look.dark)
    flat(canvas, _CAR_SHINE, p.SHINE)
    bar(canvas, (0.008, -0.31), (0.008, -0.15), 0.012, look.dark)
    bar(canvas, (0.05, -0.265), (0.1, -0.265), 0.018, look.dark)
    disc(canvas, 0.5, -0.225, 0.036, _LAMP)
    bar(canvas, (-0.53, -0.24), (-0.53, -0.2), 0.03, _REAR_LAMP)
    for x in (-0.31, 0.32):
        with moved(canvas, x, -0.09):
            flat(canvas, _ARCH, look.dark)
        _wheel(canvas, x, 0.108, phase)


_CARGO = box(-0.625, -0.66, 0.2, -0.15, 0.03)
_CARGO_BANDS = union(
    box(-0.625, -0.36, 0.2, -0.32), box(-0.625, -0.29, 0.2, -0.275)
)  # fmt: skip
_CAB = svg(
    "M.24 -.5 Q.24 -.54 .28 -.54 L.42 -.54 Q.48 -.54 .51 -.48 L.56 -.33 Q.625 -.31 .625 -.25"
    "L.625 -.13 Q.625 -.1 .59 -.1 L.24 -.1Z"
)
_CAB_WINDOW = svg("M.33 -.32 L.33 -.48 L.42 -.48 Q.45 -.48 .465 -.45 L.51 -.32Z")
_CHASSIS_BAR = box(-0.6, -0.16, 0.6, -0.1, 0.02)


def truck(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A lorry with a big box and a cab in front."""
    flat(canvas, _CHASSIS_BAR, _CHASSIS)
    body(canvas, _CARGO, look)
    flat(canvas, _CARGO_BANDS, look.trim)
    body(canvas, _CAB, look)
    fade(canvas, _CAB_WINDOW, p.GLASS_LIGHT, p.GLASS)
    bar(canvas, (0.33, -0.26), (0.38, -0.26), 0.018, look.dark)
    disc(canvas, 0.59, -0.2, 0.034, _LAMP)
    for x in (-0.46, -0.2, 0.42):
        with moved(canvas, x, -0.1):
            flat(canvas, _ARCH, _CHASSIS)
        _wheel(canvas, x, 0.12, phase)


_BUS = svg(
    "M-.65 -.56 Q-.65 -.64 -.57 -.64 L.55 -.64 Q.62 -.64 .635 -.56 L.65 -.3 L.65 -.13"
    "Q.65 -.09 .61 -.09 L-.61 -.09 Q-.65 -.09 -.65 -.13Z"
)
_BUS_WINDOWS = union(
    *(box(x, -0.55, x + 0.17, -0.35, 0.03) for x in (-0.59, -0.385, -0.18, 0.025)),
    svg("M.49 -.35 L.49 -.55 L.57 -.55 Q.585 -.55 .59 -.53 L.605 -.35Z"),
)
_BUS_DOOR = box(0.25, -0.55, 0.43, -0.12, 0.03)
_BUS_STRIPE = box(-0.645, -0.275, 0.22, -0.235)


def bus(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A long city bus with a row of windows."""
    body(canvas, _BUS, look)
    fade(canvas, _BUS_WINDOWS, p.GLASS_LIGHT, p.GLASS)
    flat(canvas, _BUS_STRIPE, look.trim)
    fade(canvas, _BUS_DOOR, p.GLASS, p.GLASS_DARK)
    bar(canvas, (0.34, -0.54), (0.34, -0.13), 0.014, look.dark)
    disc(canvas, 0.6, -0.19, 0.034, _LAMP)
    bar(canvas, (-0.625, -0.2), (-0.625, -0.16), 0.03, _REAR_LAMP)
    for x in (-0.38, 0.1):
        with moved(canvas, x, -0.09):
            flat(canvas, _ARCH, look.dark)
        _wheel(canvas, x, 0.11, phase)


# ---- bicycle ----------------------------------------------------------------------------------

_HUBS = (-0.28, 0.28)
_TYRES = {x: oval(x, -0.25, 0.225) for x in _HUBS}
_RIMS = {x: oval(x, -0.25, 0.185) for x in _HUBS}
_FRAME = svg(
    "M-.28 -.25 L-.13 -.52 L.17 -.52 L-.02 -.24 L-.28 -.25 M-.02 -.24 L-.145 -.57"
    "M.28 -.25 L.16 -.58"
)
_HANDLEBAR = svg("M.16 -.58 L.15 -.64 L.25 -.66")
_SADDLE = svg("M-.25 -.6 Q-.2 -.63 -.06 -.6 Q-.1 -.565 -.16 -.565 Q-.22 -.565 -.25 -.6Z")


def bicycle(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A bicycle whose frame and rims have the colour."""
    for x in _HUBS:
        stroke(canvas, _TYRES[x], p.TYRE, 0.05)
        stroke(canvas, _RIMS[x], look.main, 0.04)
        canvas.save()
        canvas.translate(x, -0.25)
        canvas.rotate(360 * phase)
        canvas.scale(0.17, 0.17)
        flat(canvas, _WIRES, p.STEEL)
        canvas.restore()
    angle = 2 * math.pi * phase
    dx, dy = 0.085 * math.cos(angle), 0.085 * math.sin(angle)
    bar(canvas, (-0.02, -0.24), (-0.02 - dx, -0.24 - dy), 0.026, p.STEEL_DARK)
    if look.edge is not None:
        stroke(canvas, _FRAME, look.edge, 0.078)
    stroke(canvas, _FRAME, look.main, 0.056)
    disc(canvas, -0.02, -0.24, 0.055, look.dark)
    bar(canvas, (-0.02, -0.24), (-0.02 + dx, -0.24 + dy), 0.026, p.STEEL)
    bar(canvas, (-0.06 + dx, -0.24 + dy), (0.02 + dx, -0.24 + dy), 0.03, p.TYRE)
    flat(canvas, _SADDLE, p.WOOD_DARK)
    stroke(canvas, _HANDLEBAR, p.TYRE, 0.034)


# ---- train and tractor ------------------------------------------------------------------------

_BOILER = svg("M-.3 -.54 L.42 -.54 Q.5 -.54 .5 -.46 L.5 -.26 Q.5 -.2 .44 -.2 L-.3 -.2Z")
_DRIVER_CAB = box(-0.58, -0.7, -0.2, -0.14, 0.025)
_DRIVER_ROOF = box(-0.63, -0.76, -0.15, -0.69, 0.03)
_DRIVER_WINDOW = box(-0.47, -0.61, -0.29, -0.41, 0.03)
_CHIMNEY = svg("M.26 -.53 L.285 -.68 L.24 -.76 L.46 -.76 L.415 -.68 L.44 -.53Z")
_DOME = svg("M-.04 -.53 Q-.04 -.63 .05 -.63 Q.14 -.63 .14 -.53Z")
_BOILER_BANDS = union(box(0.0, -0.545, 0.03, -0.2), box(0.19, -0.545, 0.22, -0.2))
_COWCATCHER = poly((0.42, -0.2), (0.52, -0.2), (0.63, -0.02), (0.42, -0.02))
_UNDERFRAME = box(-0.58, -0.21, 0.5, -0.12, 0.02)
_TRAIN_SHINE = box(-0.17, -0.49, 0.45, -0.455, 0.017)


def train(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A steam locomotive."""
    flat(canvas, _COWCATCHER, p.STEEL_DARK)
    for x in (0.46, 0.51, 0.56):
        bar(canvas, (0.46, -0.18), (x, -0.04), 0.014, p.STEEL_LIGHT)
    fade(canvas, _CHIMNEY, p.STEEL_DARK, p.TYRE)
    body(canvas, _DOME, look)
    body(canvas, _BOILER, look)
    flat(canvas, _BOILER_BANDS, look.trim)
    flat(canvas, _TRAIN_SHINE, p.SHINE)
    body(canvas, _DRIVER_CAB, look)
    flat(canvas, _DRIVER_ROOF, _CHASSIS)
    fade(canvas, _DRIVER_WINDOW, p.GLASS_LIGHT, p.GLASS_DARK)
    flat(canvas, _UNDERFRAME, _CHASSIS)
    disc(canvas, 0.5, -0.42, 0.05, p.STEEL_DARK)
    disc(canvas, 0.515, -0.42, 0.035, _LAMP)
    _wheel(canvas, -0.4, 0.16, phase, look.main, 0.72)
    _wheel(canvas, -0.06, 0.13, phase, look.main, 0.72)
    _wheel(canvas, 0.24, 0.13, phase, look.main, 0.72)
    angle = 2 * math.pi * phase
    dx, dy = 0.07 * math.cos(angle), 0.07 * math.sin(angle)
    bar(canvas, (-0.4 + dx, -0.15 + dy), (0.24 + dx, -0.13 + dy), 0.034, p.STEEL_LIGHT)


_HOOD = svg("M-.08 -.47 L.38 -.45 Q.475 -.44 .475 -.36 L.475 -.2 Q.47 -.17 .42 -.17 L-.1 -.17Z")
_TRACTOR_CAB = svg("M-.4 -.42 L-.34 -.74 L-.02 -.74 L.06 -.42 L.02 -.2 L-.36 -.2Z")
_TRACTOR_GLASS = svg("M-.33 -.46 L-.285 -.68 L-.06 -.68 L.0 -.46Z")
_TRACTOR_ROOF = box(-0.4, -0.8, 0.04, -0.72, 0.035)
_FENDER = svg("M-.5 -.26 Q-.5 -.56 -.2 -.56 Q.06 -.56 .1 -.28 L.03 -.28 L-.43 -.24Z")
_GRILLE = union(*(box(0.2 + i * 0.06, -0.36, 0.23 + i * 0.06, -0.24, 0.015) for i in range(4)))


def tractor(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A farm tractor with one huge wheel."""
    limb(canvas, (0.2, -0.46), (0.2, -0.68), 0.04, p.PALETTE["black"])
    body(canvas, _TRACTOR_CAB, look)
    fade(canvas, _TRACTOR_GLASS, p.GLASS_LIGHT, p.GLASS)
    bar(canvas, (-0.18, -0.7), (-0.18, -0.44), 0.022, look.main)
    body(canvas, _TRACTOR_ROOF, look)
    body(canvas, _HOOD, look)
    flat(canvas, _GRILLE, look.dark)
    disc(canvas, 0.45, -0.36, 0.034, _LAMP)
    body(canvas, _FENDER, look)
    _wheel(canvas, -0.21, 0.26, phase, look.main, 0.64)
    _wheel(canvas, 0.31, 0.15, phase, look.main, 0.62)


VEHICLES: dict[str, Drawing] = {
    "car": Drawing(car, 1.1, 0.5),
    "truck": Drawing(truck, 1.25, 0.66),
    "bus": Drawing(bus, 1.3, 0.64),
    "bicycle": Drawing(bicycle, 1.06, 0.68),
    "train": Drawing(train, 1.26, 0.76),
    "tractor": Drawing(tractor, 0.98, 0.8),
}
