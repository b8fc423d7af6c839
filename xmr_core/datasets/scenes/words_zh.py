"""Chinese words of the world `scenes`: things, colours, sizes, numbers, places and times.

Spaces part words and vanish from the sentence; the noise of machine translation works on these
words. In a phrase `[...]` encloses the words that name the setting or the time.
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
