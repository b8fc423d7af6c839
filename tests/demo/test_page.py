"""What the page does, over an engine that can be slow, broken and hostile (`stand_in.py`)."""

import csv
import io
import json
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest
from pages import PHONE, ROOT, SCREENS, THIS_FILE, UPLOADS, explained

pytestmark = pytest.mark.ui

RED = "?q=a+red+car"  # its first matches: red_car, red_ball, red_fish


def ask(page, query):
    page.locator("#xmr-query").fill(query)
    page.locator("#xmr-query").press("Enter")


def top_caption(page):
    return page.locator("#xmr-search .xmr-caption").first


def test_opens_with_an_answered_and_explained_example(visit, stand_in):
    page = visit(stand_in)
    explained(page)
    assert page.locator("#xmr-search .xmr-card").count() == 10
    examples = json.loads((ROOT / "assets" / "examples.json").read_text("utf-8"))
    assert page.locator("#xmr-query").input_value() == examples["en"][0]
    line = page.locator("#xmr-search .xmr-line")
    assert "10 matches" in line.inner_text()
    assert "scenes-clip · 14 clips · 12 ms" in line.inner_text()
    assert page.locator(".xmr-hit").first.get_attribute("aria-current") is not None
    assert "sigma above the gallery's mean" in page.locator(".xmr-why .xmr-facts").inner_text()


@pytest.mark.parametrize(
    ("query", "found"), [("a blue ball", "A blue ball"), ("黄色的鱼", "A yellow fish")]
)
def test_search_in_both_languages(visit, stand_in, query, found):
    page = visit(stand_in)
    explained(page)
    ask(page, query)
    page.locator(f"#xmr-search .xmr-caption:has-text('{found}')").first.wait_for()
    assert found in top_caption(page).inner_text()
    assert page.evaluate("new URLSearchParams(location.search).get('q')") == query


def test_chinese_interface(visit, stand_in):
    page = visit(stand_in + RED, locale="zh-CN")
    explained(page)
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert "10 个结果" in page.locator("#xmr-search h2").inner_text()
    assert top_caption(page).inner_text().startswith("一个红色的")
    page.locator("[data-language]").click()
    page.get_by_role("heading", name="10 matches").wait_for()
    assert page.locator("html").get_attribute("lang") == "en"
    assert "l=en" in page.url


def test_keyboard_alone(visit, stand_in):
    page = visit(stand_in + RED)
    explained(page)
    page.locator("#xmr-query").focus()
    page.keyboard.type("x")
    for _ in range(30):  # Tab until the first card has the keyboard.
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('xmr-hit')"):
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.locator(".xmr-why header p", has_text="A red ball").wait_for()
    assert page.evaluate("document.activeElement.getAttribute('aria-current')") is not None
    explained(page)
    page.locator(".xmr-strip button[tabindex='0']").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert page.locator(".xmr-why").get_attribute("data-frame") == "1"


def test_link_reproduces_the_view(visit, stand_in):
    page = visit(stand_in)
    explained(page)
    ask(page, "a green fish")
    page.locator("#xmr-search .xmr-caption:has-text('A green fish')").first.wait_for()
    page.locator("#xmr-search .xmr-hit").nth(2).click()
    caption = page.locator("#xmr-search .xmr-caption").nth(2).inner_text()
    explained(page)
    assert "v=" in page.url and "m=scenes-clip" in page.url
    other = visit(page.url + "&l=zh")
    explained(other)
    assert other.locator("#xmr-query").input_value() == "a green fish"
    assert other.locator("html").get_attribute("lang") == "zh-CN"
    assert other.locator(".xmr-hit").nth(2).get_attribute("aria-current") is not None
    other.locator("[data-language]").click()
    assert other.locator(".xmr-why header p").inner_text() == caption


HOSTILE = [
    "<img src=x onerror=document.title='owned'>",
    "${document.title='owned'}",
    "{{constructor.constructor('document.title=1')()}}",
    "`${1}` \\u0041 \\x41 ' \" </script>",
    "🎈🚗 \u202e red",
]


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_queries_stay_text(visit, stand_in, query):
    page = visit(stand_in)
    explained(page)
    ask(page, query)
    page.wait_for_function("q => new URLSearchParams(location.search).get('q') === q", arg=query)
    explained(page)
    assert page.title() == "Cross-modal video search"
    assert page.locator("#xmr-search .xmr-card").count() == 10
    words = page.locator(".xmr-words").inner_text()
    assert query[0].lower() in words.lower()


def test_hostile_captions_stay_text_and_links_are_shown(visit, stand_in):
    page = visit(stand_in + "?q=onerror&v=hostile")
    explained(page)
    page.locator(".xmr-why header p", has_text="<img src=x onerror").wait_for()
    assert page.title() == "Cross-modal video search"
    link = page.locator(".xmr-why footer a")
    assert link.get_attribute("href") == "https://x.test/"
    assert "noopener" in link.get_attribute("rel")


