"""Every subject of the world `scenes`: how large it is and how to draw it."""

import skia

from xmr_core.datasets.scenes.draw.aircraft import AIRCRAFT
from xmr_core.datasets.scenes.draw.animals_farm import FARM_ANIMALS
from xmr_core.datasets.scenes.draw.animals_pets import PETS
from xmr_core.datasets.scenes.draw.animals_sea import SEA_ANIMALS
from xmr_core.datasets.scenes.draw.animals_small import SMALL_ANIMALS
from xmr_core.datasets.scenes.draw.balls import BALLS
from xmr_core.datasets.scenes.draw.boats import BOATS
from xmr_core.datasets.scenes.draw.buildings import BUILDINGS
from xmr_core.datasets.scenes.draw.household import HOUSEHOLD
from xmr_core.datasets.scenes.draw.palette import PALETTE
from xmr_core.datasets.scenes.draw.plants import PLANTS
from xmr_core.datasets.scenes.draw.shapes import Drawing
from xmr_core.datasets.scenes.draw.sky import SKY
from xmr_core.datasets.scenes.draw.vehicles import VEHICLES

__all__ = ["EXTENT", "PALETTE", "draw_subject"]

_DRAWINGS: dict[str, Drawing] = {
    **VEHICLES,
    **BOATS,
    **AIRCRAFT,
    **BALLS,
    **PETS,
    **FARM_ANIMALS,
    **SMALL_ANIMALS,
    **SEA_ANIMALS,
    **PLANTS,
    **BUILDINGS,
    **HOUSEHOLD,
    **SKY,
}

EXTENT: dict[str, tuple[float, float]] = {
    name: (drawing.width, drawing.height) for name, drawing in _DRAWINGS.items()
}


def draw_subject(canvas: skia.Canvas, subject: str, colour: str | None, phase: float) -> None:
    """Draws a subject facing right, standing on (0, 0), about one unit large.

    It fills x in [-width / 2, width / 2] and y in [-height, 0] of `EXTENT[subject]`; moving
    parts may swing a little beyond.

    Args:
        canvas: Where to draw; the caller has placed, scaled and mirrored it.
        subject: Key in `world.SUBJECTS`.
        colour: Key in `PALETTE`, or None exactly where the subject has its own colours.
        phase: Where wheels, legs, wings, sails and flames are in their cycle of period 1.0.

    Raises:
        ValueError: A colour is missing, or given to a subject with colours of its own.
    """
    drawing = _DRAWINGS[subject]
    if (colour is None) != (drawing.own is not None):
        raise ValueError(f"colour {colour!r} does not fit the subject {subject!r}")
    drawing.brush(canvas, drawing.own or PALETTE[colour or ""], phase)
