"""English words of the world `scenes`.

In the tables `[...]` encloses the words that name a setting, a time or an event, `<...>` a verb
phrase in its base form whose first word is conjugated, `{A}` and `{B}` the actors, `{go}` the way
the first actor travels and `{d}` the direction.
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

DIRECTIONS: dict[int, tuple[str, ...]] = {
    -1: ("to the left", "to the left", "from right to left", "toward the left", "left"),
    1: ("to the right", "to the right", "from left to right", "toward the right", "right"),
}

# How each mobile subject travels; "subject@habitat" goes before "subject".
TRAVEL: dict[str, tuple[str, ...]] = {
    "car": ("drive", "drive", "go"),
    "truck": ("drive", "drive", "go"),
    "bus": ("drive", "drive", "go"),
    "bicycle": ("roll", "go"),
    "train": ("travel", "go", "roll"),
    "tractor": ("drive", "drive", "go"),
    "sailboat": ("sail", "sail", "glide"),
    "canoe": ("glide", "float"),
    "ship": ("sail", "sail", "travel"),
    "submarine": ("glide", "travel", "go"),
    "airplane": ("fly",),
    "helicopter": ("fly",),
    "balloon": ("float", "drift", "fly"),
    "rocket": ("fly", "fly", "travel"),
    "kite": ("fly", "drift"),
    "ball": ("roll",),
    "ball@water": ("float", "drift"),
    "basketball": ("roll",),
    "football": ("roll",),
    "dog": ("run", "run", "walk"),
    "cat": ("walk", "run"),
    "horse": ("run", "gallop"),
    "cow": ("walk",),
    "elephant": ("walk",),
    "rabbit": ("hop", "run"),
    "penguin": ("walk", "waddle"),
    "snail": ("crawl",),
    "bird": ("fly",),
    "butterfly": ("fly", "flutter"),
    "duck": ("swim", "swim", "float"),
    "fish": ("swim",),
    "turtle": ("crawl", "walk"),
    "turtle@underwater": ("swim",),
    "octopus": ("swim", "swim", "glide"),
    "star": ("drift", "glide"),
    "moon": ("drift", "glide"),
    "cloud": ("drift", "float"),
}

# Wordings of an event by who does it: "any", a habitat, a category, "category@habitat", a subject.
CLAUSES: dict[str, dict[str, tuple[str, ...]]] = {
    "moves": {"any": ("{A} <{go}> {d}",)},
    "rises": {
        "any": ("{A} <rise>", "{A} <go up>", "{A} <move upward>"),
        "ground": ("{A} <rise into the air>", "{A} <float up>"),
        "air": ("{A} <fly up>", "{A} <climb>"),
        "sky": ("{A} <rise>", "{A} <climb>"),
        "animal@underwater": ("{A} <swim up>", "{A} <swim upward>"),
    },
    "falls": {
        "any": ("{A} <fall>", "{A} <go down>", "{A} <move downward>"),
        "ground": ("{A} <fall down>", "{A} <drop down>"),
        "air": ("{A} <come down>", "{A} <fly down>"),
        "sky": ("{A} <sink>", "{A} <go down>"),
        "underwater": ("{A} <sink>", "{A} <sink down>"),
        "animal@underwater": ("{A} <swim down>",),
    },
    "grows": {
        "any": ("{A} <grow>", "{A} <grow bigger>", "{A} <get bigger>", "{A} <become larger>"),
    },
    "shrinks": {
        "any": ("{A} <shrink>", "{A} <shrink>", "{A} <get smaller>", "{A} <become smaller>"),
    },
    "appears": {"any": ("{A} <appear>", "{A} <appear>", "{A} <show up>", "{A} <suddenly appear>")},
    "disappears": {
        "any": ("{A} <disappear>", "{A} <disappear>", "{A} <vanish>", "{A} <suddenly disappear>"),
    },
    "bounces": {
        "any": ("{A} <bounce>", "{A} <bounce up and down>"),
        "animal": ("{A} <jump up and down>", "{A} <jump up and down>"),
    },
    "circles": {
        "any": (
            "{A} <move in a circle>", "{A} <{go} in a circle>", "{A} <{go} in circles>",
            "{A} <{go} around in a circle>",
        ),
    },
    "spins": {"any": ("{A} <spin>", "{A} <spin around>", "{A} <rotate>", "{A} <spin in place>")},
    "sways": {
        "any": ("{A} <sway>", "{A} <sway from side to side>", "{A} <swing from side to side>",
            "{A} <sway back and forth>"),
    },
    "stays": {
        "any": ("{A} <stay still>", "{A} <stay still>", "{A} <not move>", "{A} <stay in place>"),
        "ground": ("{A} <stand still>",),
        "vehicle": ("{A} <be parked>", "{A} <be parked>"),
        "building": ("{A} <stand still>",),
        "helicopter": ("{A} <hover>",),
        "sky": ("{A} <hang still>",),
    },
    "passes_front": {
        "any": (
            "{A} <pass in front of> {B} {d}", "{A} <{go} in front of> {B} {d}",
            "{A} <{go} past in front of> {B} {d}", "{A} <cross in front of> {B} {d}",
        ),
    },
    "passes_behind": {
        "any": (
            "{A} <pass behind> {B} {d}", "{A} <{go} behind> {B} {d}",
            "{A} <{go} past behind> {B} {d}", "{A} <go behind> {B} {d}",
        ),
    },
    "passes": {"any": ("{A} <pass> {B}", "{A} <{go} past> {B}")},
    "chases": {
        "any": (
            "{A} <chase> {B} {d}", "{A} <chase> {B} {d}", "{A} <follow> {B} {d}",
            "{A} <{go} after> {B} {d}", "{B} <be chased by> {A} {d}",
        ),
    },
    "lands_on": {
        "any": ("{A} <land on> {B}", "{A} <land on> {B}", "{A} <come down on> {B}"),
        "aircraft": ("{A} <touch down on> {B}",),
    },
    "takes_off": {
        "any": ("{A} <take off from> {B}", "{A} <lift off from> {B}", "{A} <rise from> {B}"),
        "air": ("{A} <fly away from> {B}",),
    },
    "then_appears": {
        "any": (
            "first {A} <appear>, [then] {B}", "first {A} <appear>, [then] {B} <appear>",
            "{A} <appear before> {B}", "{B} <appear after> {A}",
            "{A} <appear> [and then] {B} <appear>", "{A} <appear>, [followed by] {B}",
            "{A} <appear first>, [then] {B}",
        ),
    },
    "then_disappears": {
        "any": (
            "first {B} <disappear>, [then] {A}", "first {B} <vanish>, [then] {A} <vanish>",
            "{B} <disappear before> {A}", "{A} <disappear after> {B}",
            "{B} <disappear> [and then] {A} <disappear>", "{B} <vanish>, [followed by] {A}",
            "{B} <disappear first>, [then] {A}",
        ),
    },
}  # fmt: skip

# Adverbs that go before the verb and are not conjugated.
ADVERBS: frozenset[str] = frozenset({"suddenly"})

# Third person singular, plural, participle of phrases whose forms are not regular.
IRREGULAR_VERBS: dict[str, tuple[str, str, str]] = {
    "not move": ("does not move", "do not move", "not moving"),
    "be parked": ("is parked", "are parked", "parked"),
    "be chased by": ("is chased by", "are chased by", "being chased by"),
}
DOUBLING: frozenset[str] = frozenset({"run", "hop", "swim", "spin", "drop", "get", "pop"})

# Before a noun phrase, and before a whole sentence.
NAMING_INTRODUCTIONS: tuple[str, ...] = ("a clip of", "a video of", "footage of", "we see")
SENTENCE_INTRODUCTIONS: tuple[str, ...] = ("in this video,", "in this clip,", "in the video,")