def test_a_query_of_5000_characters(visit, stand_in):
    page = visit(stand_in)
    explained(page)
    page.evaluate("document.querySelector('#xmr-query').value = 'a'.repeat(5000)")
    page.locator(".xmr-go").click()
    page.get_by_text("The query has 5000 characters").wait_for()
    page.locator("#xmr-search[data-state=failed]").wait_for()
    page.get_by_role("button", name="Try again").wait_for()


def test_an_empty_query_says_so(visit, stand_in):
    page = visit(stand_in)
    explained(page)
    ask(page, "   ")
    assert "Write a sentence first" in page.locator("#xmr-problem").inner_text()
    assert page.locator("#xmr-search .xmr-card").count() == 10


def test_an_unknown_word_is_named(visit, stand_in):
    page = visit(stand_in + "?q=a+red+giraffe")
    explained(page)
    assert "“giraffe” is not a word this small model knows" in page.inner_text(".xmr-unknown")
    assert "unknown" in page.locator(".xmr-words button", has_text="giraffe").inner_text()


def test_unexpected_errors_tell_nothing_of_the_machine(visit, stand_in):
    page = visit(stand_in)
    explained(page)
    ask(page, "crash")
    page.locator("#xmr-search[data-state=failed]").wait_for()
    assert "/secret" not in page.content()


def test_explanation_switches_words_and_frames(visit, stand_in):
    page = visit(stand_in + RED)
    explained(page)
    why = page.locator(".xmr-why")
    assert "Where it looked (Grad-ECLIP)" in why.inner_text()
    chip = why.locator(".xmr-words button").nth(2)
    assert chip.inner_text().replace("\n", " ").split()[1][0] in "+−±"
    before = why.locator(".xmr-stage canvas").evaluate("c => c.toDataURL()")
    chip.click()
    assert chip.get_attribute("aria-pressed") == "true" and why.get_attribute("data-word") == "2"
    why.locator(".xmr-strip button").nth(7).click()
    assert why.get_attribute("data-frame") == "7"
    assert why.locator(".xmr-stage canvas").evaluate("c => c.toDataURL()") != before
    page.wait_for_function("document.querySelector('.xmr-stage video').currentTime > 1.5")
    why.locator(".xmr-table td[data-word='1'][data-frame='3']").click()
    assert (why.get_attribute("data-word"), why.get_attribute("data-frame")) == ("1", "3")
    page.get_by_label("Show numbers").check()
    assert why.locator(".xmr-number").first.is_visible()
    slider = why.get_by_label("Overlay")
    strong = why.locator(".xmr-stage canvas").evaluate("c => c.toDataURL()")
    slider.fill("0.1")
    assert why.locator(".xmr-stage canvas").evaluate("c => c.toDataURL()") != strong


def test_overlay_follows_the_film(visit, stand_in):
    page = visit(stand_in + RED)
    explained(page)
    page.locator(".xmr-strip button").first.click()
    page.locator(".xmr-play").click()
    page.wait_for_function("Number(document.querySelector('.xmr-why').dataset.frame) >= 3")
    page.locator(".xmr-play[aria-label='Pause']").click()


def test_a_match_without_file_or_maps(visit, stand_in):
    page = visit(stand_in + "?q=lost+film&v=gone")
    explained(page)
    assert "No map of where it looked" in page.locator(".xmr-why").inner_text()
    assert "A lost film." in page.locator(".xmr-stored").inner_text()


def test_previews_load_on_hover_only_and_respect_calm(visit, stand_in):
    page = visit(stand_in)
    explained(page)
    card = page.locator("#xmr-search .xmr-card").nth(3)
    assert card.locator("video").get_attribute("src") is None
    card.hover()
    card.locator("video.on").wait_for()
    calm = visit(stand_in, reduced_motion="reduce")
    explained(calm)
    card = calm.locator("#xmr-search .xmr-card").nth(3)
    card.hover()
    calm.wait_for_timeout(400)
    assert card.locator("video").get_attribute("src") is None


def test_downloads(visit, stand_in):
    page = visit(stand_in + "?q=onerror", accept_downloads=True)
    explained(page)
    with page.expect_download() as waiting:
        page.get_by_label("Results as JSON").click()
    answer = json.loads(waiting.value.path().read_text("utf-8"))
    assert answer["query"] == "onerror" and len(answer["matches"]) == 10
    with page.expect_download() as waiting:
        page.get_by_label("Results as CSV").click()
    assert waiting.value.suggested_filename == "matches.csv"
    text = waiting.value.path().read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["id"] for row in rows] == [match["id"] for match in answer["matches"]]


