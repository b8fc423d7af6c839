"""Star, moon, cloud and rainbow."""

import math

import skia

from xmr_core.datasets.scenes.draw import palette as p
from xmr_core.datasets.scenes.draw.palette import Look
from xmr_core.datasets.scenes.draw.shapes import (
    EDGE,
    Drawing,
    Point,
    Shape,
    disc,
    fade,
    flat,
    oval,
    poly,
    smooth,
    stretched,
    stroke,
    svg,
    swing,
    union,
)


def _ray(i: int, radius: float) -> Point:
    angle = math.pi * (i / 5 - 0.5)
    return radius * math.sin(angle + math.pi / 2), -radius * math.cos(angle + math.pi / 2)


_STAR = poly(*(_ray(i, 0.19 if i % 2 else 0.38) for i in range(10)))
_FACETS = union(*(poly((0, 0), _ray(2 * i, 0.38), _ray(2 * i + 1, 0.19)) for i in range(5)))


def star(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A five-pointed star that twinkles."""
    size = 0.97 + 0.03 * swing(phase, 0.25)
    with stretched(canvas, 0, -0.36, size, size):
        if look.edge is not None:
            stroke(canvas, _STAR, look.edge, 0.06 + EDGE)
        stroke(canvas, _STAR, look.main, 0.06)
        fade(canvas, _STAR, look.light, look.main)
        flat(canvas, _FACETS, look.dark & 0x00FFFFFF | 0x70000000)


_MOON = svg(
    "M.08 -.8 C-.2 -.84 -.36 -.62 -.36 -.4 C-.36 -.16 -.2 .02 .08 0"
    "C.22 0 .32 -.08 .36 -.17 C.06 -.1 -.1 -.26 -.1 -.44 C-.1 -.6 -.02 -.73 .08 -.8Z"
)


def moon(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A crescent moon with craters."""
    del phase  # it shines steadily
    fade(canvas, _MOON, look.light, look.main, look.dark)
    for x, y, radius in ((-0.24, -0.46, 0.05), (-0.18, -0.24, 0.065), (0.02, -0.1, 0.04)):
        disc(canvas, x, y, radius, look.trim)


_CLOUD = smooth(
    (-0.6, -0.16),
    (-0.52, -0.32),
    (-0.36, -0.34),
    (-0.26, -0.52),
    (-0.04, -0.6),
    (0.16, -0.52),
    (0.24, -0.4),
    (0.4, -0.44),
    (0.5, -0.3),
    (0.6, -0.16),
    (0.5, -0.02),
    (0.3, 0.0),
    (-0.3, 0.0),
    (-0.52, -0.02),
)
_PUFFS = union(
    oval(-0.1, -0.4, 0.16, 0.13), oval(0.34, -0.28, 0.12, 0.09), oval(-0.38, -0.2, 0.11, 0.08)
)


def cloud(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """A fair-weather cloud that billows a little."""
    with stretched(canvas, 0, 0, 1, 1 + 0.02 * swing(phase)):
        fade(canvas, _CLOUD, look.light, look.main, look.dark)
        flat(canvas, _PUFFS, look.light)


_BOW_COLOURS = (0xFFF2504B, 0xFFFB9A3C, 0xFFFFDD4A, 0xFF56C46A, 0xFF4A8DF0, 0xFF9A5BD8)
_BAND = 0.052


def _arch(radius: float) -> Shape:
    """A band between two half circles; a hair too thick, so that no gap shows."""
    r, q = radius, radius - _BAND - 0.004
    k, j = 4 / 3 * r, 4 / 3 * q
    return svg(f"M{-r} 0 C{-r} {-k} {r} {-k} {r} 0 L{q} 0 C{q} {-j} {-q} {-j} {-q} 0Z")


_ARCHES = tuple(_arch(0.65 - i * _BAND) for i in range(len(_BOW_COLOURS)))


def rainbow(canvas: skia.Canvas, look: Look, phase: float) -> None:
    """An arch of six bands."""
    del look, phase  # it has all colours and hangs still
    for arch, colour in zip(_ARCHES, _BOW_COLOURS, strict=True):
        flat(canvas, arch, colour)


SKY: dict[str, Drawing] = {
    "star": Drawing(star, 0.8, 0.76),
    "moon": Drawing(moon, 0.72, 0.8, p.MOONLIGHT),
    "cloud": Drawing(cloud, 1.2, 0.6, p.VAPOUR),
    "rainbow": Drawing(rainbow, 1.3, 0.65, p.PALETTE["white"]),
}
