"""Several galleries, clips whose videos lie elsewhere, and filters, in the browser."""

import pytest
from pages import DESKTOP, SCREENS, explained
from stand_in_galleries import BARE, FOREIGN, GONE, SCRIPT, films, holidays

pytestmark = pytest.mark.ui

FILMS = "?g=films&q=a+man+plays+the+guitar"
OWN = "?g=holidays&q=a+blue+fish"
YOUTUBE = "https://www.youtube-nocookie.com/"


def shown(page, place="search"):
    return page.locator(f"#xmr-{place} .xmr-card").evaluate_all(
        "all => all.map(one => one.dataset.id)"
    )


def choose_gallery(page, name):
    page.locator(".xmr-gallery .xmr-picked").click()
    page.locator(f".xmr-gallery [role=option][data-id={name}]").click()


def picture_loaded(page, selector):
    page.wait_for_function(
        "s => { const all = [...document.querySelectorAll(s)];"
        " return all.length && all.every(one => one.complete && one.naturalWidth); }",
        arg=selector,
    )


def test_choice_of_a_gallery(visit, stand_in):
    page = visit(stand_in)
    explained(page)
    button = page.locator(".xmr-gallery .xmr-picked")
    assert "scenes" in button.inner_text() and "14 clips" in button.inner_text()
    button.press("ArrowDown")
    options = page.get_by_role("option")
    assert [text.split("\n")[0] for text in options.all_inner_texts()] == [
        "scenes", "films", "holidays",
    ]  # fmt: skip
    assert "18 clips · features by scenes-clip" in options.nth(1).inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("#xmr-search .xmr-card[data-id=video7000]").wait_for()
    explained(page)
    assert "g=films" in page.url and button.evaluate("one => one === document.activeElement")
    assert page.locator("#xmr-query").input_value() == "a man plays the guitar on a stage"
    assert all(clip.startswith("video70") for clip in shown(page))
    page.locator("#bar .xmr-picked").click()
    methods = page.locator("#bar .xmr-picker [role=option] b").all_inner_texts()
    assert methods == ["scenes-clip", "scenes-cmfh-64"]
    page.keyboard.press("Escape")
    other = visit(page.url)
    explained(other)
    assert shown(other) == shown(page)


def test_another_gallery_keeps_the_sentence_and_forgets_the_rest(visit, stand_in):
    page = visit(stand_in + "?q=a+red+car&m=scenes-cmfh-16&v=red_ball")
    explained(page)
    choose_gallery(page, "films")
    page.locator("#xmr-search .xmr-card[data-id=video7005]").wait_for()
    explained(page)
    assert page.locator("#xmr-query").input_value() == "a red car"
    assert "m=scenes-clip" in page.url and "v=" not in page.url
    choose_gallery(page, "scenes")
    page.locator("#xmr-search .xmr-card[data-id=red_car]").wait_for()
    assert "g=" not in page.url


def test_all_views_follow_the_gallery(visit, stand_in):
    page = visit(stand_in + "?tab=clip")
    page.locator(".xmr-shelf li").nth(5).wait_for()
    choose_gallery(page, "films")
    page.locator(".xmr-shelf .xmr-triptych").first.wait_for()
    page.locator("#xmr-paste").fill("video7001")
    page.locator("#xmr-paste").press("Enter")
    page.locator("#xmr-similar[data-state=done]").wait_for()
    assert len(shown(page, "similar")) == 10
    page.get_by_role("tab", name="Compare").click()
    page.locator("#xmr-inspect[data-state=done]").wait_for()
    assert page.locator(".xmr-column").count() == 2
    assert page.locator(".xmr-inspect .xmr-mosaic").is_visible()
    assert page.locator(".xmr-pairs *").count() == 0  # its clips have English captions alone
    page.get_by_role("tab", name="Metrics").click()
    page.locator("#xmr-metrics[data-state=done]").wait_for()
    assert page.locator(".xmr-metrics-table tbody tr").count() == 2
    assert "over 18 clips" in page.locator(".xmr-timing").inner_text()
    assert "measured on scenes test, not on the gallery films" in page.inner_text(".xmr-elsewhere")
    choose_gallery(page, "scenes")
    page.locator(".xmr-timing", has_text="over 14 clips").wait_for()
    assert page.locator(".xmr-elsewhere").count() == 0
    page.get_by_role("tab", name="Compare").click()
    page.locator(".xmr-column").nth(5).wait_for()
    page.locator("#xmr-pairs[data-state=done]").wait_for()