def test_copy_link(visit, stand_in):
    page = visit(stand_in, permissions=["clipboard-read", "clipboard-write"])
    explained(page)
    page.get_by_role("button", name="Copy link").click()
    page.get_by_role("button", name="Link copied").wait_for()
    query = page.locator("#xmr-query").input_value()
    link = page.evaluate("navigator.clipboard.readText()")
    assert "q=" not in page.url  # the opening example is not in the address, but in the link it is
    assert parse_qs(urlsplit(link).query)["q"] == [query]


def test_cancel_and_late_answers(visit, stand_in):
    page = visit(stand_in)
    explained(page)
    ask(page, "slow red")
    page.get_by_role("button", name="Cancel").click()
    page.locator("#xmr-search[data-state=cancelled]").wait_for()
    ask(page, "a blue fish")
    page.locator("#xmr-search .xmr-caption:has-text('A blue fish')").first.wait_for()
    page.wait_for_timeout(4000)  # The cancelled answer would arrive now.
    assert "A blue fish" in top_caption(page).inner_text()


def test_of_requests_in_a_row_the_last_one_counts(visit, stand_in):
    page = visit(stand_in)
    explained(page)
    sent = []
    page.on("request", lambda request: "queue/join" in request.url and sent.append(request))
    ask(page, "slow red")
    page.wait_for_timeout(500)  # The first one is on its way now.
    ask(page, "a green ball")
    ask(page, "a blue fish")
    page.locator("#xmr-search .xmr-caption:has-text('A blue fish')").first.wait_for()
    explained(page)
    queries = [request.post_data_json["event_data"].get("query") for request in sent]
    assert queries == ["slow red", "a blue fish", "a blue fish"]  # two searches, one reason


def test_two_visitors_at_once(visit, stand_in):
    one, two = visit(stand_in), visit(stand_in)
    explained(one)
    explained(two)
    for page, query in ((one, "a blue fish"), (two, "a yellow ball")):
        ask(page, query)
    one.locator("#xmr-search .xmr-caption:has-text('A blue fish')").first.wait_for()
    two.locator("#xmr-search .xmr-caption:has-text('A yellow ball')").first.wait_for()
    for page, query, other in (
        (one, "blue fish", "yellow ball"),
        (two, "yellow ball", "blue fish"),
    ):
        explained(page)
        assert query in top_caption(page).inner_text()
        assert query in page.locator(".xmr-why header p").inner_text()
        assert other not in page.url.replace("+", " ")
        assert query in page.locator("#xmr-query").input_value()


def test_search_by_a_gallery_clip(visit, stand_in):
    page = visit(stand_in + RED)
    explained(page)
    page.locator("#xmr-search .xmr-card").nth(1).get_by_label("More like this").click()
    page.locator("#xmr-similar[data-state=done]").wait_for()
    assert page.locator("#xmr-similar .xmr-card").count() == 10
    assert page.locator(".xmr-captions li").count() == 10
    assert "c=red_ball" in page.url
    other = visit(page.url)
    other.locator("#xmr-similar[data-state=done]").wait_for()
    assert "red ball" in other.locator(".xmr-source").inner_text()
    caption = page.locator(".xmr-captions button").first
    wanted = caption.locator("span[lang]").inner_text()
    caption.click()
    page.locator("#xmr-search[data-state=done]").wait_for()
    assert page.locator("#xmr-query").input_value() == wanted


def test_pick_by_chance(visit, stand_in):
    page = visit(stand_in)
    page.get_by_role("tab", name="By clip").click()
    page.locator(".xmr-shelf li").nth(5).wait_for()
    page.get_by_role("button", name="Random clip").click()
    page.locator("#xmr-similar[data-state=done]").wait_for()
    assert "c=" in page.url


def test_upload(visit, stand_in, tmp_path):
    page = visit(stand_in)
    page.get_by_role("tab", name="By clip").click()
    with urllib.request.urlopen(stand_in + "clip/scenes/red_car") as response:
        (tmp_path / "mine.mp4").write_bytes(response.read())
    page.locator("#upload input[type=file]").set_input_files(tmp_path / "mine.mp4")
    page.locator(".xmr-progress").wait_for()
    page.locator("#xmr-similar[data-state=done]").wait_for()
    assert "mine.mp4" in page.locator(".xmr-source").inner_text()
    assert page.locator(".xmr-captions li").count() == 10
    assert UPLOADS not in page.content()
    assert "c=" not in page.url


