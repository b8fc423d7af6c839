"""Pasted texts: every form of a YouTube address, and everything that is none."""

import random
import string
import time

import pytest

from xmr_core.youtube import YouTubeAddress, YouTubeError, parse

ID = "dQw4w9WgXcQ"
WATCH = f"https://www.youtube.com/watch?v={ID}"
GOOD = {
    ID: (),
    f"  {ID}\n": (),
    "-_-_-_-_-_-": (),
    WATCH: (),
    f"http://youtube.com/watch?v={ID}": (),
    f"HTTPS://WWW.YouTube.COM/watch?v={ID}": (),
    f"//m.youtube.com/watch?app=desktop&v={ID}": (),
    f"m.youtube.com/watch?v={ID}": (),
    f"music.youtube.com/watch?v={ID}&list=RDAMVM{ID}": (),
    f"https://www.youtube.com/watch?list=PL0123456789&index=3&v={ID}&pp=ygUE": (),
    f"{WATCH}&ab_channel=频道 ".strip(): (),
    f"https://www.youtube.com/watch/{ID}": (),
    f"https://www.youtube.com/embed/{ID}?rel=0": (),
    f"https://www.youtube-nocookie.com/embed/{ID}?start=12&end=22": (12.0, 22.0),
    f"https://www.youtube.com/v/{ID}?version=3": (),
    f"https://www.youtube.com/e/{ID}": (),
    f"https://www.youtube.com/live/{ID}?si=abc": (),
    f"https://youtube.com/shorts/{ID}/": (),
    f"https://youtu.be/{ID}?si=x&t=62": (62.0,),
    f"youtu.be/{ID}": (),
    f"{WATCH}&t=62s": (62.0,),
    f"{WATCH}&t=1m2s": (62.0,),
    f"{WATCH}&t=1h2m3s": (3723.0,),
    f"{WATCH}&t=2h": (7200.0,),
    f"{WATCH}&t=62.5": (62.5,),
    f"{WATCH}&start=5": (5.0,),
    f"{WATCH}&time_continue=7": (7.0,),
    f"{WATCH}#t=1:02": (62.0,),
    f"{WATCH}#t=1:01:02": (3662.0,),
    f"{WATCH}&t=": (),
    f"{WATCH}&start=30&end=20": (30.0,),
    f"{WATCH}&v=AAAAAAAAAAA": (),
    f"{ID}_000122_000132": (122.0, 132.0),
    f"{ID}_5_9": (5.0, 9.0),
}
NONE = (
    *("", " ", "video7015", "red_car", "a/b.mp4", "clip.mp4", "C:\\films\\a.mp4", "example.org/x"),
    *(f"{ID}a", ID[:-1], f"{ID}_9_5", f"{ID}_000122", "ＤQw4w9WgXcQ", "١٢٣٤٥٦٧٨٩٠١"),
    *(
        f"{ID}_０００１２２_０００１３２",
        "videoseries",
        "live_stream",
        "youtube",
        "my_youtube_clip",
    ),
)
REFUSED = {
    f"https://youtube.com.evil.org/watch?v={ID}": "not_youtube",
    f"https://evil.org/youtube.com/watch?v={ID}": "not_youtube",
    f"https://evil.org/?https://www.youtube.com/watch?v={ID}": "not_youtube",
    f"https://www.youtube.com@evil.org/watch?v={ID}": "not_youtube",
    f"https://user:pass@www.youtube.com/watch?v={ID}": "not_youtube",
    f"https://www.youtube.com:8080/watch?v={ID}": "not_youtube",
    f"https://www.youtube.com./watch?v={ID}": "not_youtube",
    f"https://notyoutube.com/watch?v={ID}": "not_youtube",
    f"https://studio.youtube.com/watch?v={ID}": "not_youtube",
    f"https://www.youtube-nocoo\u212aie.com/embed/{ID}": "not_youtube",  # Kelvin sign
    f"https://www.y\u043eutube.com/watch?v={ID}": "not_youtube",  # a Cyrillic o
    f"https://www.youtube。com/watch?v={ID}": "not_youtube",
    f"https://127.0.0.1/watch?v={ID}": "not_youtube",
    f"https://[::1]/watch?v={ID}": "not_youtube",
    f"ftp://www.youtube.com/watch?v={ID}": "not_youtube",
    "file:///etc/passwd": "not_youtube",
    "javascript:alert(1)": "not_youtube",
    f"javascript://www.youtube.com/watch?v={ID}%0aalert(1)": "not_youtube",
    f"data:text/html,{WATCH}": "not_youtube",
    "ytsearch:cats": "not_youtube",
    f"https://www.youtube.com\\@evil.org/watch?v={ID}": "odd_address",
    f"https://www.you\ntube.com/watch?v={ID}": "odd_address",
    f"https://www.youtube.com/watch?v={ID[:5]}\t{ID[5:]}": "odd_address",
    f"https://youtu.be/{ID} https://evil.org": "odd_address",
    f"https://youtu.be/\u202e{ID}": "odd_address",
    f"https://youtu.be/{ID}\0": "odd_address",
    "https://[::1": "odd_address",
    f"https://www.youtube.com/watch?v={ID}{'&a=b' * 100}": "odd_address",
    "https://www.youtube.com/": "no_video",
    "https://www.youtube.com/watch": "no_video",
    "https://www.youtube.com/playlist?list=PL0123456789": "no_video",
    "https://www.youtube.com/embed/videoseries?list=PL0123456789": "no_video",
    "https://www.youtube.com/embed/live_stream?channel=UC0123456789": "no_video",
    "https://www.youtube.com/@somebody": "no_video",
    f"https://www.youtube.com/@somebody?v={ID}": "no_video",
    f"https://www.youtube.com/channel/{ID}": "no_video",
    "https://www.youtube.com/results?search_query=cats": "no_video",
    "https://youtu.be": "no_video",
    f"https://www.youtube.com/attribution_link?a=x&u=%2Fwatch%3Fv%3D{ID}": "forwarding",
    "https://www.youtube.com/redirect?q=https%3A%2F%2Fevil.org": "forwarding",
    "https://www.youtube.com/clip/UgkxABCDEFGHIJKLMN": "forwarding",
    f"https://youtu.be/{ID}extra": "bad_id",
    "https://www.youtube.com/watch?v=short": "bad_id",
    "https://www.youtube.com/watch?v=dQw4w9WgXc%C3%A9": "bad_id",
    "https://www.youtube.com/watch?v=../../etc/pw": "bad_id",
    f"{WATCH}&t=soon": "bad_time",
    f"{WATCH}&t=-5": "bad_time",
    f"{WATCH}&t=1e9": "bad_time",
    f"{WATCH}&t=99999999999": "bad_time",
    f"{WATCH}&t=１２": "bad_time",
    "x" * 10_000_000: "long_address",
    f"https://youtu.be/{'a' * 10_000_000}": "long_address",
}