def test_a_card_of_stored_frames(visit, stand_in):
    page = visit(stand_in + FILMS)
    explained(page)
    card = page.locator(".xmr-card[data-id=video7000]")
    picture_loaded(page, ".xmr-card[data-id=video7000] img")
    assert card.locator("img").count() == 3 and card.locator("video").count() == 0
    assert card.locator(".xmr-time").inner_text() == "1:10–1:22"  # of the source, not of a file
    assert card.locator(".xmr-tag").inner_text() == "music"
    link = card.locator("a.xmr-tool")
    assert link.get_attribute("href") == "https://www.youtube.com/watch?v=man___00000&t=70s"
    card.hover()
    card.locator(".stepping img.on[data-n='1']").wait_for()
    page.locator("#xmr-query").hover()
    card.locator(".xmr-triptych:not(.stepping)").wait_for()
    calm = visit(stand_in + FILMS, reduced_motion="reduce")
    explained(calm)
    calm.locator(".xmr-card[data-id=video7000]").hover()
    calm.wait_for_timeout(300)
    assert calm.locator(".stepping").count() == 0


def test_reasons_without_a_video(visit, stand_in):
    page = visit(stand_in + FILMS)
    explained(page)
    why = page.locator(".xmr-why")
    assert "the reasons below come from stored features" in why.inner_text()
    assert why.locator("canvas[role=img]").count() == 0
    why.locator(".xmr-strip button").last.click()
    assert why.locator(".xmr-mosaic .front").get_attribute("aria-label") == "Stored frame 3 of 3"
    why.locator(".xmr-mosaic button").first.click()
    assert why.locator(".xmr-mosaic .front").get_attribute("aria-label") == "Stored frame 1 of 3"
    why.get_by_text("All 20 captions").click()
    assert why.locator(".xmr-all-captions li").count() == 20
    why.locator(".xmr-all-captions button").nth(1).click()
    page.wait_for_function("document.querySelector('#xmr-query').value === 'a guitarist performs'")
    assert why.locator("a[href*='watch?v=man___00000&t=70s']").inner_text() == "YouTube at 1:10"


def test_nothing_is_asked_of_youtube_before_the_click(browser, stand_in):
    context = browser.new_context(**DESKTOP, locale="en-US")
    page = context.new_page()
    asked = []

    def answer(route):
        asked.append(route.request)
        route.fulfill(status=200, content_type="text/html", body="<title>player</title>")

    page.route(lambda url: not url.startswith((stand_in, "data:", "blob:")), answer)
    page.goto(stand_in + FILMS)
    explained(page)
    page.locator(".xmr-card").first.hover()
    page.wait_for_timeout(500)
    assert not asked
    page.get_by_role("button", name="Play from YouTube").click()
    frame = page.locator("iframe.xmr-player")
    frame.wait_for()
    page.wait_for_timeout(300)
    assert [request.url.split("?")[0] for request in asked] == [f"{YOUTUBE}embed/man___00000"]
    assert "start=70" in asked[0].url and "end=83" in asked[0].url
    assert asked[0].headers["referer"] == stand_in  # no address with somebody's query
    assert frame.get_attribute("referrerpolicy") == "strict-origin-when-cross-origin"
    sandbox = frame.get_attribute("sandbox")
    assert "allow-top-navigation" not in sandbox and "allow-forms" not in sandbox
    assert "a man plays the guitar" in frame.get_attribute("title")
    page.get_by_role("button", name="Back to the frames").click()
    assert page.locator("iframe").count() == 0
    context.close()


@pytest.mark.parametrize("clip_id", [GONE, FOREIGN, SCRIPT])
def test_only_living_youtube_is_played(visit, stand_in, clip_id):
    page = visit(f"{stand_in}{FILMS}&v={clip_id}")
    explained(page)
    why = page.locator(".xmr-why")
    assert why.locator(".xmr-embed").count() == 0
    links = why.locator("footer a").evaluate_all("all => all.map(one => one.href)")
    assert page.title() == "Cross-modal video search"
    if clip_id == GONE:
        assert "source gone" in why.inner_text()
        assert links == ["https://www.youtube.com/watch?v=dog___00003&t=100s"]
    elif clip_id == FOREIGN:
        assert links == ["https://www.youtube.com.evil.test/watch?v=car________"]
    else:
        assert links == []


def test_a_clip_of_words_alone(visit, stand_in):
    page = visit(f"{stand_in}?g=films&q=a+band+sings&v={BARE}", locale="zh-CN")
    explained(page)
    card = page.locator(f".xmr-card[data-id={BARE}]")
    assert card.locator(".xmr-words-text").inner_text() == "a band sings in front of a crowd"
    assert card.locator("img").count() == 0 and BARE in card.inner_text()
    assert "此处仅存储特征" in page.locator(".xmr-stored-note").inner_text()
    assert "没有关注区域" in page.locator(".xmr-why").inner_text()
    page.locator(".xmr-card .xmr-tag", has_text="来源已失效").wait_for()


