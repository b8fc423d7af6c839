"""Noise of machine translation for Chinese captions, at a rate that can be set.

Four mistakes that translation programs make: a word in a wrong sense (ball as in dancing, left as
in gone) or a confused one, a dropped word, a word out of place, a word left in English.
"""

import random
import re
from functools import cache

from xmr_core.datasets.scenes import clauses_zh, words_en, words_zh
from xmr_core.datasets.scenes.phrases import SceneCaption

_MISTAKES = ("wrong", "dropped", "moved", "untranslated")
_MISTAKE_WEIGHTS = (50, 20, 15, 15)

# What a program writes that takes the English word in another sense, or a stiff near-synonym.
_WRONG_SENSES: dict[str, tuple[str, ...]] = {
    "球": ("舞会",), "皮球": ("玩具", "舞会"), "汽车": ("车厢", "机动车"),
    "火车": ("训练", "培训"), "巴士": ("总线",), "公交车": ("总线",), "卡车": ("手推车",),
    "飞机": ("平面", "刨子"), "轮船": ("运送",), "船": ("运送",), "潜艇": ("替补",),
    "热气球": ("气球",), "火箭": ("芝麻菜",), "风筝": ("鸢",), "狗": ("热狗", "犬"),
    "马": ("鬃马",), "牛": ("母牛", "威吓"), "兔子": ("野兔",), "鸭子": ("躲开",), "鱼": ("钓鱼",),
    "乌龟": ("甲鱼",), "树": ("树状图",), "棕榈树": ("手掌",), "花": ("面粉",),
    "房子": ("议院", "家"), "帐篷": ("营地",), "杯子": ("奖杯",), "台灯": ("灯泡",),
    "椅子": ("主席",), "时钟": ("手表",), "雨伞": ("保护伞",), "礼物": ("目前", "天赋"),
    "星星": ("明星",), "月亮": ("卫星",), "云": ("云端",), "动物": ("兽类",), "植物": ("工厂",),
    "建筑": ("大楼",), "车": ("交通工具",), "左": ("离开",), "右": ("正确",), "左边": ("剩下",),
    "右边": ("权利",), "红色": ("赤字",), "橙色": ("橙子",), "绿色": ("环保",), "蓝色": ("忧郁",),
    "白色": ("空白",), "黑色": ("漆黑",), "粉色": ("粉红",), "小": ("少",), "大": ("主要",),
    "两": ("二",), "辆": ("个",), "只": ("个",), "艘": ("个",), "架": ("个",), "棵": ("个",),
    "座": ("个",), "把": ("个",), "头": ("个",), "匹": ("个",), "颗": ("个",), "朵": ("个",),
    "条": ("个",), "公路": ("道路",), "草地": ("草",), "沙漠": ("抛弃",), "城市": ("城镇",),
    "雪地": ("雪",), "海滩": ("岸",), "海": ("海洋",), "房间": ("空间",), "夜晚": ("今晚",),
    "黄昏": ("暮色",), "雨": ("下雨",), "白天": ("日子",), "行驶": ("驱动", "驾驶"),
    "飞": ("苍蝇",), "跑": ("运行",), "奔跑": ("运行",), "走": ("散步",), "游": ("游泳",),
    "滚动": ("卷",), "出现": ("似乎",), "消失": ("失踪",), "变": ("得到",), "旋转": ("纺纱",),
    "摇摆": ("影响力",), "经过": ("通过", "护照"), "追赶": ("大通",), "落": ("土地",),
    "降落": ("土地",), "起飞": ("脱掉",), "上升": ("崛起",), "下降": ("秋天",), "弹跳": ("反弹",),
    "绕圈": ("圈子",), "缩小": ("收缩",), "停": ("公园",), "前面": ("前线",), "后面": ("背部",),
    "然后": ("那么",), "先": ("第一",),
}  # fmt: skip

# English for the words that have no counterpart in the tables of subjects and colours.
_ENGLISH: dict[str, str] = {
    "左": "left", "右": "right", "左边": "left", "右边": "right", "向": "to", "往": "to",
    "朝": "to", "一": "a", "两": "two", "三": "three", "四": "four", "小": "small", "大": "big",
    "很小": "small", "很大": "big", "小小": "tiny", "巨大": "huge", "在": "in", "和": "and",
    "公路": "road", "马路": "road", "草地": "meadow", "草原": "grassland", "山": "mountain",
    "群山": "mountains", "沙漠": "desert", "城市": "city", "雪地": "snow", "森林": "forest",
    "树林": "woods", "海滩": "beach", "沙滩": "beach", "海面": "sea", "大海": "sea", "海": "sea",
    "水下": "underwater", "海底": "underwater", "房间": "room", "屋子": "room", "室内": "indoors",
    "白天": "day", "晴天": "sunny", "黄昏": "dusk", "傍晚": "evening", "日落": "sunset",
    "夜晚": "night", "夜里": "night", "晚上": "night", "雨": "rain", "雨天": "rainy",
    "行驶": "drive", "开": "drive", "航行": "sail", "飞行": "fly", "飞": "fly", "飘": "drift",
    "滚动": "roll", "跑": "run", "奔跑": "run", "走": "walk", "爬": "crawl", "游": "swim",
    "移动": "move", "上升": "rise", "下降": "fall", "变": "become", "缩小": "shrink",
    "出现": "appear", "消失": "disappear", "弹跳": "bounce", "绕圈": "circle", "旋转": "spin",
    "摇摆": "sway", "摇晃": "sway", "经过": "pass", "追赶": "chase", "追着": "chase",
    "前面": "front", "后面": "behind", "起飞": "take off", "先": "first", "然后": "then",
    "视频": "video",
}  # fmt: skip

