"""The eleven settings at their times of day."""

import random

from xmr_core.datasets.scenes.draw.backdrop import Backdrop, Layer
from xmr_core.datasets.scenes.draw.light import LAMPLIT, LIGHTS, Light
from xmr_core.datasets.scenes.draw.settings_land import desert, meadow, mountains, road, snowfield
from xmr_core.datasets.scenes.draw.settings_places import city, forest, room
from xmr_core.datasets.scenes.draw.settings_water import beach, sea, surf, underwater
from xmr_core.datasets.scenes.draw.weather import Sun, bubbles, clouds, rain, ripples, sky, sun_at

_LAND = {
    "road": road,
    "meadow": meadow,
    "mountains": mountains,
    "desert": desert,
    "snowfield": snowfield,
}


def backdrop(setting: str, time: str, rng: random.Random) -> Backdrop:
    """The backdrop of `setting` at `time`; `rng` decides its details.

    Raises:
        ValueError: There is no such setting.
    """
    light = LIGHTS[time]
    dark = time == "night"
    if setting == "room":
        light = LAMPLIT if dark else light
        return Backdrop(room(light, rng, dark), (), light.tint, light.shadow, 0.06)
    if setting == "underwater":
        tint = (0.84, 0.9, 1.0) if dark else (0.95, 1.0, 1.0)
        return Backdrop(underwater(light, rng, dark), (bubbles(rng),), tint, 0.25, 0.0)
    sun = sun_at(time, rng)
    outside, front = _outside(setting, time, light, sun, rng)
    reflection = 0.24 if setting == "sea" else light.reflection
    if time == "rain":
        front = (ripples(rng, 100 if setting == "sea" else 134, 178), *front, *rain(rng))
    above = (sky(time, sun, rng), *clouds(time, rng)) if setting != "forest" else ()
    return Backdrop((*above, *outside), front, light.tint, light.shadow, reflection)


def _outside(
    setting: str, time: str, light: Light, sun: Sun, rng: random.Random
) -> tuple[tuple[Layer, ...], tuple[Layer, ...]]:
    """The layers below the sky: behind and in front of the actors."""
    if setting in _LAND:
        layers = _LAND[setting](light, rng)
    elif setting == "city":
        layers = city(light, rng, dark=time in ("night", "sunset"))
    elif setting == "forest":
        layers = forest(light, rng)
    elif setting == "beach":
        layers = beach(light, rng, sun, low_sun=time == "sunset")
    elif setting == "sea":
        return sea(light, rng, sun, low_sun=time == "sunset"), surf(light, rng)
    else:
        raise ValueError(f"there is no setting {setting!r}")
    near = tuple(layer for layer in layers if getattr(layer, "far", 0.0) < 0)
    return tuple(layer for layer in layers if layer not in near), near
