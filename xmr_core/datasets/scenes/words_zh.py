"""Chinese words of the world `scenes`.

Spaces part words and vanish from the sentence; the noise of machine translation works on these
words. In the tables `[...]` encloses the words that name a setting, a time or an event, `{A}` and
`{B}` are the actors, `{d}` is the direction, `{go}` how the first actor travels, `{past}` how it
passes by. `{s}` holds the place ("在 公路 上"), the progressive ("正在") or both, `{p}` the place
alone, `{r}` the progressive alone; `{S}` is the place without 在.
"""

COLOURS: dict[str, str] = {
    "red": "红色", "orange": "橙色", "yellow": "黄色", "green": "绿色", "blue": "蓝色",
    "purple": "紫色", "pink": "粉色", "white": "白色", "black": "黑色",
}  # fmt: skip
# Before nouns of one syllable the colour may lose its 色: 白狗, 红花.
SHORT_COLOURS: dict[str, str] = {
    "red": "红", "yellow": "黄", "green": "绿", "blue": "蓝", "purple": "紫", "white": "白",
    "black": "黑",
}  # fmt: skip

# Sizes right before the noun, and in front of the colour.
SIZES: dict[str, str] = {"small": "小", "big": "大"}
LONG_SIZES: dict[str, tuple[str, ...]] = {
    "small": ("很小", "小小"),
    "big": ("很大", "巨大"),
}

NUMBERS: dict[int, str] = {1: "一", 2: "两", 3: "三", 4: "四"}
# For three or four; nobody calls two 几.
INDEFINITE_NUMBERS: tuple[str, ...] = ("几", "好几")

# (noun, measure word); the first is the usual one.
NOUNS: dict[str, tuple[tuple[str, str], ...]] = {
    "car": (("汽车", "辆"), ("汽车", "辆"), ("轿车", "辆")),
    "truck": (("卡车", "辆"), ("卡车", "辆"), ("货车", "辆")),
    "bus": (("公交车", "辆"), ("巴士", "辆"), ("公共汽车", "辆")),
    "bicycle": (("自行车", "辆"), ("自行车", "辆"), ("单车", "辆")),
    "train": (("火车", "列"),),
    "tractor": (("拖拉机", "辆"), ("拖拉机", "台")),
    "sailboat": (("帆船", "艘"),),
    "canoe": (("独木舟", "条"), ("独木舟", "只")),
    "ship": (("轮船", "艘"),),
    "submarine": (("潜艇", "艘"), ("潜水艇", "艘")),
    "airplane": (("飞机", "架"),),
    "helicopter": (("直升机", "架"),),
    "balloon": (("热气球", "个"), ("热气球", "只")),
    "rocket": (("火箭", "枚"),),
    "kite": (("风筝", "只"), ("风筝", "个")),
    "ball": (("皮球", "个"), ("球", "个")),
    "basketball": (("篮球", "个"),),
    "football": (("足球", "个"),),
    "dog": (("狗", "只"), ("狗", "条"), ("狗狗", "只")),
    "cat": (("猫", "只"), ("猫咪", "只")),
    "horse": (("马", "匹"),),
    "cow": (("牛", "头"), ("奶牛", "头")),
    "elephant": (("大象", "头"),),
    "rabbit": (("兔子", "只"),),
    "penguin": (("企鹅", "只"),),
    "snail": (("蜗牛", "只"),),
    "bird": (("鸟", "只"), ("鸟儿", "只")),
    "butterfly": (("蝴蝶", "只"),),
    "duck": (("鸭子", "只"),),
    "fish": (("鱼", "条"), ("鱼儿", "条")),
    "turtle": (("乌龟", "只"),),
    "octopus": (("章鱼", "只"),),
    "tree": (("树", "棵"),),
    "palm": (("棕榈树", "棵"),),
    "flower": (("花", "朵"), ("鲜花", "朵")),
    "mushroom": (("蘑菇", "朵"), ("蘑菇", "个")),
    "cactus": (("仙人掌", "棵"), ("仙人掌", "株")),
    "house": (("房子", "座"), ("房子", "栋"), ("房屋", "座")),
    "lighthouse": (("灯塔", "座"),),
    "windmill": (("风车", "座"),),
    "castle": (("城堡", "座"),),
    "tent": (("帐篷", "顶"), ("帐篷", "个")),
    "cup": (("杯子", "个"), ("杯子", "只"), ("茶杯", "个")),
    "lamp": (("台灯", "盏"), ("灯", "盏")),
    "chair": (("椅子", "把"),),
    "clock": (("时钟", "个"), ("钟", "个")),
    "umbrella": (("雨伞", "把"), ("伞", "把")),
    "teapot": (("茶壶", "把"), ("茶壶", "个")),
    "gift": (("礼物", "份"), ("礼盒", "个"), ("礼物", "个")),
    "star": (("星星", "颗"),),
    "moon": (("月亮", "个"), ("月亮", "轮")),
    "cloud": (("云", "朵"), ("云", "片"), ("云彩", "片")),
    "rainbow": (("彩虹", "道"), ("彩虹", "条")),
}

