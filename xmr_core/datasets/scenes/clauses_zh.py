"""Chinese wordings of the events of the world `scenes`.

Spaces part words and vanish from the sentence. In a wording `{A}` and `{B}` are the actors, `[...]`
encloses the words that name the event, `{d}` is the direction, `{go}` how the first actor travels,
`{past}` how it passes by. `{s}` holds the place ("在 公路 上"), the progressive ("正在") or both,
`{p}` the place alone, `{r}` the progressive alone; `{S}` is the place without 在.
"""

DIRECTIONS: dict[int, tuple[str, ...]] = {
    -1: ("向 左", "向 左", "往 左", "朝 左边", "从 右 往 左"),
    1: ("向 右", "向 右", "往 右", "朝 右边", "从 左 往 右"),
}

# How each mobile subject travels: verbs after a direction, verbs that stand alone, passing by.
_DRIVE = (("行驶", "行驶", "开", "开 去"), ("行驶",), "驶过")
_SAIL = (("航行", "航行", "行驶"), ("航行",), "驶过")
_FLY = (("飞行", "飞", "飞 去"), ("飞行", "飞 着"), "飞过")
_DRIFT = (("飘动", "飘", "飘 去"), ("飘动", "飘 着"), "飘过")
_FLOAT = (("漂", "漂 去", "漂动"), ("漂动", "漂 着"), "漂过")
_ROLL = (("滚动", "滚", "滚 去"), ("滚动", "滚 着"), "滚过")
_RUN = (("奔跑", "跑", "跑 去"), ("奔跑", "跑 着"), "跑过")
_WALK = (("走", "走 去", "行走"), ("行走", "走 着"), "走过")
_CRAWL = (("爬", "爬行", "爬 去"), ("爬行", "爬 着"), "爬过")
_SWIM = (("游", "游动", "游 去"), ("游动", "游 着"), "游过")
_MOVE = (("移动", "移动", "移 去"), ("移动",), "移过")
Travel = tuple[tuple[str, ...], tuple[str, ...], str]
TRAVEL: dict[str, Travel] = {
    "car": _DRIVE,
    "truck": _DRIVE,
    "bus": _DRIVE,
    "bicycle": (("行驶", "前进"), ("行驶",), "驶过"),
    "train": _DRIVE,
    "tractor": _DRIVE,
    "sailboat": _SAIL,
    "canoe": (("漂", "漂 去", "划 去"), ("漂动", "漂 着"), "划过"),
    "ship": _SAIL,
    "submarine": _SAIL,
    "airplane": _FLY,
    "helicopter": _FLY,
    "balloon": _DRIFT,
    "rocket": _FLY,
    "kite": (("飘动", "飘", "飞 去"), ("飘动", "飞 着"), "飘过"),
    "ball": _ROLL,
    "ball@water": _FLOAT,
    "basketball": _ROLL,
    "football": _ROLL,
    "dog": _RUN,
    "cat": (("走", "跑", "走 去"), ("行走", "走 着"), "走过"),
    "horse": _RUN,
    "cow": _WALK,
    "elephant": _WALK,
    "rabbit": (("跳", "蹦跳", "跑 去"), ("蹦跳",), "跳过 去"),
    "penguin": _WALK,
    "snail": _CRAWL,
    "bird": _FLY,
    "butterfly": (("飞", "飞舞", "飞 去"), ("飞舞", "飞 着"), "飞过"),
    "duck": _SWIM,
    "fish": _SWIM,
    "turtle": _CRAWL,
    "turtle@underwater": _SWIM,
    "octopus": _SWIM,
    "star": _MOVE,
    "moon": _MOVE,
    "cloud": _DRIFT,
}