def test_filters_that_a_gallery_has(visit, stand_in):
    page = visit(stand_in + OWN)
    explained(page)
    first = shown(page)
    assert not {"blue_fish_0", "blue_fish_1"} & set(first)  # duplicates are hidden
    page.locator("#bar .xmr-filter-button").click()
    sheet = page.locator("#xmr-filters-bar")
    names = sheet.locator("label[for], legend").all_inner_texts()
    assert names == ["Folder", "Length in seconds", "File date"]
    sheet.get_by_label("Show duplicates").check()
    page.locator("#xmr-search .xmr-card[data-id=blue_fish_0]").wait_for()
    tag = page.locator(".xmr-card[data-id=blue_fish_0] .xmr-tag")
    assert tag.inner_text() == "duplicate"
    assert tag.get_attribute("title") == "The same content as red_car_0"
    sheet.get_by_label("Folder").select_option("2024/city")
    page.locator("#xmr-search h2", has_text="4 matches").wait_for()
    assert all(clip.startswith(("blue_ball", "red_ball")) for clip in shown(page)), shown(page)
    sheet.get_by_label("Folder").select_option("2024")
    page.locator("#xmr-search h2", has_text="8 matches").wait_for()
    sheet.get_by_label("Seconds, at least").fill("2.5")
    sheet.get_by_label("Seconds, at least").press("Enter")
    page.locator("#xmr-search h2", has_text="4 matches").wait_for()
    where = {"folder": "2024", "longer": "2.5", "duplicates": "1"}
    asked = page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")
    assert where.items() <= asked.items()
    assert page.locator(".xmr-filter-count").first.inner_text() == "3"
    explained(page)
    other = visit(page.url + "&l=zh")
    explained(other)
    assert shown(other) == shown(page)
    assert other.locator("#bar .xmr-filter-chip").count() == 3
    other.locator("#bar .xmr-filter-chip[data-filter=longer]").click()
    other.locator("#xmr-search h2", has_text="8 个结果").wait_for()
    assert "longer=" not in other.url


def test_filters_that_let_nothing_through(visit, stand_in):
    page = visit(stand_in + OWN + "&since=2040-01-01&folder=<b>none</b>")
    page.locator("#xmr-search[data-state=empty]").wait_for()
    assert "No clip passes the filters" in page.locator("#xmr-search").inner_text()
    assert "<b>none</b>" in page.locator("#bar .xmr-filter-chips").inner_text()
    page.get_by_role("tab", name="Compare").click()
    page.locator("#xmr-compare[data-state=filter_none]").wait_for()
    page.get_by_role("tab", name="Search").click()
    page.locator("#xmr-search").get_by_role("button", name="Clear all").click()
    explained(page)
    assert len(shown(page)) == 10 and "since=" not in page.url


def test_filters_of_categories_hold_in_every_view(visit, stand_in):
    page = visit(stand_in + FILMS)
    explained(page)
    page.locator("#bar .xmr-filter-button").press("Enter")
    page.keyboard.press("End")
    page.locator("#bar").get_by_label("Category").select_option("animals")
    page.locator("#xmr-search h2", has_text="3 matches").wait_for()
    dogs = {clip.id for clip in films() if clip.category == "animals"}
    assert set(shown(page)) == dogs
    page.get_by_role("tab", name="Compare").click()
    page.locator("#xmr-inspect[data-state=done]").wait_for()
    rows = page.locator(".xmr-column").first.locator(".xmr-row")
    assert set(rows.evaluate_all("rows => rows.map(row => row.dataset.id)")) == dogs
    page.get_by_role("tab", name="By clip").click()
    assert page.locator(".xmr-clip .xmr-filter-count").count() == 1
    page.locator("#xmr-paste").fill("video7003")
    page.locator("#xmr-paste").press("Enter")
    page.locator("#xmr-similar[data-state=done]").wait_for()
    assert set(shown(page, "similar")) == dogs - {"video7003"}
    choose_gallery(page, "scenes")
    page.locator(".xmr-clip .xmr-filter-place").wait_for(state="hidden")
    assert "category=" not in page.url


def test_a_moment_starts_where_it_lies(visit, stand_in):
    page = visit(stand_in + OWN + "&v=red_car_1")
    explained(page)
    card = page.locator(".xmr-card[data-id=red_car_1]")
    assert card.locator(".xmr-time").inner_text() == "0:01–0:02"
    assert "2024/beach" in card.inner_text()
    card.hover()
    card.locator("video.on").wait_for()
    assert card.locator("video").get_attribute("src") == "clip/holidays/red_car_1#t=1"
    assert card.locator("video").evaluate("video => video.currentTime") >= 1
    assert {clip.id for clip in holidays()} >= set(shown(page))


@SCREENS
def test_galleries_are_accessible(visit, stand_in, device, colours):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = visit(stand_in + FILMS, color_scheme=colours, **device)

    def check():
        found = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        serious = [
            v for v in found.response["violations"] if v["impact"] in ("serious", "critical")
        ]
        assert not [(v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in serious]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    explained(page)
    page.locator(".xmr-gallery .xmr-picked").click()
    check()
    page.keyboard.press("Escape")
    page.locator(".xmr-hit").first.click()
    explained(page)
    page.wait_for_timeout(400)
    page.get_by_text("All 20 captions").click()
    check()
    page.keyboard.press("Escape")
    choose_gallery(page, "holidays")
    explained(page)
    page.locator("#bar .xmr-filter-button").click()
    page.locator("#bar").get_by_label("Folder").select_option("2024/beach")
    page.locator("#xmr-search h2", has_text="4 matches").wait_for()
    check()