# Words that the sentence patterns add to those of the tables.
_PATTERN_WORDS = ("的", "有", "在", "正", "正在", "和", "视频")
_SMALL_WORDS = tuple("的了在从是也被有和得地")
_PUNCTUATION = frozenset("，。")
_LATIN = re.compile(r"([A-Za-z]+(?: [A-Za-z]+)*)")
_MARKUP = re.compile(r"\{[^}]*\}|[\[\]，]")


def add_noise(caption: SceneCaption, rate: float, rng: random.Random) -> str:
    """The text of a Chinese caption as a poor machine translation would give it.

    Args:
        caption: A Chinese caption.
        rate: Share of its words that are spoilt, 0 to 1; 0 gives the text unchanged.
        rng: Chooses words and mistakes.

    Returns:
        The noisy text, never empty. Words left in English stand between spaces.

    Raises:
        ValueError: If `rate` is outside 0 to 1 or the caption is not Chinese.
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"rate is {rate}, but it must lie between 0 and 1")
    if caption.language != "zh":
        raise ValueError(f"noise is for Chinese captions, and this one is {caption.language!r}")
    spoilt: list[str] = []
    for word in segment(caption.text):
        if word in _PUNCTUATION or rng.random() >= rate:
            spoilt.append(word)
            continue
        mistake = rng.choices(_MISTAKES, _MISTAKE_WEIGHTS)[0]
        if mistake == "moved" and spoilt and spoilt[-1] != word:
            spoilt.insert(-1, word)
        elif mistake == "untranslated" and word in _english():
            spoilt.append(f" {_english()[word]} ")
        elif mistake != "dropped":
            spoilt.append(_wrong_word(word, rng))
    text = re.sub(r" {2,}", " ", "".join(spoilt)).strip()
    return text or _wrong_word(caption.text, rng)


def segment(text: str) -> list[str]:
    """The words of a Chinese caption, by the longest match against all words in use."""
    lexicon, longest = _lexicon(), _longest()
    found: list[str] = []
    at = 0
    while at < len(text):
        sizes = range(min(longest, len(text) - at), 0, -1)
        size = next((size for size in sizes if text[at : at + size] in lexicon), 1)
        found.append(text[at : at + size])
        at += size
    return found


def back_translate(text: str) -> str:
    """English for a Chinese caption, word by word; what the dictionary lacks is left out.

    What translation spoilt stays spoilt: a confused word gives the English of the wrong one, a
    dropped one nothing, and the words keep their order. Never empty.
    """
    english: list[str] = []
    for piece in _LATIN.split(text):
        if _LATIN.fullmatch(piece):
            english.append(piece)
        else:
            english += [_english()[word] for word in segment(piece) if word in _english()]
    return " ".join(english) or "something"


def _wrong_word(word: str, rng: random.Random) -> str:
    """The word in a wrong sense, or a word that is confused with it."""
    if word in _WRONG_SENSES and rng.random() < 0.7:
        return rng.choice(_WRONG_SENSES[word])
    return rng.choice([other for other in _confusable(word) if other != word])


def _confusable(word: str) -> tuple[str, ...]:
    """Words of the same kind; an unknown word can become any verb."""
    kinds = _kinds()
    return next((kind for kind in kinds if word in kind), kinds[-1])


@cache
def _kinds() -> tuple[tuple[str, ...], ...]:
    """Nouns, measure words, colours, numbers, places and times, small words; last the verbs."""
    names = [name for names in words_zh.NOUNS.values() for name in names]
    kinds = [
        {noun for noun, _ in names},
        {measure for _, measure in names},
        set(words_zh.COLOURS.values()),
        set(words_zh.NUMBERS.values()),
        _words_in((words_zh.SETTINGS, words_zh.TIMES, words_zh.OUTDOOR_DAY)),
        set(_SMALL_WORDS),
    ]
    return *(tuple(sorted(kind)) for kind in kinds), tuple(sorted(_lexicon().difference(*kinds)))


def _words_in(table: object) -> set[str]:
    """The words of a table of words or wordings, whatever its nesting."""
    if isinstance(table, str):
        return set(_MARKUP.sub(" ", table).split())
    if isinstance(table, dict):
        table = tuple(table.values())
    if isinstance(table, tuple):
        return set().union(*map(_words_in, table))
    return set()


@cache
def _lexicon() -> frozenset[str]:
    """Every word that a Chinese caption can contain."""
    modules = (words_zh, clauses_zh)
    tables = tuple(getattr(m, name) for m in modules for name in dir(m) if name.isupper())
    return frozenset(_words_in(tables) | set(_PATTERN_WORDS))


@cache
def _longest() -> int:
    """Characters of the longest word."""
    return max(map(len, _lexicon()))


@cache
def _english() -> dict[str, str]:
    """English for Chinese words, where it is known."""
    english = {word: words_en.COLOURS[colour] for colour, word in words_zh.COLOURS.items()}
    for subject, names in words_zh.NOUNS.items():
        english |= {noun: words_en.NOUNS[subject][0] for noun, _ in names}
    return english | _ENGLISH