@pytest.mark.parametrize(("text", "times"), GOOD.items())
def test_reads_every_form(text, times):
    found = parse(text)
    assert found is not None
    assert (found.start_s, found.end_s) == (*times, None, None)[:2]
    assert found.video_id == ("-_-_-_-_-_-" if text.startswith("-") else ID)


@pytest.mark.parametrize("text", NONE)
def test_other_texts_are_no_addresses(text):
    assert parse(text) is None


@pytest.mark.parametrize(("text", "reason"), REFUSED.items(), ids=lambda text: text[:60])
def test_other_addresses_are_refused_with_a_sentence(text, reason):
    with pytest.raises(YouTubeError) as refused:
        parse(text)
    assert refused.value.reason == reason
    sentence = str(refused.value)
    assert sentence.isprintable() and len(sentence) < 250 and sentence.endswith(".")


def test_an_address_of_its_own_says_the_same():
    for address in (YouTubeAddress(ID), YouTubeAddress(ID, 62.0)):
        assert parse(address.url) == address
    assert YouTubeAddress(ID, 62.7, 70.0).url == f"{WATCH}&t=62s"


def test_nothing_else_ever_happens():
    """Pieces of addresses in any order: an address of eleven letters, None, or our error."""
    dice = random.Random(4)
    pieces = [
        *(
            "https:",
            "http:",
            "javascript:",
            "//",
            "/",
            "?",
            "&",
            "#",
            "@",
            ":",
            "\\",
            "%",
            "=",
            "[",
        ),
        *(
            "]",
            ".",
            "www.youtube.com",
            "youtu.be",
            "youtube.com.evil.org",
            "evil.org",
            "watch",
            "v",
        ),
        *(
            "v=",
            "t=",
            "start=",
            "end=",
            "embed",
            "shorts",
            "1h2m3s",
            "9" * 30,
            ID,
            ID[:7],
            "\n",
            " ",
        ),
        *(
            "\0",
            "\u202e",
            "\ud800",
            "é",
            "１",
            "%00",
            "%2F",
            "😀",
            "a" * 50,
            "\uff0f",
            "_000001_000002",
        ),
    ]
    outcomes = dict.fromkeys(("address", "none", "refused"), 0)
    for _ in range(20_000):
        text = "".join(dice.choices(pieces, k=dice.randint(1, 9)))
        if dice.random() < 0.3:
            text = f"{WATCH}{dice.choice('&#/')}{text}"
        if dice.random() < 0.2:
            text = "".join(dice.choices(string.printable, k=dice.randint(0, 40)))
        try:
            found = parse(text)
        except YouTubeError as error:
            outcomes["refused"] += 1
            str(error).encode()
            continue
        outcomes["none" if found is None else "address"] += 1
        if found is not None:
            assert len(found.video_id) == 11 and found.video_id.isascii()
            assert set(found.video_id) <= set(string.ascii_letters + string.digits + "-_")
            assert found.start_s is None or 0 <= found.start_s < 1e7
            assert found.end_s is None or found.end_s > (found.start_s or 0.0)
    assert min(outcomes.values()) > 200, outcomes


@pytest.mark.parametrize("piece", ["&t=", "/", "a", "%25", "?", "[", ":", "1h", "\u0301", "_0"])
def test_the_time_does_not_explode(piece):
    start = time.perf_counter()
    for head in ("", "https://www.youtube.com/watch?", f"{WATCH}&t=", f"{ID}_"):
        for length in (2000, 100_000):
            try:
                parse((head + piece * length)[:length])
            except YouTubeError:
                pass
    assert time.perf_counter() - start < 1.0
