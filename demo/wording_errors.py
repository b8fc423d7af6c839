"""What can go wrong, in Chinese. The core speaks English; a visitor reads one or the other.

Each entry is an English sentence as `xmr_core` says it, with names in braces where values stand,
and its translation. `{clause}` is a sentence's own reason and is translated by itself.
"""

import html
import re
from functools import cache

_SENTENCES = {
    # The query
    "The query is empty; type a sentence about what the video shows.": (
        "查询为空；请输入一句描述视频内容的话。"
    ),
    "The query has {count} characters; shorten it to {limit} at most.": (
        "查询有 {count} 个字符；请缩短到 {limit} 个以内。"
    ),
    "There is no word in '{query}'; type a sentence about what the video shows.": (
        "“{query}”中没有词语；请输入一句描述视频内容的话。"
    ),
    "{words} is not a word this small model knows; try other words.": (
        "这个小模型不认识{words}；请换一个说法。"
    ),
    "{words} are not words this small model knows; try other words.": (
        "这个小模型不认识{words}；请换一个说法。"
    ),
    "{method} compares clips with clips and reads no text; give it a clip.": (
        "{method} 只比较片段与片段，不读文字；请给它一个片段。"
    ),
    "{method} compares real numbers; it has no bits to show.": (
        "{method} 比较的是实数，没有比特可以显示。"
    ),
    # The gallery
    "The gallery '{gallery}' has no clip '{clip}'.": "片库“{gallery}”中没有片段“{clip}”。",
    "The gallery '{gallery}' has no captions to describe a video with.": (
        "片库“{gallery}”没有可以用来描述视频的字幕。"
    ),
    "The gallery '{gallery}' keeps no frame features.": "片库“{gallery}”没有保存帧特征。",
    "The video is gone, and {method} keeps no features to explain it from.": (
        "视频已不在，而 {method} 没有保存可用于解释的特征。"
    ),
    "The gallery '{gallery}' has no clip {wanted}; ask for less.": (
        "片库“{gallery}”中没有符合所有筛选条件的片段；请放宽条件。"
    ),
    # A visitor's own videos
    "At most {limit} files at a time; you have {here} and bring {more}.": (
        "最多 {limit} 个文件；已有 {here} 个，又上传了 {more} 个。"
    ),
    "Together they have {size} MB and the limit is {limit} MB.": (
        "总共 {size} MB，上限是 {limit} MB。"
    ),
    "Your last videos are still being read; wait or cancel first.": (
        "上一批视频仍在读取；请等待或先取消。"
    ),
    "Too many visitors have brought videos just now; try again later.": (
        "当前上传视频的访客太多；请稍后再试。"
    ),
    "There is no room for videos here now; try again later.": (
        "这里暂时没有空间存放视频；请稍后再试。"
    ),
    "There is no such folder here.": "这里没有这个文件夹。",
    "There are no videos or images in {folder}. Looked for: {kinds}.": (
        "“{folder}”中没有视频或图片。支持：{kinds}。"
    ),
    "None of the {count} files could be read. The first: {first}": (
        "{count} 个文件都无法读取。第一个：{first}"
    ),
    "Another process is indexing into {place}; wait until it is done, or stop it.": (
        "另一个进程正在为“{place}”建立索引；请等它完成，或将其停止。"
    ),
    "A fault of this program; its log says which.": "程序出错；详情见日志。",
    # Files
    "There is no clip and no file '{name}'; give a clip of the gallery '{gallery}', a video file or"
    " a link of YouTube.": (
        "没有名为“{name}”的片段或文件；请给出片库“{gallery}”中的片段、视频文件或 YouTube 链接。"
    ),
    "'{file}' cannot be read: {clause}.": "无法读取“{file}”：{clause}。",
    # The Hub, where weights are fetched at the first query
    "the Hub cannot be reached for {what} ({reason}); check the network and run the same command"
    " again: complete files are kept": (
        "无法连接 Hub 以获取 {what}（{reason}）；请检查网络后重试，已完整下载的文件会保留"
    ),
    "the Hub has had too many requests from here; try again {when}, or log in with"
    " `hf auth login`, which allows more": (
        "本机向 Hub 发出的请求过多；请稍后（{when}）重试，或用 `hf auth login` 登录以提高上限"
    ),
    "HF_HUB_OFFLINE is set and {what} is not in the cache; {hint}": (
        "已设置 HF_HUB_OFFLINE，而 {what} 不在缓存中；请联网获取一次"
    ),
    "the Hub has no {kind} {repo} that you may read; check the name, and if it is private log in"
    " with `hf auth login` or set HF_TOKEN": (
        "Hub 上没有您可以读取的 {repo}；请检查名称，若为私有仓库，请用 `hf auth login` 登录或设置"
        " HF_TOKEN"
    ),
    "{name} of {address} has not the checksum that it should have: {reason}; nothing of it is used."
    " Run the same command again; if it fails again, the source cannot be trusted": (
        "{address} 的 {name} 校验和不符，未使用；请重试，若再次失败，则该来源不可信"
    ),
}