def test_cancel_an_upload(visit, stand_in, tmp_path):
    page = visit(stand_in)
    page.get_by_role("tab", name="By clip").click()
    (tmp_path / "mine.mp4").write_bytes(b"0" * 5000)
    page.locator("#upload input[type=file]").set_input_files(tmp_path / "mine.mp4")
    page.locator(".xmr-progress").get_by_role("button", name="Cancel").click()
    page.locator("#xmr-similar[data-state=idle]").wait_for()
    page.wait_for_timeout(3500)
    assert page.locator(".xmr-captions").count() == 0


def test_a_broken_upload_is_a_sentence(visit, stand_in, tmp_path):
    page = visit(stand_in)
    page.get_by_role("tab", name="By clip").click()
    (tmp_path / "broken.mp4").write_bytes(b"not a video")
    page.locator("#upload input[type=file]").set_input_files(tmp_path / "broken.mp4")
    page.get_by_text("broken.mp4 is not a video that can be read.").wait_for()
    page.locator("#xmr-similar[data-state=failed]").wait_for()
    assert UPLOADS not in page.content()


def test_sheet_on_phones(visit, stand_in):
    page = visit(stand_in, **PHONE)
    explained(page)
    sheet = page.locator(".xmr-why")
    assert not sheet.is_visible()
    page.locator(".xmr-hit").nth(1).click()
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    page.wait_for_function("document.activeElement.classList.contains('xmr-close')")
    explained(page)
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("!!document.activeElement.closest('.xmr-why')")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.classList.contains('xmr-close')")
    page.keyboard.press("Escape")
    page.wait_for_function("!document.querySelector('.xmr-why').classList.contains('open')")
    assert page.evaluate("document.activeElement.classList.contains('xmr-hit')")


@SCREENS
def test_accessible_and_within_the_page(visit, stand_in, device, colours):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = visit(stand_in + "?q=a+red+giraffe", color_scheme=colours, **device)

    def check():
        found = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        serious = [
            v for v in found.response["violations"] if v["impact"] in ("serious", "critical")
        ]
        assert not [(v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in serious]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    explained(page)
    check()
    page.locator(".xmr-hit").nth(1).click()
    explained(page)
    page.wait_for_timeout(400)
    page.get_by_label("Show numbers").check()
    check()
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="By clip").click()
    page.locator(".xmr-shelf li").nth(5).wait_for()
    check()
    page.locator(".xmr-shelf button").first.click()
    page.locator("#xmr-similar[data-state=done]").wait_for()
    check()


def test_media_is_served_by_id_only(stand_in):
    ranged = urllib.request.Request(
        stand_in + "clip/scenes/red_car", headers={"Range": "bytes=0-99"}
    )
    with urllib.request.urlopen(ranged) as response:
        assert response.status == 206 and len(response.read()) == 100
        assert response.headers["Content-Type"] == "video/mp4"
    with urllib.request.urlopen(stand_in + "poster/scenes/red_car") as response:
        assert response.headers["Content-Type"] == "image/webp"
    for path in (
        "clip/scenes/nothing",
        "clip/nowhere/red_car",
        "clip/films/red_car",
        "clip/scenes/..%2f..%2fapp.py",
        "poster/scenes/gone",
        "still/films/video7000/3",
        "still/scenes/red_car/0",
        "gradio_api/file=app.py",
    ):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(stand_in + path)
        assert refused.value.code in (403, 404)


def test_public_api(stand_in, client_of, tmp_path):
    client = client_of(stand_in)
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(endpoints) == {"/search", "/similar", "/describe", "/explain"}
    answer = client.predict("a red car", 3, api_name="/search")
    assert [match["rank"] for match in answer["matches"]] == [1, 2, 3]
    why = client.predict("a red car", answer["matches"][0]["id"], api_name="/explain")
    assert [word["text"] for word in why["words"]] == ["a", "red", "car"]
    assert client.predict("red_car", 2, api_name="/describe")["captions"][0]["id"]
    (tmp_path / "mine.mp4").write_bytes(b"0" * 5000)
    file = pytest.importorskip("gradio_client").handle_file(str(tmp_path / "mine.mp4"))
    assert client.predict(file, 2, api_name="/similar")["query"] == "mine.mp4"


@pytest.mark.parametrize("marked", [None, {"_type": "gradio.FileData"}], ids=["plain", "marked"])
@pytest.mark.parametrize("kind", ["text", "file"])
def test_public_api_opens_no_path_of_the_server(stand_in, kind, marked):
    path = str(THIS_FILE)  # readable, on the server, and nobody's upload
    video = path if kind == "text" else {"path": path, "meta": marked}
    call = urllib.request.Request(
        stand_in + "gradio_api/call/similar",
        data=json.dumps({"data": [video, 2]}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(call) as response:
        event = json.load(response)["event_id"]
    with urllib.request.urlopen(f"{stand_in}gradio_api/call/similar/{event}") as stream:
        answer = stream.read().decode()
    assert "event: error" in answer and "matches" not in answer
