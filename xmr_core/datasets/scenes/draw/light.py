"""The light of each time of day: it turns the colours of things by day into what one sees."""

from dataclasses import dataclass

RGB = tuple[float, float, float]  # each 0 to 255


def mix(a: RGB, b: RGB, share: float) -> RGB:
    """`a` with a share of `b`, 0 to 1."""
    return tuple(x + (y - x) * share for x, y in zip(a, b, strict=True))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Light:
    """A time of day.

    Attributes:
        sky: Its colours from the top down to the horizon.
        ambient: Factors on the colours of the scenery.
        haze: What distant things fade into.
        tint: Factors on the actors' colours; mild, so that red stays red at night.
        glow: Colour of the sun, or of the moonlight.
        shadow: Opacity of contact shadows.
        reflection: Opacity of reflections on the ground.
    """

    sky: tuple[RGB, RGB, RGB]
    ambient: RGB
    haze: RGB
    tint: RGB
    glow: RGB
    shadow: float
    reflection: float = 0.0

    def lit(self, colour: RGB, distance: float = 0.0) -> RGB:
        """How a thing of this colour looks: `distance` 0 is near, 1 is lost in the haze."""
        shaded = tuple(c * a for c, a in zip(colour, self.ambient, strict=True))
        return mix(shaded, self.haze, distance)  # type: ignore[arg-type]


LIGHTS: dict[str, Light] = {
    "day": Light(
        sky=((84, 156, 226), (150, 203, 242), (222, 240, 248)),
        ambient=(1.0, 1.0, 1.0),
        haze=(206, 228, 242),
        tint=(1.0, 1.0, 1.0),
        glow=(255, 246, 205),
        shadow=0.42,
    ),
    "sunset": Light(
        sky=((78, 62, 132), (214, 108, 112), (255, 196, 128)),
        ambient=(0.84, 0.66, 0.64),
        haze=(238, 156, 126),
        tint=(1.0, 0.94, 0.88),
        glow=(255, 226, 150),
        shadow=0.45,
    ),
    "night": Light(
        sky=((13, 17, 48), (30, 43, 92), (74, 94, 148)),
        ambient=(0.35, 0.43, 0.62),
        haze=(50, 68, 118),
        tint=(0.82, 0.85, 0.97),
        glow=(196, 212, 255),
        shadow=0.5,
    ),
    "rain": Light(
        sky=((92, 103, 118), (134, 146, 158), (178, 188, 194)),
        ambient=(0.68, 0.73, 0.78),
        haze=(160, 171, 179),
        tint=(0.93, 0.95, 0.97),
        glow=(214, 222, 228),
        shadow=0.22,
        reflection=0.26,
    ),
}

# Lamplight indoors, after dark.
LAMPLIT = Light(
    sky=LIGHTS["night"].sky,
    ambient=(0.62, 0.50, 0.46),
    haze=(70, 52, 60),
    tint=(0.97, 0.90, 0.84),
    glow=(255, 208, 130),
    shadow=0.5,
)
