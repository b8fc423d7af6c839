"""The nine colours of the world as they are painted, and the colours of materials."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """How one colour is painted. All fields are 0xAARRGGBB.

    Attributes:
        main: The colour itself.
        light: Where the light falls, on top.
        dark: The shaded underside, and parts on the far side.
        trim: A second colour that goes well with it: stripes, collars, doors.
        edge: A thin rim that keeps white off the snow and black off the night, or None.
    """

    main: int
    light: int
    dark: int
    trim: int
    edge: int | None = None


PALETTE: dict[str, Look] = {
    "red": Look(0xFFE0322F, 0xFFF7685B, 0xFFA81B2A, 0xFFFFF1DC),
    "orange": Look(0xFFFB8416, 0xFFFFAE4A, 0xFFCC5A08, 0xFFFFF3DD),
    "yellow": Look(0xFFFFD21F, 0xFFFFEA70, 0xFFDDA006, 0xFFFFFBEA),
    "green": Look(0xFF22A447, 0xFF5CCB6B, 0xFF117437, 0xFFF2FBD8),
    "blue": Look(0xFF2463E0, 0xFF5C93FA, 0xFF163FA6, 0xFFEAF3FF),
    "purple": Look(0xFF8538CF, 0xFFAE6BEE, 0xFF5C1F9C, 0xFFF5E6FF),
    "pink": Look(0xFFFF80B8, 0xFFFFB3D4, 0xFFDE4F92, 0xFFFFF3F8),
    "white": Look(0xFFF6F7FA, 0xFFFFFFFF, 0xFFCBD2DE, 0xFF9FADC2, 0xFF9AA6B8),
    "black": Look(0xFF2A2C35, 0xFF4C505E, 0xFF15161C, 0xFFC3C9D6, 0xFF868EA0),
}

# Subjects that come in one look only.
LEAF = Look(0xFF3E9B4F, 0xFF76C766, 0xFF236B43, 0xFFB7E08A)
PALM_LEAF = Look(0xFF2F9E5B, 0xFF66C873, 0xFF1B6B48, 0xFFB7E08A)
CACTUS = Look(0xFF3C9A5F, 0xFF6FC27E, 0xFF226B4A, 0xFFCBEBAE)
BASKETBALL = Look(0xFFE8772E, 0xFFFFA257, 0xFFB34C14, 0xFF4A2413)
FEATHERS = Look(0xFF2B3140, 0xFF4C566B, 0xFF191D28, 0xFFFDFDFB, 0xFF717B8F)
MOONLIGHT = Look(0xFFFFEFB0, 0xFFFFF9DC, 0xFFE9CB73, 0xFFE2C56F)
VAPOUR = Look(0xFFF3F6FB, 0xFFFFFFFF, 0xFFC5D0E2, 0xFFDDE5F0)

WHITE, INK = 0xFFFFFFFF, 0xFF20222B
GLASS, GLASS_LIGHT, GLASS_DARK = 0xFF9CCBE6, 0xFFD3EDFA, 0xFF5D8DB0
TYRE, STEEL, STEEL_LIGHT, STEEL_DARK = 0xFF2A2D36, 0xFFA9B2C0, 0xFFD9DEE6, 0xFF6B7484
WOOD, WOOD_LIGHT, WOOD_DARK = 0xFF94613B, 0xFFB98352, 0xFF663F28
STONE, STONE_LIGHT, STONE_DARK = 0xFFA79F98, 0xFFCAC3BB, 0xFF7C746F
LAMPLIGHT, FIRE, EMBER = 0xFFFFE48A, 0xFFFF9A2E, 0xFFF2542D
SKIN, BEAK, CREAM, ROSE = 0xFFF2BE93, 0xFFFFAB2E, 0xFFFFF6E3, 0xFFF598A8
SHADE, SHINE = 0x30101828, 0x70FFFFFF  # laid over a body: a soft shadow, a highlight
