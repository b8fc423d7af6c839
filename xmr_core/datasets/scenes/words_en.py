"""English words of the world `scenes`: things, colours, sizes, numbers, places and times.

In a phrase `[...]` encloses the words that name the setting or the time.
"""

COLOURS: dict[str, str] = {
    "red": "red", "orange": "orange", "yellow": "yellow", "green": "green", "blue": "blue",
    "purple": "purple", "pink": "pink", "white": "white", "black": "black",
}  # fmt: skip

SIZES: dict[str, tuple[str, ...]] = {
    "small": ("small", "small", "little", "tiny"),
    "medium": (),
    "big": ("big", "big", "large", "huge"),
}

NUMBERS: dict[int, str] = {2: "two", 3: "three", 4: "four"}
# For three or four, and only for them; two that are not counted are just a plural.
INDEFINITE_NUMBERS: tuple[str, ...] = ("some", "several", "a few", "")

# The first noun is the usual one.
NOUNS: dict[str, tuple[str, ...]] = {
    "car": ("car", "car", "automobile"),
    "truck": ("truck", "truck", "lorry"),
    "bus": ("bus",),
    "bicycle": ("bicycle", "bike"),
    "train": ("train",),
    "tractor": ("tractor",),
    "sailboat": ("sailboat", "sailing boat"),
    "canoe": ("canoe",),
    "ship": ("ship",),
    "submarine": ("submarine",),
    "airplane": ("airplane", "plane"),
    "helicopter": ("helicopter", "helicopter", "chopper"),
    "balloon": ("hot-air balloon", "balloon"),
    "rocket": ("rocket", "rocket", "rocket ship"),
    "kite": ("kite",),
    "ball": ("ball", "ball", "toy ball"),
    "basketball": ("basketball",),
    "football": ("football", "soccer ball"),
    "dog": ("dog",),
    "cat": ("cat",),
    "horse": ("horse",),
    "cow": ("cow",),
    "elephant": ("elephant",),
    "rabbit": ("rabbit", "bunny"),
    "penguin": ("penguin",),
    "snail": ("snail",),
    "bird": ("bird",),
    "butterfly": ("butterfly",),
    "duck": ("duck",),
    "fish": ("fish",),
    "turtle": ("turtle",),
    "octopus": ("octopus",),
    "tree": ("tree",),
    "palm": ("palm tree", "palm"),
    "flower": ("flower",),
    "mushroom": ("mushroom",),
    "cactus": ("cactus",),
    "house": ("house",),
    "lighthouse": ("lighthouse",),
    "windmill": ("windmill",),
    "castle": ("castle",),
    "tent": ("tent",),
    "cup": ("cup", "mug"),
    "lamp": ("lamp",),
    "chair": ("chair",),
    "clock": ("clock",),
    "umbrella": ("umbrella", "umbrella", "parasol"),
    "teapot": ("teapot",),
    "gift": ("gift", "present", "gift box"),
    "star": ("star",),
    "moon": ("moon",),
    "cloud": ("cloud",),
    "rainbow": ("rainbow",),
}

# Nouns that say "small" by themselves.
SMALL_NOUNS: dict[str, str] = {"dog": "puppy", "cat": "kitten", "horse": "pony"}

# Nouns that name a whole category and not one subject of it.
HYPERNYMS: dict[str, tuple[str, ...]] = {
    "vehicle": ("vehicle",),
    "boat": ("boat", "boat", "vessel"),
    "aircraft": ("aircraft", "flying object"),
    "ball": ("ball",),
    "animal": ("animal", "animal", "creature"),
    "plant": ("plant",),
    "building": ("building",),
    "household": ("household item",),
    "sky": (),
}
# Subjects for which these nouns would sound wrong.
NO_HYPERNYM: frozenset[str] = frozenset({"submarine", "tent", "kite", "balloon", "gift"})

IRREGULAR_PLURALS: dict[str, str] = {
    "fish": "fish", "aircraft": "aircraft", "cactus": "cacti",
}  # fmt: skip

# Each phrase of a setting by where the main actor is.
SETTINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "road": {
        "ground": ("on the [road]", "on a [road]", "on the [highway]"),
        "beside": ("by the [road]", "beside the [road]", "next to a [road]"),
        "air": ("over the [road]", "above the [road]", "over a [highway]"),
        "sky": ("above the [road]", "over the [road]", "in the sky above the [road]"),
    },
    "meadow": {
        "ground": ("in the [meadow]", "in a [meadow]", "on the [grass]", "in a [grassy field]"),
        "air": ("over the [meadow]", "above the [meadow]", "over a [grassy field]"),
        "sky": ("above the [meadow]", "over the [meadow]", "in the sky above the [meadow]"),
    },
    "mountains": {
        "ground": ("in the [mountains]", "in the [mountains]", "near the [mountains]"),
        "air": ("over the [mountains]", "above the [mountains]", "in the [mountains]"),
        "sky": ("above the [mountains]", "over the [mountains]", "in the sky over the [mountains]"),
    },
    "desert": {
        "ground": ("in the [desert]", "in a [desert]", "in the [desert sand]"),
        "air": ("over the [desert]", "above the [desert]", "over a [desert]"),
        "sky": ("above the [desert]", "over the [desert]", "in the sky above the [desert]"),
    },
    "city": {
        "ground": ("in the [city]", "in a [city]", "in [town]"),
        "air": ("over the [city]", "above the [city]", "over a [city]"),
        "sky": ("above the [city]", "over the [city]", "in the sky above the [city]"),
    },
    "snowfield": {
        "ground": ("in the [snow]", "on the [snow]", "in a [snowy field]"),
        "air": ("over the [snow]", "above the [snow]", "over a [snowy field]"),
        "sky": ("above the [snow]", "over a [snowy field]", "in the sky above the [snow]"),
    },
    "forest": {
        "ground": ("in the [forest]", "in a [forest]", "in the [woods]"),
        "air": ("over the [forest]", "above the [forest]", "over the [woods]"),
        "sky": ("above the [forest]", "over the [forest]", "in the sky above the [forest]"),
    },
    "beach": {
        "ground": ("on the [beach]", "on a [beach]", "at the [beach]", "on a [sandy beach]"),
        "air": ("over the [beach]", "above the [beach]", "over a [sandy beach]"),
        "sky": ("above the [beach]", "over the [beach]", "in the sky above the [beach]"),
    },
    "sea": {
        "water": ("on the [sea]", "at [sea]", "on the [ocean]", "on the [water]"),
        "air": ("over the [sea]", "above the [sea]", "over the [ocean]", "over the [water]"),
        "sky": ("above the [sea]", "over the [ocean]", "in the sky above the [sea]"),
    },
    "underwater": {
        "underwater": ("[underwater]", "under the [water]", "under the [sea]", "in the [deep sea]"),
    },
    "room": {
        "ground": ("in a [room]", "in the [room]", "inside a [room]", "[indoors]"),
    },
}  # fmt: skip

TIMES: dict[str, tuple[str, ...]] = {
    "day": ("during the [day]", "in the [daytime]", "in [daylight]"),
    "sunset": ("at [sunset]", "at [sunset]", "at [dusk]", "in the [evening]"),
    "night": ("at [night]", "at [night]", "in the [dark]", "during the [night]"),
    "rain": ("in the [rain]", "in the [rain]", "on a [rainy day]", "while it is [raining]"),
}
OUTDOOR_DAY: tuple[str, ...] = ("on a [sunny day]", "on a [bright day]")