# Measure words for one plain thing: not 两轮月亮, not 一轮小月亮.
PLAIN_MEASURES: frozenset[str] = frozenset({"轮"})

# Nouns that name a whole category and not one subject of it.
HYPERNYMS: dict[str, tuple[tuple[str, str], ...]] = {
    "vehicle": (("车", "辆"), ("车子", "辆")),
    "boat": (("船", "艘"), ("船", "条")),
    "aircraft": (("飞行器", "个"),),
    "ball": (("球", "个"),),
    "animal": (("动物", "只"),),
    "plant": (("植物", "株"),),
    "building": (("建筑", "座"), ("建筑物", "座")),
    "household": (("家居用品", "件"), ("物品", "件")),
    "sky": (),
}
# Subjects for which these nouns would sound wrong.
NO_HYPERNYM: frozenset[str] = frozenset({"train", "submarine", "tent", "kite", "gift"})

SETTINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "road": {
        "ground": ("[公路] 上", "[马路] 上"),
        "beside": ("[公路] 边", "[马路] 边", "[路] 旁"),
        "air": ("[公路] 上空", "[公路] 上方"),
        "sky": ("[公路] 上空", "[公路] 上方 的 天空 中"),
    },
    "meadow": {
        "ground": ("[草地] 上", "[草原] 上"),
        "air": ("[草地] 上空", "[草原] 上空"),
        "sky": ("[草地] 上空", "[草原] 上方 的 天空 中"),
    },
    "mountains": {
        "ground": ("[山] 里", "[山] 间", "[山脚] 下"),
        "air": ("[群山] 上空", "[群山] 上方"),
        "sky": ("[群山] 上空", "[群山] 上方 的 天空 中"),
    },
    "desert": {
        "ground": ("[沙漠] 里", "[沙漠] 中", "[沙漠] 上"),
        "air": ("[沙漠] 上空", "[沙漠] 上方"),
        "sky": ("[沙漠] 上空", "[沙漠] 上方 的 天空 中"),
    },
    "city": {
        "ground": ("[城市] 里", "[城市] 中", "[城] 里"),
        "air": ("[城市] 上空", "[城市] 上方"),
        "sky": ("[城市] 上空", "[城市] 上方 的 天空 中"),
    },
    "snowfield": {
        "ground": ("[雪地] 里", "[雪地] 上"),
        "air": ("[雪地] 上空", "[雪地] 上方"),
        "sky": ("[雪地] 上空", "[雪地] 上方 的 天空 中"),
    },
    "forest": {
        "ground": ("[森林] 里", "[森林] 中", "[树林] 里"),
        "air": ("[森林] 上空", "[树林] 上空"),
        "sky": ("[森林] 上空", "[森林] 上方 的 天空 中"),
    },
    "beach": {
        "ground": ("[海滩] 上", "[沙滩] 上"),
        "air": ("[海滩] 上空", "[沙滩] 上空"),
        "sky": ("[海滩] 上空", "[沙滩] 上方 的 天空 中"),
    },
    "sea": {
        "water": ("[海面] 上", "[海] 上", "[大海] 上"),
        "air": ("[海面] 上空", "[大海] 上空"),
        "sky": ("[海面] 上空", "[大海] 上方 的 天空 中"),
    },
    "underwater": {
        "underwater": ("[水下]", "[海底]", "[水] 中", "[水] 里"),
    },
    "room": {
        "ground": ("[房间] 里", "[屋子] 里", "[室内]"),
    },
}  # fmt: skip

TIMES: dict[str, tuple[str, ...]] = {
    "day": ("[白天]",),
    "sunset": ("[黄昏] 时分", "[日落] 时分", "[傍晚]"),
    "night": ("[夜晚]", "[夜里]", "[晚上]"),
    "rain": ("[雨] 中", "[雨天]", "[下雨天]"),
}
OUTDOOR_DAY: tuple[str, ...] = ("[晴天]", "[阳光] 下", "晴朗 的 [白天]")
# Before a place: 夜晚的公路上.
TIME_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "day": ("[白天] 的",),
    "sunset": ("[黄昏] 的", "[傍晚] 的", "[夕阳] 下 的"),
    "night": ("[夜晚] 的", "[夜色] 中 的"),
    "rain": ("[雨] 中 的",),
}

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
        "any": ("{A} {p} [静止 不动]", "{A} {p} [一动不动]", "{A} {p} [停 着 不动]"),
        "animal@ground": ("{A} [待 在] {S} [不动]",),
        "ball": ("{A} [停 在] {S}",),
        "household": ("{A} [放 在] {S}", "{S} [放 着] {A}"),
        "sky": ("{A} [挂 在] {S}",),
        "building": ("{A} [立 在] {S}", "{S} [立 着] {A}"),
        "plant": ("{A} [立 在] {S}", "{S} [立 着] {A}"),
        "vehicle": ("{A} [停 在] {S}", "{S} [停 着] {A}"),
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