_CLAUSES = {
    "it holds no video, only sound or other data": "其中没有视频，只有声音或其他数据",
    "it is a damaged image": "图片已损坏",
    "it is not a file": "它不是文件",
    "it is not a video or image file, or it is damaged": "它不是视频或图片文件，或者已损坏",
    "its picture is far larger than any screen": "画面远大于任何屏幕",
    "its pictures do not fit into the memory allowed": "画面超出了允许的内存",
    "its pictures have no size": "画面没有尺寸",
    "no decoder for its video is known here": "这里没有能解码它的解码器",
    "no picture of it can be decoded; it may be cut off or damaged": (
        "解不出任何画面；它可能被截断或已损坏"
    ),
    "the file is empty (0 bytes)": "文件是空的（0 字节）",
    "there is no such file": "没有这个文件",
    "it has {size} bytes and the limit is {limit}": "它有 {size} 字节，上限是 {limit}",
    "it is cut off or damaged after {after} s of {length} s": (
        "它在 {length} 秒中的第 {after} 秒之后被截断或损坏"
    ),
    "it is damaged, and the picture at {at} s needs that part": (
        "它已损坏，而第 {at} 秒的画面需要损坏的部分"
    ),
    "it lasts {length} s and the limit is {limit} s": "它长 {length} 秒，上限是 {limit} 秒",
    "its pictures are {width} x {height} pixels and the limit is {limit} in all": (
        "画面为 {width} × {height} 像素，总像素上限是 {limit}"
    ),
    "the stretch starts at {start} s and the video ends at {end} s": (
        "所选部分从第 {start} 秒开始，而视频在第 {end} 秒结束"
    ),
    "with it your videos last {length} s and the limit is {limit} s": (
        "加上它，你的视频共 {length} 秒，上限是 {limit} 秒"
    ),
    "it changed or went away while it was being read; index again": (
        "读取时文件被修改或移走；请重新建立索引"
    ),
    "from {start} s to {end} s: {clause}": "第 {start} 秒到第 {end} 秒：{clause}",
    "{count} pictures would have to be decoded to reach the wanted ones and the limit is {limit}": (
        "要取得所需画面须解码 {count} 幅，上限是 {limit}"
    ),
}


def in_chinese(message: str) -> str | None:
    """A message of the core in Chinese; None for one that a visitor does not usually meet."""
    return _translated(message, _SENTENCES)


def clause_in_both(clause: str) -> dict[str, str]:
    """Why a file cannot be read, by language."""
    clause = clause.removesuffix(".")
    return {"en": clause, "zh": _translated(clause, _CLAUSES) or clause}


def in_both(message: str) -> dict[str, str]:
    """A message by language; one that a visitor does not usually meet stays English."""
    return {"en": message, "zh": in_chinese(message) or message}


def for_both(message: str) -> str:
    """A message as HTML in both languages; the page's style shows the one that is chosen."""
    chinese = in_chinese(message)
    if chinese is None:
        return html.escape(message)
    return (
        f'<span lang="en">{html.escape(message)}</span>'
        f'<span lang="zh-CN">{html.escape(chinese)}</span>'
    )


def _translated(text: str, entries: dict[str, str]) -> str | None:
    for english, chinese in entries.items():
        found = _pattern(english).fullmatch(text)
        if found:
            values = found.groupdict()
            if "clause" in values:
                clause = _translated(values["clause"], _CLAUSES)
                values["clause"] = clause or values["clause"]
            return chinese.format(**values)
    return None


@cache
def _pattern(english: str) -> re.Pattern[str]:
    """Matches a sentence with any values; these may hold anything, line breaks too."""
    parts = re.split(r"\{(\w+)\}", english)
    pattern = "".join(
        f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts)
    )
    return re.compile(pattern, re.DOTALL)
