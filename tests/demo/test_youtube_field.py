"""The field for links in "By clip": found, downloaded, cancelled, refused, switched off."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages import DESKTOP, PHONE, ROOT, SCREENSHOTS, UPLOADS, served

from demo.wording_youtube import YOUTUBE
from xmr_core import youtube

SCRIPT = str(ROOT / "tests" / "demo" / "youtube_app.py")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("youtube")


@pytest.fixture(scope="module")
def tube(folder: Path) -> Iterator[str]:
    """Address of `youtube_app.py`."""
    yield from served([SCRIPT, str(folder)], folder)


def by_clip(visit, address, **options):
    page = visit(f"{address}?tab=clip", **options)
    page.locator(".xmr-shelf li").nth(5).wait_for()
    return page


def paste(page, text):
    page.locator("#xmr-paste").fill(text)
    page.locator("#xmr-paste").press("Enter")


def nothing_is_left(folder, within_s=5.0):
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline and list((folder / "downloads").iterdir()):
        time.sleep(0.05)
    return not list((folder / "downloads").iterdir())


def test_every_reason_has_its_sentence():
    reasons = {name.removeprefix("youtube_failed_") for name in YOUTUBE if "_failed_" in name}
    assert reasons == set(youtube.SENTENCES) | {"unknown"}
    assert all(len(pair) == 2 and all(pair) for pair in YOUTUBE.values())


FOUND = {
    "video7015": "video7015 is in the gallery: no download needed.",
    "red_car": "red_car is in the gallery: no download needed.",
    "https://m.youtube.com/watch?v=KNOWN_VIDEO&t=1m45s": (
        "This video is in the gallery as video7015: no download needed."
    ),
    "KNOWN_VIDEO": "This video is in the gallery as video7015: no download needed.",
}


@pytest.mark.ui
def test_what_the_gallery_has_is_not_downloaded(visit, tube, folder):
    page = by_clip(visit, tube)
    for text, sentence in FOUND.items():
        paste(page, text)
        page.locator("#xmr-paste-said p", has_text=sentence).wait_for()
        page.locator("#xmr-similar[data-state=done]").wait_for()
        assert page.get_by_role("heading", name="Clip of the gallery").is_visible()
        assert f"c={'red_car' if text == 'red_car' else 'video7015'}" in page.url
        assert nothing_is_left(folder)


@pytest.mark.ui
def test_downloads_what_it_must_and_forgets_it(visit, tube, folder):
    page = by_clip(visit, tube)
    stages = "[...document.querySelectorAll('.xmr-progress')].map(one => one.dataset.stage)"
    page.evaluate(
        f"""() => {{
          window.seen = [];
          new MutationObserver(() => window.seen.push(...{stages}))
            .observe(document.querySelector('#clip'), {{ childList: true, subtree: true }});
        }}"""
    )
    paste(page, "https://youtu.be/PLAIN_FILM_?t=20")
    page.locator("#xmr-similar[data-state=done]").wait_for()
    seen = list(dict.fromkeys(page.evaluate("window.seen")))
    assert seen == ["looking", "asking", "downloading", "reading", "comparing"]
    source = page.locator(".xmr-source")
    assert source.get_by_role("heading", name="From YouTube").is_visible()
    assert "0:20–0:28 of this video was compared." in source.inner_text()
    assert "What was downloaded of it has been deleted." in source.inner_text()
    link = source.get_by_role("link")
    assert link.get_attribute("href") == "https://www.youtube.com/watch?v=PLAIN_FILM_&t=20s"
    assert page.locator("#xmr-similar .xmr-card").count() == 10
    assert page.locator(".xmr-captions li").count() == 10
    assert nothing_is_left(folder)
    assert "xmr-youtube-" not in page.content() and UPLOADS not in page.content()


@pytest.mark.ui
def test_cancelling_ends_the_download(visit, tube, folder):
    page = by_clip(visit, tube)
    paste(page, "SLOW_FILM__")
    page.locator(".xmr-progress[data-stage=downloading] .xmr-size:not(:empty)").wait_for()
    assert page.locator("#xmr-similar .xmr-wait").inner_text() == "Downloading from YouTube…"
    assert list((folder / "downloads").iterdir())
    cancel = page.locator(".xmr-progress").get_by_role("button", name="Cancel")
    cancel.focus()
    size = page.locator(".xmr-size").inner_text()
    page.wait_for_function("s => document.querySelector('.xmr-size').textContent !== s", arg=size)
    assert page.evaluate("document.activeElement.closest('.xmr-progress') !== null")
    page.keyboard.press("Enter")
    page.locator("#xmr-similar[data-state=idle]").wait_for()
    assert page.locator(".xmr-progress").count() == 0
    assert page.evaluate("document.activeElement.id") == "xmr-paste"
    assert nothing_is_left(folder)


@pytest.mark.ui
def test_another_question_ends_the_download(visit, tube, folder):
    page = by_clip(visit, tube)
    for instead in ("paste", "pick", "upload"):
        paste(page, "SLOW_FILM__")
        page.locator(".xmr-progress[data-stage=downloading]").wait_for()
        if instead == "paste":
            paste(page, "red_ball")
        elif instead == "pick":
            page.locator(".xmr-chooser summary").click()
            page.locator(".xmr-shelf button").first.click()
        else:
            film = folder / "films" / "dash.mp4"
            page.locator("#upload input[type=file]").set_input_files(film)
        page.locator("#xmr-similar[data-state=done]").wait_for()
        assert nothing_is_left(folder)


@pytest.mark.ui
def test_leaving_the_page_ends_the_download(visit, tube, folder):
    page = by_clip(visit, tube)
    paste(page, "SLOW_FILM__")
    page.locator(".xmr-progress[data-stage=downloading]").wait_for()
    page.close()
    assert nothing_is_left(folder, within_s=20)


REFUSED = {
    "https://youtu.be/PRIVATE_ONE": "This video is private.",
    "https://youtu.be/ROBOT_CHECK": "YouTube wants a proof that no robot is asking",
    "https://youtu.be/ELSEWHERE__": "another host, “localhost”",
    "https://youtu.be/LONG_LIST__": "This is not one video but a list or a page.",
    "https://youtu.be/PLAIN_FILM_?t=99": "lasts 40 s, so nothing begins at 99 s.",
    "https://evil.org/<b>": "“https://evil.org/<b>” is not on YouTube.",
    "no<img src=x onerror=alert(1)>such": "“no<img src=x onerror=alert(1)>such” is neither",
    "/etc/passwd": "“/etc/passwd” is neither a link of YouTube nor an id of this gallery.",
    "x" * 3000: "An address of 3,000 characters is too long",
}


@pytest.mark.ui
def test_every_failure_is_told_and_leads_to_the_upload(visit, tube, folder):
    page = by_clip(visit, tube)
    for text, sentence in REFUSED.items():
        paste(page, text)
        page.locator("#xmr-paste-said p", has_text=sentence).wait_for()
        page.locator("#xmr-similar[data-state=idle]").wait_for()
        assert page.locator("#xmr-paste").get_attribute("aria-invalid") is not None
        assert page.locator(".xmr-progress").count() == 0
    again = page.locator("#xmr-paste-said").get_by_role("button", name="Upload a file instead")
    again.press("Enter")
    assert page.evaluate("document.activeElement.closest('#upload') !== null")
    paste(page, " ")
    assert page.locator("#xmr-paste-said").inner_text() == "Paste a link or an id first."
    assert nothing_is_left(folder)
    paste(page, "red_ball")
    page.locator("#xmr-similar[data-state=done]").wait_for()
    assert page.locator("#xmr-paste").get_attribute("aria-invalid") is None


@pytest.mark.ui
def test_chinese(visit, tube):
    page = by_clip(visit, tube, locale="zh-CN")
    paste(page, "https://youtu.be/PRIVATE_ONE")
    page.locator("#xmr-paste-said p", has_text="该视频为私享视频。").wait_for()
    page.locator("[data-language]").click()
    page.locator("#xmr-paste-said p", has_text="This video is private.").wait_for()
    assert page.locator("#xmr-paste").input_value() == "https://youtu.be/PRIVATE_ONE"


@pytest.mark.ui
@pytest.mark.parametrize(
    ("device", "colours"), [pytest.param(DESKTOP, "light", marks=pytest.mark.slow), (PHONE, "dark")]
)
def test_accessible_in_every_state(visit, tube, device, colours):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = by_clip(visit, tube, color_scheme=colours, **device)
    SCREENSHOTS.mkdir(exist_ok=True)
    name = f"{'phone' if device is PHONE else 'desktop'}_{colours}_youtube"

    def check(state):
        found = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        serious = [
            v for v in found.response["violations"] if v["impact"] in ("serious", "critical")
        ]
        assert not [(v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in serious]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.screenshot(path=SCREENSHOTS / f"{name}_{state}.png")

    check("idle")
    paste(page, "SLOW_FILM__")
    page.locator(".xmr-progress[data-stage=downloading] .xmr-size:not(:empty)").wait_for()
    check("downloading")
    paste(page, "https://youtu.be/ROBOT_CHECK")  # takes the place of the one before
    page.locator("#xmr-paste-said button").wait_for()
    check("failed")
    paste(page, "PLAIN_FILM_")
    page.locator("#xmr-similar[data-state=done]").wait_for()
    check("done")


@pytest.mark.ui
@pytest.mark.slow
def test_on_a_space_nothing_is_downloaded(visit, tmp_path, monkeypatch):
    monkeypatch.setenv("SPACE_ID", "someone/something")
    for address in served([SCRIPT, str(tmp_path)], tmp_path):
        page = by_clip(visit, address)
        assert "Downloads from YouTube are off here" in page.locator("#xmr-paste-hint").inner_text()
        paste(page, "KNOWN_VIDEO")
        page.locator("#xmr-similar[data-state=done]").wait_for()
        paste(page, "PLAIN_FILM_")
        page.locator("#xmr-paste-said p", has_text="not in the gallery, and downloads").wait_for()
        page.locator("#xmr-paste-said").get_by_role("button", name="Upload a file instead").click()
        assert page.evaluate("document.activeElement.closest('#upload') !== null")


@pytest.mark.ui
def test_programs_do_not_download(tube, client_of):
    client = client_of(tube)
    answer = client.predict("red_car", 2, api_name="/similar")
    assert len(answer["matches"]) == 2
    with pytest.raises(Exception, match="There is no clip"):
        client.predict("https://youtu.be/PLAIN_FILM_", 2, api_name="/similar")
    assert "paste" not in json.dumps(client.view_api(return_format="dict", print_info=False))
