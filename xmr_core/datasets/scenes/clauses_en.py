"""English wordings of the events of the world `scenes`.

In a wording `{A}` and `{B}` are the actors, `<...>` is a verb phrase in its base form whose first
word is conjugated, `[...]` encloses other words that name the event, `{go}` is the way the first
actor travels and `{d}` the direction.
"""

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
