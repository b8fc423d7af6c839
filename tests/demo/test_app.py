"""The page as visitors get it: `python app.py`, the bundled model, the bundled clips."""

from itertools import product

import pytest
from pages import DESKTOP, PHONE, SCREENSHOTS, UPLOADS, explained

from xmr_core.checkpoints import bundled_checkpoints

pytestmark = pytest.mark.ui

# One of the first five captions must name the thing; the model is small, so only its sure cases.
SEARCHES = [("a big pink octopus underwater", "octopus"), ("一条橙色的鱼在水下游动", "鱼")]


@pytest.mark.parametrize(("query", "thing"), SEARCHES, ids=["en", "zh"])
def test_search_and_explanation(visit, app, query, thing):
    page = visit(f"{app}?q={query}&l={'en' if query.isascii() else 'zh'}")
    explained(page)
    captions = page.locator("#xmr-search .xmr-caption").all_inner_texts()
    assert len(captions) == 10
    assert any(thing in caption for caption in captions[:5])
    why = page.locator(".xmr-why")
    assert "Grad-ECLIP" in why.inner_text()
    assert why.locator(".xmr-words button").count() >= 3
    page.locator(".xmr-hit").nth(4).click()
    page.wait_for_function("location.search.includes('v=')")
    explained(page)


def test_the_first_card_is_served_and_plays(visit, app):
    page = visit(app)
    explained(page)
    page.wait_for_function(
        "[...document.querySelectorAll('#xmr-search img')].every(i => i.complete && i.naturalWidth)"
    )
    card = page.locator("#xmr-search .xmr-card").first
    card.hover()
    card.locator("video.on").wait_for()


def test_an_unknown_word(visit, app):
    page = visit(app + "?q=a+red+car+and+a+giraffe")
    explained(page)
    assert "giraffe" in page.locator(".xmr-unknown").inner_text()


def test_all_methods_answer_one_query(visit, app):
    page = visit(app + "?tab=compare&q=一辆红色的汽车")
    page.locator("#xmr-compare[data-state=done]").wait_for(timeout=120_000)
    page.locator("#xmr-inspect[data-state=done]").wait_for()
    reading = [card for card in bundled_checkpoints() if "zh" in card.languages]
    columns = page.locator(".xmr-column:has(.xmr-row)")
    shown = columns.evaluate_all("all => all.map(one => one.dataset.id)")
    assert sorted(shown) == sorted(card.id for card in reading)
    assert page.locator(".xmr-row").count() == 10 * len(reading)
    hashing = [card.id for card in reading if card.bits]
    assert page.locator(".xmr-hash").count() == len(hashing)


def test_upload_of_a_real_clip(visit, app, shared):
    page = visit(app)
    page.get_by_role("tab", name="By clip").click()
    page.locator("#upload input[type=file]").set_input_files(
        shared("data/msrvtt/clips/video1781.mp4")
    )
    page.locator("#xmr-similar[data-state=done]").wait_for()
    assert page.locator("#xmr-similar .xmr-card").count() == 10
    assert page.locator(".xmr-captions li").count() == 10
    assert UPLOADS not in page.content()


def test_a_broken_upload(visit, app, tmp_path):
    page = visit(app)
    page.get_by_role("tab", name="By clip").click()
    (tmp_path / "broken.mp4").write_bytes(b"\0" * 4096)
    page.locator("#upload input[type=file]").set_input_files(tmp_path / "broken.mp4")
    page.locator("#xmr-similar[data-state=failed]").wait_for()
    assert "broken.mp4" in page.locator("[data-testid='toast-body']").inner_text()
    assert UPLOADS not in page.content()


def test_public_api(app, client_of):
    client = client_of(app)
    answer = client.predict("a red car drives to the left", api_name="/search")
    assert len(answer["matches"]) == 10 and answer["checkpoint"] == "scenes-clip"
    scores = [match["score"] for match in answer["matches"]]
    assert scores == sorted(scores, reverse=True)
    best = answer["matches"][0]["id"]
    why = client.predict(answer["query"], best, api_name="/explain")
    assert why["id"] == best and len(why["word_frame"]) == len(why["words"])
    assert best not in [m["id"] for m in client.predict(best, api_name="/similar")["matches"]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("device", "colours"), list(product(["desktop", "phone"], ["light", "dark"]))
)
def test_screenshots(visit, app, device, colours):
    """Pictures to look at, in screenshots/; only their making is tested."""
    SCREENSHOTS.mkdir(exist_ok=True)
    options = {"desktop": DESKTOP, "phone": PHONE}[device]
    page = visit(app, color_scheme=colours, **options)

    def shoot(name):
        page.wait_for_timeout(700)  # thumbnails and sliding sheets
        page.screenshot(path=SCREENSHOTS / f"{device}_{colours}_{name}.png")

    explained(page)
    shoot("search")
    page.locator(".xmr-hit").nth(1).click()
    explained(page)
    shoot("why")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="By clip").click()
    page.locator(".xmr-shelf button").first.click()
    page.locator("#xmr-similar[data-state=done]").wait_for()
    shoot("clip")
    page.get_by_role("tab", name="Compare").click()
    page.locator("#xmr-pairs[data-state=done]").wait_for(timeout=120_000)
    shoot("compare")
    page.get_by_role("tab", name="Metrics").click()
    page.locator("#xmr-metrics[data-state=done]").wait_for(timeout=120_000)
    shoot("metrics")
