"""What a setting is made of: layers from far to near, and how its light falls on the actors."""

from collections.abc import Callable
from dataclasses import dataclass

import skia

# How far the camera pans over a clip, in scene units; a layer at the horizon moves by all of it.
PAN = 11.0
# Painters cover x from -MARGIN to 320 + MARGIN, so that a panning layer never shows its end.
MARGIN = 8.0


@dataclass(frozen=True, slots=True)
class Still:
    """A layer that is painted once and then only moved.

    Attributes:
        paint: Paints it in scene units.
        far: Its share of the camera's pan: 1 at the horizon, 0 where the actors stand (they do
            not slide over the ground), negative in front of them.
        top: It paints nothing above this y.
        bottom: It paints nothing below this y.
        opaque: Whether it covers all of its band, which is then copied without blending.
    """

    paint: Callable[[skia.Canvas], None]
    far: float = 0.0
    top: float = 0.0
    bottom: float = 180.0
    opaque: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """A pattern that is painted once and drifts: rain, glints on water, thin clouds.

    Attributes:
        paint: Paints one tile in scene units; what leaves on one side must enter on the other.
        width: Of the tile.
        height: Of the tile.
        drift: How far it moves to the right and down over a clip, in scene units.
        top: It is shown from this y.
        bottom: To this y.
    """

    paint: Callable[[skia.Canvas], None]
    width: float
    height: float
    drift: tuple[float, float]
    top: float = 0.0
    bottom: float = 180.0


@dataclass(frozen=True, slots=True)
class Live:
    """Something that is painted anew for every frame.

    Attributes:
        paint: Paints it in scene units, given the time from 0 to 1.
    """

    paint: Callable[[skia.Canvas, float], None]


Layer = Still | Tile | Live


@dataclass(frozen=True, slots=True)
class Backdrop:
    """A setting at a time of day.

    Attributes:
        behind: Layers behind the actors, far to near.
        front: Layers in front of them.
        tint: Factors on the actors' red, green and blue: the colour of the light.
        shadow: Opacity of contact shadows.
        reflection: Opacity of reflections on the ground (wet) or the water.
    """

    behind: tuple[Layer, ...]
    front: tuple[Layer, ...]
    tint: tuple[float, float, float]
    shadow: float
    reflection: float
