"""Own videos in the page: a folder of the operator, and what a visitor brings."""

import os
import shutil
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from pages import BUNDLED, ROOT, served
from PIL import Image

pytestmark = pytest.mark.ui

CLIPS = ROOT / "assets" / "scenes" / "clips"


@pytest.fixture(scope="module")
def media(tmp_path_factory) -> Path:
    for path in BUNDLED:
        if not path.exists():
            pytest.skip(f"needs the bundled model: {path.relative_to(ROOT)} is not here")
    media = tmp_path_factory.mktemp("media") / "holiday"
    (media / "sea").mkdir(parents=True)
    for number in range(3):
        shutil.copy(CLIPS / f"scene{number:04d}.mp4", media / "sea")
    (media / "broken.mp4").write_bytes(b"no video")
    for path in media.rglob("*.mp4"):
        os.utime(path, (1.6e9, 1.6e9))
    return media


@pytest.fixture(scope="module")
def own_app(media, tmp_path_factory):
    folder = tmp_path_factory.mktemp("own_app")
    yield from served(
        [str(ROOT / "app.py"), "--folder", str(media), "--state", str(folder / "state")], folder
    )


def state_of(page, selector):
    return page.locator(selector).get_attribute("data-stage")


def test_a_folder_is_indexed_searched_and_updated(visit, own_app, media):
    page = visit(own_app + "?tab=own")
    card = page.locator("[data-folder=holiday]")
    page.locator("[data-folder=holiday][data-stage=done]").wait_for(timeout=120_000)
    assert "3 clips to search" in card.inner_text()
    assert "1 files could not be read" in card.inner_text()
    assert "4 added" in card.inner_text()
    assert str(media.parent) not in page.content()

    card.get_by_role("button", name="Search them").click()
    page.locator(".xmr-gallery button", has_text="holiday").wait_for()
    page.locator("#xmr-search[data-state=done] .xmr-facts", has_text="3 clips").wait_for()
    assert page.locator("#xmr-search .xmr-card").count() == 3
    page.locator(".xmr-why[data-state=done]").wait_for(state="attached")
    assert "g=holiday" in page.url

    shutil.copy(CLIPS / "scene0003.mp4", media / "new.mp4")
    page.locator("#xmr-tab-own").click()
    page.wait_for_timeout(10_500)  # an update has its least pause
    card.get_by_role("button", name="Update").click()
    page.locator("[data-folder=holiday][data-stage=done]", has_text="1 added").wait_for()
    assert "4 clips to search" in card.inner_text()
    page.locator("[data-language]").click()
    page.get_by_text("可检索 4 段视频").wait_for()


def test_a_link_opens_a_folder_that_came_after_the_page(visit, own_app):
    visit(own_app + "?tab=own").locator("[data-folder=holiday][data-stage=done]").wait_for(
        timeout=120_000
    )
    page = visit(own_app + "?g=holiday&q=a+red+house")
    page.locator(".xmr-gallery button", has_text="holiday").wait_for()
    page.locator("#xmr-search[data-state=done]").wait_for(state="attached")
    page.locator(".xmr-why[data-state=done]").wait_for(state="attached")
    assert "g=holiday" in page.url and "q=a+red+house" in page.url


def test_what_a_visitor_brings_is_searched_and_nobody_else_finds_it(visit, own_app, tmp_path):
    page = visit(own_app + "?tab=own")
    Image.new("RGB", (64, 48), "red").save(tmp_path / "red sun.png")
    shutil.copy(CLIPS / "scene0005.mp4", tmp_path / "mine.mp4")
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    page.locator("#own-upload input[type=file]").set_input_files(
        [str(tmp_path / name) for name in ("red sun.png", "mine.mp4", "broken.mp4")]
    )
    page.locator(".xmr-own-visit[data-stage=done]").wait_for(timeout=60_000)
    visit_card = page.locator(".xmr-own-visit")
    assert "2 clips to search" in visit_card.inner_text()
    assert "broken.mp4: it is not a video" in visit_card.inner_text()

    visit_card.get_by_role("button", name="Search them").click()
    page.locator("#xmr-search[data-state=done] .xmr-facts", has_text="2 clips").wait_for()
    page.locator(".xmr-why[data-state=done]").wait_for(state="attached")
    assert "g=" not in page.url  # the address would be the key
    token = page.evaluate("window.XMR.state.gallery")
    assert len(token) == 32
    media = f"{own_app}clip/{token}/mine"
    with urllib.request.urlopen(media) as answer:
        assert answer.headers["content-type"] == "video/mp4"

    other = visit(own_app + f"?tab=own&g={'0' * 32}")
    other.locator(".xmr-own-visit").wait_for()
    assert "clips to search" not in other.locator(".xmr-own-visit").inner_text()
    assert token not in other.content()
    assert other.evaluate("window.XMR.facts.galleries.map((one) => one.id)") == [
        "scenes",
        "holiday",
    ]

    page.locator("#xmr-tab-own").click()
    visit_card.get_by_role("button", name="Delete them").click()
    page.locator(".xmr-own-visit[data-stage=idle]").wait_for()
    assert page.evaluate("window.XMR.state.gallery") == "scenes"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(media)
