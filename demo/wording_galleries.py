"""Sentences of galleries, real videos and filters; `wording` merges them with its own."""

GALLERIES: dict[str, tuple[str, str]] = {
    # Choice of a gallery
    "gallery": ("Gallery", "视频库"),
    "gallery_choose": ("Choose a gallery", "选择视频库"),
    "gallery_made": ("features by {maker}", "特征由 {maker} 提取"),
    "gallery_methods": ("{count} methods", "{count} 种方法"),
    "gallery_method": ("1 method", "1 种方法"),
    "gallery_now": ("{gallery}: {count} clips", "{gallery}：共 {count} 段视频"),
    "everyday_1": ("a person is cooking in a kitchen", "一个人在厨房做饭"),
    "everyday_2": ("a dog runs outdoors", "一只狗在户外奔跑"),
    "everyday_3": ("people talk at a table", "几个人坐在桌旁交谈"),
    "metrics_elsewhere": (
        "Quality was measured on {splits}, not on the gallery {gallery}; only Search and Encode are"
        " times of this gallery.",
        "效果数值来自 {splits}，并非在视频库 {gallery} 上测得；只有检索与编码用时属于该库。",
    ),
    "metrics_unmeasured": (
        "No card of these methods holds measured quality; Search and Encode are times of the"
        " gallery {gallery}.",
        "这些方法的卡片没有效果数值；检索与编码用时属于视频库 {gallery}。",
    ),
    # Real videos
    "stills_of": ("Three stored frames", "三张存储的画面"),
    "still": ("Stored frame {number} of {count}", "存储的画面 {number}/{count}"),
    "stills_note": (
        "Stored frames; the video itself is not here.",
        "这些是存储的画面，视频本身不在此处。",
    ),
    "nothing_stored": (
        "Only features are stored here, no video and no frames.",
        "此处仅存储特征，没有视频和画面。",
    ),
    "no_maps_source": (
        "No map of where it looked: without the video, the reasons below come from stored"
        " features.",
        "没有关注区域：视频不在此处，以下理由由存储的特征得出。",
    ),
    "gone_chip": ("source gone", "来源已失效"),
    "gone_tip": (
        "The source is known to have disappeared; the stored features can still be searched.",
        "已知来源已消失，但存储的特征仍可检索。",
    ),
    "duplicate_chip": ("duplicate", "重复"),
    "duplicate_tip": ("The same content as {id}", "内容与 {id} 相同"),
    "category_tip": ("Category: {category}", "类别：{category}"),
    "youtube": ("YouTube at {time}", "YouTube {time}"),
    "youtube_tip": ("Open on YouTube at {time}", "在 YouTube 打开，从 {time} 开始"),
    "embed": ("Play from YouTube", "播放 YouTube 视频"),
    "embed_note": (
        "Connects to youtube-nocookie.com only when pressed.",
        "点击后才会连接 youtube-nocookie.com。",
    ),
    "embed_title": ("YouTube video: {caption}", "YouTube 视频：{caption}"),
    "embed_failed": (
        "If nothing plays, open it on YouTube instead.",
        "如无法播放，请在 YouTube 打开。",
    ),
    "embed_close": ("Back to the frames", "返回画面"),
    "all_captions": ("All {count} captions", "全部 {count} 条描述"),
    # Filters
    "filters": ("Filters", "筛选"),
    "filters_on": ("Filters, {count} in use", "筛选，已启用 {count} 项"),
    "filter_any": ("any", "不限"),
    "filter_folder": ("Folder", "文件夹"),
    "filter_category": ("Category", "类别"),
    "filter_length": ("Length in seconds", "时长（秒）"),
    "filter_longer": ("Seconds, at least", "至少（秒）"),
    "filter_shorter": ("Seconds, at most", "至多（秒）"),
    "filter_date": ("File date", "文件日期"),
    "filter_since": ("From day", "起始日期"),
    "filter_until": ("To day", "截止日期"),
    "filter_duplicates": ("Show duplicates", "显示重复视频"),
    "filter_duplicates_hint": ("{count} repeat an earlier clip", "{count} 段与其他视频重复"),
    "filter_clear": ("Clear all", "全部清除"),
    "filter_remove": ("Remove the filter {filter}", "移除筛选：{filter}"),
    "filter_at_least": ("≥ {value} s", "≥ {value} 秒"),
    "filter_at_most": ("≤ {value} s", "≤ {value} 秒"),
    "filter_from": ("from {value}", "{value} 起"),
    "filter_to": ("to {value}", "至 {value}"),
    "filter_none": ("No clip passes the filters", "没有符合筛选条件的视频"),
    "filter_none_hint": (
        "Clips without a date, a category or a length pass no filter that asks for one.",
        "没有日期、类别或时长信息的视频不会通过相应的筛选。",
    ),
}  # fmt: skip
