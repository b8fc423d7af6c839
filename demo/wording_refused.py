"""Sentences for requests that are turned away at the door; `wording` merges them with its own."""

REFUSED: dict[str, tuple[str, str]] = {
    "too_many": (
        "Too many questions in a short time. Please try again in {seconds} s.",
        "短时间内请求过多，请 {seconds} 秒后再试。",
    ),
    "too_many_open": (
        "Too many requests from your address are open. Please wait for the answers.",
        "来自您地址的请求过多，请等待现有请求完成。",
    ),
    "too_large": (
        "This request is too large: at most {size} are taken.",
        "请求过大，最多接受 {size}。",
    ),
    "too_slow": (
        "The request did not arrive in time. Please try again.",
        "请求未能及时到达，请重试。",
    ),
    "not_readable": (
        "This request cannot be read.",
        "无法读取此请求。",
    ),
    "no_room": (
        "There is no room for another upload right now. Please try again in a few minutes.",
        "目前没有空间接收新的上传，请几分钟后再试。",
    ),
    "not_here": (
        "There is nothing at this address.",
        "此地址没有内容。",
    ),
}  # fmt: skip
