"""Every subject of the world `scenes`: how large it is and how to draw it."""

import skia

from xmr_core.datasets.scenes.draw.palette import PALETTE
from xmr_core.datasets.scenes.draw.shapes import Drawing, body, box
from xmr_core.datasets.scenes.world import SUBJECTS

__all__ = ["EXTENT", "PALETTE", "draw_subject"]

_BLOCK = box(-0.5, -0.8, 0.5, 0, 0.1)
_DRAWINGS: dict[str, Drawing] = {
    name: Drawing(
        lambda canvas, look, phase: body(canvas, _BLOCK, look),
        1.0,
        0.8,
        None if subject.colourable else PALETTE["green"],
    )
    for name, subject in SUBJECTS.items()
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
