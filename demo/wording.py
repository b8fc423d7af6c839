"""Every sentence of the interface, in English and Chinese.

The browser gets the same table as JSON, so that scripts hold no sentences of their own. `{name}`
marks a place for a value; values are always inserted as text, never as markup.
"""

from typing import Literal

from demo.wording_galleries import GALLERIES
from demo.wording_methods import METHODS
from demo.wording_own import OWN
from demo.wording_refused import REFUSED
from demo.wording_youtube import YOUTUBE

Language = Literal["en", "zh"]  # of the interface

_TABLE: dict[str, tuple[str, str]] = {
    # Head of the page
    "title": ("Cross-modal video search", "跨模态视频检索"),
    "subtitle": (
        "Find the moment with a sentence, and see why it matched.",
        "用一句话找到画面，并看到匹配的理由。",
    ),
    "views": ("Views", "视图"),
    "view_search": ("Search", "检索"),
    "view_clip": ("By clip", "用视频"),
    "other_language": ("中文", "English"),
    "dark": ("Dark colours", "深色模式"),
    # Query
    "query": ("Describe a video", "描述一段视频"),
    "placeholder": (
        "Describe a video, in English or Chinese",
        "描述一段视频，中文或英文均可",
    ),
    "go": ("Search", "检索"),
    "examples": ("Try", "试试"),
    "method": ("Method", "方法"),
    "empty_query": (
        "Write a sentence first, for example one of those below.",
        "请先输入一句话，例如下面的示例。",
    ),
    "cut_query": (
        "The sentence was cut at {limit} characters.",
        "句子已截断为 {limit} 个字符。",
    ),
    # Results
    "matches": ("{count} matches", "{count} 个结果"),
    "match": ("1 match", "1 个结果"),
    "similar": ("{count} similar clips", "{count} 段相似视频"),
    "clips": ("{count} clips", "共 {count} 段视频"),
    "unknown": (
        "“{word}” is not a word this small model knows, so it did not count.",
        "这个小模型不认识“{word}”，检索时未计入。",
    ),
    "unknown_many": (
        "{words} are not words this small model knows, so they did not count.",
        "这个小模型不认识{words}，检索时未计入。",
    ),
    "drawn": (
        "{checkpoint} has only ever seen drawn clips, so its order of filmed ones means little. The"
        " README tells how to use a model for real videos.",
        "{checkpoint} 只见过绘制的片段，它对实拍视频的排序意义不大。"
        "README 说明了如何使用面向真实视频的模型。",
    ),
    "quoted": ("“{word}”", "“{word}”"),
    "and": (", ", "、"),
    "sigma": (
        "{sigma} sigma above the gallery's mean for this query",
        "比本次检索的全库平均分高 {sigma} 个标准差",
    ),
    "sigma_below": (
        "{sigma} sigma below the gallery's mean for this query",
        "比本次检索的全库平均分低 {sigma} 个标准差",
    ),
    "score_tip": (
        "Score {score}. The bar shows {sigma}.",
        "得分 {score}。条形表示{sigma}。",
    ),
    "card": ("Rank {rank}: {caption}", "第 {rank} 名：{caption}"),
    "card_why": ("Explain this match.", "查看匹配理由。"),
    "card_like": ("Find clips like this one.", "查找与它相似的视频。"),
    "like": ("More like this", "更多相似视频"),
    "open": ("Open clip", "打开视频"),
    "source": ("Open source", "打开来源"),
    "copy": ("Copy link", "复制链接"),
    "copied": ("Link copied", "链接已复制"),
    "download": ("Download", "下载"),
    "as_json": ("Results as JSON", "将结果下载为 JSON"),
    "as_csv": ("Results as CSV", "将结果下载为 CSV"),
    # Waiting and failing
    "searching": ("Searching…", "正在检索…"),
    "warming": (
        "The model is being loaded. The first answer takes a few seconds.",
        "正在加载模型，第一次回答需要几秒钟。",
    ),
    "cancel": ("Cancel", "取消"),
    "cancelled": ("Cancelled", "已取消"),
    "cancelled_hint": ("Nothing was changed. Ask again at any time.", "可随时重新检索。"),
    "failed": ("No answer this time", "这次没有得到结果"),
    "failed_hint": (
        "The message at the edge of the page says why. Change the request or try again.",
        "原因见页面边缘的提示。请修改后重试。",
    ),
    "again": ("Try again", "重试"),
    # Explanation
    "why": ("Why this match?", "为什么匹配？"),
    "why_idle": ("Pick a match to see why it was found.", "选择一个结果，查看匹配理由。"),
    "explaining": ("Looking for the reasons…", "正在分析理由…"),
    "for_query": ("for “{query}”", "检索“{query}”"),
    "close": ("Close", "关闭"),
    "play": ("Play", "播放"),
    "pause": ("Pause", "暂停"),
    "whole": ("whole query", "整句"),
    "words": ("Words", "词语"),
    "words_hint": (
        "number = score lost when the word is left out",
        "数字表示去掉该词后得分的下降量",
    ),
    "word_tip": (
        "Without “{word}” the score changes by {change}.",
        "去掉“{word}”后得分变化 {change}。",
    ),
    "word_unknown": ("unknown", "不认识"),
    "word_unknown_tip": (
        "The model has never seen “{word}”.",
        "模型从未见过“{word}”。",
    ),
    "looked": ("Where it looked ({method})", "关注区域（{method}）"),
    "no_maps": (
        "There is no patch map for this clip with this method.",
        "该方法没有为这段视频提供关注区域。",
    ),
    "overlay": ("Overlay", "叠加强度"),
    "map_of": ("{looked}: {word}, {time}", "{looked}：{word}，{time}"),
    "frames": ("Frames", "画面"),
    "frames_hint": (
        "curve = score of each frame alone; bars = score lost without the frame",
        "曲线为单帧得分；条形为去掉该帧后得分的下降量",
    ),
    "frame": (
        "Frame {number} of {count}, {time}: score {score}, effect {effect}",
        "第 {number}/{count} 帧，{time}：得分 {score}，贡献 {effect}",
    ),
    "frame_note": (
        "{time} · frame score {score} · effect {effect}",
        "{time} · 单帧得分 {score} · 贡献 {effect}",
    ),
    "table": ("Words × frames", "词语 × 画面"),
    "table_hint": (
        "effect of each word on each frame's score; − lowers it",
        "每个词对每帧得分的贡献；− 表示降低",
    ),
    "cell": ("“{word}”, frame {number}: {effect}", "“{word}”，第 {number} 帧：{effect}"),
    "numbers": ("Show numbers", "显示数值"),
    "score_line": ("score {score}", "得分 {score}"),
    "evidence": (
        "Evidence of what the score depends on, not proof. Made in {elapsed} ms.",
        "这些是得分依据的线索，而非证明。用时 {elapsed} 毫秒。",
    ),
    # Search by clip
    "drop": ("Drop a video here, or click to choose", "将视频拖到此处，或点击选择"),
    "drop_hint": (
        "MP4, WebM, MOV, AVI, a picture… up to 20 MB",
        "MP4、WebM、MOV、AVI、图片等，最大 20 MB",
    ),
    "upload": ("Upload a video", "上传视频"),
    "pick": ("Or pick a clip of the gallery", "或从库中选择一段视频"),
    "random": ("Random clip", "随机一段"),
    "shuffle": ("Show others", "换一批"),
    "your_clip": ("Your clip", "你的视频"),
    "gallery_clip": ("Clip of the gallery", "库中的视频"),
    "no_preview": (
        "Your browser cannot play this file, but it can still be searched.",
        "浏览器无法播放该文件，但仍可检索。",
    ),
    "captions": ("Captions that fit", "匹配的描述"),
    "caption_ask": ("Search with this caption", "用这句描述检索"),
    "reading": ("Reading the clip and looking for captions…", "正在读取视频并匹配描述…"),
    "comparing": ("Looking for similar clips…", "正在查找相似视频…"),
    "step": ("Step {number} of {count}", "第 {number}/{count} 步"),
    "clip_idle": ("Which clips look like yours?", "哪些视频与它相似？"),
    "clip_idle_hint": (
        "Upload a short video or pick a clip: ten captions and ten similar clips appear here.",
        "上传一段短视频或选择库中视频，这里会显示十条描述和十段相似视频。",
    ),
} | METHODS | GALLERIES | YOUTUBE | OWN | REFUSED  # fmt: skip

LANGUAGES: tuple[Language, ...] = ("en", "zh")


def say(key: str, language: Language, **values: object) -> str:
    """One sentence of the table with its places filled in.

    Raises:
        KeyError: There is no such sentence.
    """
    return _TABLE[key][LANGUAGES.index(language)].format(**values)


def for_browser() -> dict[Language, dict[str, str]]:
    """The whole table by language, as the scripts want it."""
    return {
        language: {key: pair[column] for key, pair in _TABLE.items()}
        for column, language in enumerate(LANGUAGES)
    }
