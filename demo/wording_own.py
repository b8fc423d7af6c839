"""Sentences of people's own videos; `wording` merges them with its own."""

OWN: dict[str, tuple[str, str]] = {
    "view_own": ("Your videos", "我的视频"),
    "own_folders": ("Folders on this machine", "本机文件夹"),
    "own_yours": ("Bring your own", "上传自己的视频"),
    "own_gallery": ("Your videos", "我的视频"),
    "own_drop": (
        "Drop videos or pictures here, or click to choose",
        "将视频或图片拖到此处，或点击选择",
    ),
    "own_drop_hint": (
        "up to {files} files, {megabytes} MB and {minutes} minutes together",
        "最多 {files} 个文件，总共 {megabytes} MB、{minutes} 分钟",
    ),
    "own_private": (
        "Only this page can search and see them. They are deleted {life} minutes after they were"
        " last used, or at once if you say so.",
        "只有本页面能检索和查看。最后一次使用 {life} 分钟后自动删除，也可立即删除。",
    ),
    "own_size": ("{count} clips to search", "可检索 {count} 段视频"),
    "own_none": ("Nothing to search yet", "尚无可检索的内容"),
    "own_bad": ("{count} files could not be read", "{count} 个文件无法读取"),
    "own_search": ("Search them", "检索"),
    "own_update": ("Update", "更新"),
    "own_update_tip": ("Reads only what has changed.", "只读取有变化的文件。"),
    "own_remove": ("Delete them", "删除"),
    "own_removed": ("Your videos were deleted.", "你的视频已删除。"),
    "own_waiting": ("Waiting for its turn…", "正在排队…"),
    "own_running": ("Looking…", "正在查看…"),
    "own_stopping": ("Stopping…", "正在停止…"),
    "own_comparing": (
        "Comparing with what is known: {done} of {total}",
        "与已有内容比对：{done}/{total}",
    ),
    "own_measuring": ("Measuring: {done} of {total}", "正在测量：{done}/{total}"),
    "own_indexing": ("Indexing: {done} of {total}", "正在建立索引：{done}/{total}"),
    "own_done": ("Up to date", "已是最新"),
    "own_stopped": (
        "Stopped. What is finished is kept, and the next update goes on from there.",
        "已停止。已完成的部分会保留，下次更新从此处继续。",
    ),
    "own_failed": ("It could not be done: {problem}", "未能完成：{problem}"),
    "own_refused": ("{name}: {reason}", "{name}：{reason}"),
    "own_changes": (
        "{added} added, {changed} changed, {moved} moved, {removed} removed, {unchanged} unchanged",
        "新增 {added}，修改 {changed}，移动 {moved}，移除 {removed}，未变 {unchanged}",
    ),
    "own_duplicates": ("{count} repeat another clip", "{count} 段与其他视频重复"),
    "own_meanwhile": (
        "The last complete gallery can be searched meanwhile.",
        "期间仍可检索上一次完成的视频库。",
    ),
    "also_at": ("also at {times}", "另见 {times}"),
}  # fmt: skip
