"""Sentences of the field for links; `wording` merges them with its own.

`youtube_failed_<reason>` says why a video cannot be had; the reasons are those of
`xmr_core.youtube.SENTENCES`. A button that leads to the upload follows each.
"""

YOUTUBE: dict[str, tuple[str, str]] = {
    "paste": (
        "Paste a YouTube link, id, or gallery id",
        "粘贴 YouTube 链接、视频 ID 或库中编号",
    ),
    "paste_example": ("youtu.be/… or video7015", "youtu.be/… 或 video7015"),
    "paste_go": ("Use", "使用"),
    "paste_hint": (
        "A video of the gallery needs no download. Of others up to {seconds} s are fetched and"
        " deleted after the answer.",
        "库中已有的视频无需下载；其他视频最多下载 {seconds} 秒，回答后即删除。",
    ),
    "paste_off": (
        "Downloads from YouTube are off here: only videos of the gallery are found.",
        "此处已关闭 YouTube 下载，只能查找库中已有的视频。",
    ),
    "paste_empty": ("Paste a link or an id first.", "请先粘贴链接或编号。"),
    "paste_found": (
        "{id} is in the gallery: no download needed.",
        "{id} 已在库中，无需下载。",
    ),
    "paste_found_link": (
        "This video is in the gallery as {id}: no download needed.",
        "该视频在库中的编号为 {id}，无需下载。",
    ),
    "paste_upload": ("Upload a file instead", "改为上传文件"),
    "from_youtube": ("From YouTube", "来自 YouTube"),
    "nothing_kept": (
        "What was downloaded of it has been deleted.",
        "已下载的内容已删除。",
    ),
    "part_of": ("{start}–{end} of this video was compared.", "比较的是该视频的 {start}–{end}。"),
    # How far it is
    "looking": ("Looking it up in the gallery…", "正在库中查找…"),
    "asking": ("Not in the gallery. Asking YouTube…", "库中没有，正在询问 YouTube…"),
    "downloading": ("Downloading from YouTube…", "正在从 YouTube 下载…"),
    # Why not
    "youtube_failed_unknown": (
        "“{text}” is neither a link of YouTube nor an id of this gallery.",
        "“{text}”既不是 YouTube 链接，也不是本库的编号。",
    ),
    "youtube_failed_long_address": (
        "An address of {length} characters is too long; {limit} are read at most.",
        "地址有 {length} 个字符，过长；最多读取 {limit} 个。",
    ),
    "youtube_failed_odd_address": (
        "“{text}” cannot be read as an address. Paste the link of one YouTube video.",
        "“{text}”不是可读的地址，请粘贴一个 YouTube 视频的链接。",
    ),
    "youtube_failed_not_youtube": (
        "“{text}” is not on YouTube. Only links of YouTube are opened.",
        "“{text}”不在 YouTube 上，这里只打开 YouTube 链接。",
    ),
    "youtube_failed_no_video": (
        "“{text}” is a page of YouTube, but not of one video.",
        "“{text}”是 YouTube 页面，但不是某个视频的页面。",
    ),
    "youtube_failed_forwarding": (
        "“{text}” forwards to another page. Open it and paste the link of the video itself.",
        "“{text}”会转到其他页面，请打开后粘贴视频本身的链接。",
    ),
    "youtube_failed_bad_id": (
        "“{text}” is not the id of a YouTube video: those have 11 letters, digits, - or _.",
        "“{text}”不是 YouTube 视频 ID：应为 11 个字母、数字、- 或 _。",
    ),
    "youtube_failed_bad_time": (
        "The time “{text}” in the link cannot be read. Write t=62 or t=1m2s.",
        "无法识别链接中的时间“{text}”，请写作 t=62 或 t=1m2s。",
    ),
    "youtube_failed_off": (
        "This video is not in the gallery, and downloads from YouTube are off here.",
        "该视频不在库中，且此处已关闭 YouTube 下载。",
    ),
    "youtube_failed_no_tool": (
        "The program that downloads from YouTube does not start on this server.",
        "此服务器无法启动 YouTube 下载程序。",
    ),
    "youtube_failed_offline": (
        "YouTube cannot be reached from this server.",
        "此服务器无法连接 YouTube。",
    ),
    "youtube_failed_timed_out": (
        "YouTube did not deliver within {limit_s} seconds.",
        "YouTube 未能在 {limit_s} 秒内提供视频。",
    ),
    "youtube_failed_removed": (
        "This video is no longer on YouTube, or never was.",
        "该视频已不在 YouTube 上，或从未存在。",
    ),
    "youtube_failed_private": ("This video is private.", "该视频为私享视频。"),
    "youtube_failed_members": (
        "This video is for paying members only.",
        "该视频仅供付费会员观看。",
    ),
    "youtube_failed_region": (
        "YouTube does not show this video in the country of this server.",
        "YouTube 不在此服务器所在国家/地区播放该视频。",
    ),
    "youtube_failed_age": (
        "YouTube shows this video only after confirming the viewer's age.",
        "YouTube 要求确认年龄后才能观看该视频。",
    ),
    "youtube_failed_bot": (
        "YouTube wants a proof that no robot is asking, which this server cannot give.",
        "YouTube 要求证明不是机器人，此服务器无法提供。",
    ),
    "youtube_failed_busy": (
        "YouTube refuses requests from this server for a while.",
        "YouTube 暂时拒绝此服务器的请求。",
    ),
    "youtube_failed_live": (
        "This video is live or has not begun.",
        "该视频正在直播或尚未开始。",
    ),
    "youtube_failed_protected": (
        "This video is protected against copying.",
        "该视频受版权保护，无法复制。",
    ),
    "youtube_failed_refused": (
        "YouTube refused to deliver this video (HTTP {status}).",
        "YouTube 拒绝提供该视频（HTTP {status}）。",
    ),
    "youtube_failed_elsewhere": (
        "YouTube pointed to another host, “{host}”, and the download was stopped there.",
        "YouTube 指向了其他主机“{host}”，下载已中止。",
    ),
    "youtube_failed_playlist": (
        "This is not one video but a list or a page.",
        "这不是单个视频，而是列表或页面。",
    ),
    "youtube_failed_no_format": (
        "YouTube offers no small picture of this video that can be read here.",
        "YouTube 没有提供此处可读的小尺寸画面。",
    ),
    "youtube_failed_too_long": (
        "This video lasts {hours} hours and the limit is {limit}.",
        "该视频长 {hours} 小时，上限为 {limit} 小时。",
    ),
    "youtube_failed_past_end": (
        "The video lasts {duration_s} s, so nothing begins at {start_s} s.",
        "该视频只有 {duration_s} 秒，第 {start_s} 秒已超出结尾。",
    ),
    "youtube_failed_too_large": (
        "More than {limit_mb} MB would have to be downloaded for this part.",
        "该片段需要下载超过 {limit_mb} MB。",
    ),
    "youtube_failed_broken": (
        "What YouTube delivered is not a video that can be read.",
        "YouTube 提供的内容不是可读的视频。",
    ),
    "youtube_failed_other": ("The download failed: {detail}.", "下载失败：{detail}。"),
}  # fmt: skip