# Wordings of an event by who does it: "any", a habitat, a category, "category@habitat", a subject.
CLAUSES: dict[str, dict[str, tuple[str, ...]]] = {
    "moves": {"any": ("{A} {s} [{d} {go}]",)},
    "rises": {
        "any": ("{A} {r} [上升]", "{A} {r} [慢慢 上升]", "{A} {r} [往 上 升]"),
        "ground": ("{A} [升 到 空中]", "{A} [向 上 升 起]"),
        "air": ("{A} {s} [往 上 飞]", "{A} {s} [上升]"),
        "sky": ("{A} {r} [慢慢 升 起]", "{A} {p} [升 起]"),
        "underwater": ("{A} {s} [上浮]",),
        "animal@underwater": ("{A} {s} [往 上 游]",),
    },
    "falls": {
        "any": ("{A} {r} [下降]", "{A} {r} [往 下 落]", "{A} {r} [慢慢 下降]"),
        "ground": ("{A} 从 空中 [落 下]", "{A} 从 空中 [掉下来]"),
        "air": ("{A} {s} [往 下 飞]", "{A} {s} [下降]"),
        "sky": ("{A} {r} [慢慢 落 下]", "{A} [落 下]"),
        "underwater": ("{A} {s} [下沉]",),
        "animal@underwater": ("{A} {s} [往 下 游]",),
    },
    "grows": {
        "any": (
            "{A} {s} [变 大]", "{A} {s} [慢慢 变 大]", "{A} {s} [逐渐 变 大]",
            "{A} {p} [越来越 大]", "{A} {p} [变 得 越来越 大]",
        ),
    },
    "shrinks": {
        "any": (
            "{A} {s} [变 小]", "{A} {s} [慢慢 变 小]", "{A} {s} [逐渐 缩小]",
            "{A} {p} [越来越 小]", "{A} {p} [变 得 越来越 小]",
        ),
    },
    "appears": {
        "any": (
            "{A} [出现] 了", "{A} [突然 出现]", "{A} [突然 出现] 在 {S}", "{A} [出现] 在 {S}",
            "{S} [出现] 了 {A}", "{S} [突然 出现] 了 {A}",
        ),
    },
    "disappears": {
        "any": (
            "{A} [消失] 了", "{A} [突然 消失] 了", "{A} [不见] 了", "{A} 从 {S} [消失] 了",
            "{S} 的 {A} [消失] 了",
        ),
    },
    "bounces": {
        "any": ("{A} {s} [弹跳]", "{A} {s} [上下 弹跳]", "{A} {s} [上下 跳动]"),
        "animal": ("{A} {s} [跳跃]", "{A} {s} [跳 来 跳 去]"),
    },
    "circles": {
        "any": ("{A} {s} [绕圈]", "{A} {s} [绕圈 {go}]", "{A} {s} [绕着 圈 {go}]"),
        "air": ("{A} {s} [盘旋]",),
    },
    "spins": {
        "any": (
            "{A} {s} [旋转]", "{A} {s} [原地 旋转]", "{A} {s} [转动]", "{A} {s} [不停 地 旋转]",
        ),
    },
    "sways": {
        "any": (
            "{A} {s} [摇摆]", "{A} {s} [左右 摇摆]", "{A} {s} [来回 摇晃]", "{A} {s} [左右 晃动]",
        ),
    },
    "stays": {
        "any": ("{A} {p} [静止 不动]", "{A} {p} [一动不动]"),
        "animal@ground": ("{A} [待 在] {S} [不动]",),
        "ball": ("{A} [停 在] {S}", "{A} {p} [停 着 不动]"),
        "household": ("{A} [放 在] {S}", "{S} [放 着] {A}"),
        "sky": ("{A} [挂 在] {S}",),
        "building": ("{A} [立 在] {S}", "{S} [立 着] {A}"),
        "plant": ("{A} [立 在] {S}", "{S} [立 着] {A}"),
        "vehicle": ("{A} [停 在] {S}", "{S} [停 着] {A}", "{A} {p} [停 着 不动]"),
        "boat@water": ("{A} [停 在] {S}", "{S} [停 着] {A}"),
        "helicopter": ("{A} {s} [悬停]",),
    },
    "passes_front": {
        "any": (
            "{A} {d} 从 {B} [前面 经过]", "{A} 从 {B} [前面] {d} [经过]",
            "{A} {d} 从 {B} [前面 {past}]",
            "{A} {d} 从 {B} [前方 经过]", "{A} {d} [经过] {B} [前面]",
        ),
    },
    "passes_behind": {
        "any": (
            "{A} {d} 从 {B} [后面 经过]", "{A} 从 {B} [后面] {d} [经过]",
            "{A} {d} 从 {B} [后面 {past}]",
            "{A} {d} 从 {B} [后方 经过]", "{A} {d} [经过] {B} [后面]",
        ),
    },
    "passes": {"any": ("{A} [经过] {B}", "{A} 从 {B} 旁边 [经过]", "{A} 从 {B} 旁边 [{past}]")},
    "chases": {
        "any": (
            "{A} {s} {d} [追赶] {B}", "{A} {s} {d} [追逐] {B}", "{A} {s} [追着] {B} [{d} {go}]",
            "{A} {s} [追着] {B} [{d} {go}]", "{B} {s} 被 {A} {d} [追赶]",
        ),
    },
    "lands_on": {"any": ("{A} [落 在] {B} 上", "{A} [降落 在] {B} 上", "{A} [落 到] {B} 上面")},
    "takes_off": {
        "any": ("{A} 从 {B} 上 [起飞]", "{A} 从 {B} 上 [升 起]", "{A} [离开] {B} [升 起]"),
        "air": ("{A} 从 {B} 上 [飞 走] 了",),
    },
    "then_appears": {
        "any": (
            "[先] [出现] {A} ， [然后] [出现] {B}", "{A} [先] [出现] ， {B} [后] [出现]",
            "[先] 是 {A} [出现] ， [接着] {B} 也 [出现] 了", "{A} [出现 之后] ， {B} 也 [出现] 了",
            "[先] [出现] 了 {A} ， [接着] 又 [出现] 了 {B}", "{B} 在 {A} [之后] [出现]",
        ),
    },
    "then_disappears": {
        "any": (
            "[先] 是 {B} [消失] ， [然后] {A} 也 [消失] 了", "{B} [先] [消失] ， {A} [后] [消失]",
            "{B} [消失 之后] ， {A} 也 [消失] 了", "{B} [先] [不见] 了 ， [接着] {A} 也 [消失] 了",
            "{A} 在 {B} [之后] [消失]",
        ),
    },
}  # fmt: skip

INTRODUCTIONS: tuple[str, ...] = ("视频 里 ，", "视频 中 ，", "画面 中 ，", "可以 看到")
