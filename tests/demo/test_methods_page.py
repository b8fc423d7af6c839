"""Method choice, Compare and Metrics in the browser, over the engines of `stand_in.py`."""

import csv
import io
from pathlib import Path

import pytest
from pages import SCREENS, explained
from stand_in import StandIn, cards

from xmr_core.compare import compare, overlap

pytestmark = pytest.mark.ui

RED = "?q=a+red+car"
COMPARE, METRICS = RED + "&tab=compare", RED + "&tab=metrics"
TEXT = [card.id for card in cards() if card.languages]
ANSWERING = [name for name in TEXT if name != "scenes-broken"]


def engine(name):
    return StandIn(Path(), next(card for card in cards() if card.id == name))


def compared(page):
    page.locator("#xmr-compare[data-state=done]").wait_for()
    page.locator("#xmr-inspect[data-state=done]").wait_for()
    page.locator("#xmr-pairs[data-state=done]").wait_for()


def measured(page):
    page.locator("#xmr-metrics[data-state=done]").wait_for()


def column(page, name):
    return page.locator(f".xmr-column[data-id='{name}']")


def ids(rows):
    return rows.evaluate_all("rows => rows.map(row => row.dataset.id)")


def test_lists_side_by_side(visit, stand_in):
    page = visit(stand_in + COMPARE)
    compared(page)
    results = {name: engine(name).search("a red car", 1000) for name in ANSWERING}
    found = compare(list(results.values()))
    names = page.locator(".xmr-column").evaluate_all("all => all.map(one => one.dataset.id)")
    assert names == TEXT  # the ones without text are not asked
    first = results["scenes-clip"]
    for place, name in enumerate(ANSWERING):
        list_ = column(page, name)
        shown = results[name].matches[:10]
        assert ids(list_.locator(".xmr-row")) == [match.clip.id for match in shown]
        if name == "scenes-clip":
            assert "Reference" in list_.inner_text()
            continue
        shared = overlap(first, results[name])
        assert f"overlap@10 {shared}/10" in list_.inner_text()
        for row, match in enumerate(shown):
            text = list_.locator(".xmr-row-figures").nth(row).inner_text().split("\n")
            before = found.ranks[0][match.clip.id]
            change = before - match.rank
            if match.clip.id in found.only_here[place]:
                expected = "only here"
            elif before > 10:
                expected = "new"
            else:
                expected = "=" if not change else f"{'▲' if change > 0 else '▼'}{abs(change)}"
            assert text[1] == expected
    bits = engine("scenes-cmfh-64")
    one, other = bits.codes("a red car", "red_car")
    score = column(page, "scenes-cmfh-64").locator(".xmr-row[data-id=red_car] b")
    assert score.inner_text() == f"{(one != other).sum()}/64"
    broken = column(page, "scenes-broken")
    assert "weights.safetensors is missing <b>here</b>" in broken.inner_text()
    assert "<img src=x onerror" in column(page, "scenes-english").inner_text()


def test_another_reference_and_a_link_that_keeps_it(visit, stand_in):
    page = visit(stand_in + COMPARE)
    compared(page)
    column(page, "scenes-cmfh-64").get_by_role("button", name="Hold the others").click()
    assert page.locator(".xmr-column").first.get_attribute("data-id") == "scenes-cmfh-64"
    a, b = (engine(name).search("a red car") for name in ("scenes-cmfh-64", "scenes-clip"))
    assert f"overlap@10 {overlap(a, b)}/10" in column(page, "scenes-clip").inner_text()
    row = column(page, "scenes-clip").locator(".xmr-row").nth(3)
    chosen = row.get_attribute("data-id")
    row.click()
    page.locator(f"#xmr-inspect[data-clip='{chosen}'][data-state=done]").wait_for()
    other = visit(page.url + "&l=zh")
    compared(other)
    assert other.locator(".xmr-column").first.get_attribute("data-id") == "scenes-cmfh-64"
    assert other.locator(".xmr-row[aria-current]").first.get_attribute("data-id") == chosen
    assert other.locator("#xmr-inspect").get_attribute("data-clip") == chosen
    assert "种方法，同一查询" in other.locator("#xmr-compare h2").inner_text()
    assert "哈希编码" in other.locator("#xmr-inspect").inner_text()
    assert other.get_by_role("tab", name="对比").get_attribute("aria-selected") == "true"


def test_a_clip_lights_up_everywhere(visit, stand_in):
    page = visit(stand_in + COMPARE)
    compared(page)
    lists = {name: ids(column(page, name).locator(".xmr-row")) for name in ANSWERING}
    clip = next(c for c in lists["scenes-cmfh-16"] if c not in lists["scenes-clip"])
    column(page, "scenes-cmfh-16").locator(f".xmr-row[data-id='{clip}']").hover()
    page.locator(".xmr-row.lit").first.wait_for()
    lit = set(ids(page.locator(".xmr-row.lit")))
    assert lit == {clip}
    assert page.locator(".xmr-row.lit").count() == sum(clip in shown for shown in lists.values())
    rank = next(
        match.rank
        for match in engine("scenes-clip").search("a red car", 99).matches
        if match.clip.id == clip
    )
    assert column(page, "scenes-clip").locator(".xmr-column-foot").inner_text().endswith(str(rank))


def test_keyboard_walks_through_the_lists(visit, stand_in):
    page = visit(stand_in + COMPARE)
    compared(page)
    page.locator(".xmr-row[tabindex='0']").focus()
    assert page.locator(".xmr-row[tabindex='0']").count() == 1
    for key in ("ArrowDown", "ArrowRight", "End", "ArrowUp"):
        page.keyboard.press(key)
    row = column(page, "scenes-cmfh-16").locator(".xmr-row").nth(8)
    assert row.evaluate("row => row === document.activeElement && row.classList.contains('lit')")
    page.keyboard.press("Enter")
    page.locator(f"#xmr-inspect[data-clip='{row.get_attribute('data-id')}']").wait_for()
    page.get_by_role("tab", name="Compare").focus()
    page.keyboard.press("ArrowRight")
    assert "tab=metrics" in page.url


def test_codes_bit_by_bit(visit, stand_in):
    page = visit(stand_in + COMPARE + "&v=red_ball")
    compared(page)
    for bits in (16, 64, 128):
        one, other = engine(f"scenes-cmfh-{bits}").codes("a red car", "red_ball")
        card = page.locator(".xmr-hash", has_text=f"scenes-cmfh-{bits}")
        assert f"{(one != other).sum()} of {bits} bits differ" in card.inner_text()
        assert card.locator(".differs").count() == (one != other).sum()
        assert card.locator(".xmr-bits").count() == -(-bits // 32)
        cells = card.locator("i").evaluate_all("all => all.map(cell => Number(cell.dataset.bit))")
        assert cells == [int(bit) for pair in zip(one, other, strict=True) for bit in pair]


def test_a_chinese_query_and_an_english_method(visit, stand_in):
    page = visit(stand_in + "?q=红色汽车&tab=compare", locale="zh-CN")
    compared(page)
    assert "该方法不支持中文" in column(page, "scenes-english").inner_text()
    assert column(page, "scenes-clip").locator(".xmr-caption").first.inner_text().startswith("一个")


def test_two_languages(visit, stand_in):
    page = visit(stand_in + COMPARE)
    compared(page)
    page.locator(".xmr-pair-choice button", has_text="a red rabbit").click()
    page.locator(".xmr-pair-queries", has_text="雨中的一只红色兔子").wait_for()
    name = "scenes-cmfh-64"
    lists = [
        engine(name).search(text) for text in ("a red rabbit in the rain", "雨中的一只红色兔子")
    ]
    row = page.locator(f".xmr-pair[data-id='{name}']")
    assert f"overlap@10 {overlap(*lists)}/10" in row.inner_text()
    assert row.locator("li.both").count() == 2 * overlap(*lists)
    assert not page.locator(".xmr-pair", has_text="scenes-english").count()
    page.get_by_role("button", name="The chosen clip's own captions").click()
    page.locator(".xmr-pair-queries", has_text="一个红色的汽车").wait_for()


def test_compare_by_a_clip(visit, stand_in):
    page = visit(stand_in + "?tab=clip&c=red_car")
    page.locator("#xmr-similar[data-state=done]").wait_for()
    page.get_by_role("button", name="Compare methods by this clip").click()
    compared(page)
    assert page.locator(".xmr-column").count() == len(cards())
    result = engine("scenes-triplet-32").similar("red_car")
    shown = column(page, "scenes-triplet-32").locator(".xmr-row")
    assert ids(shown) == [match.clip.id for match in result.matches]
    assert "/32" in shown.first.inner_text()
    assert "tab=compare" in page.url and "c=red_car" in page.url
    other = visit(page.url)
    compared(other)
    assert "A red car" in other.locator(".xmr-asked-clip").inner_text()
    other.get_by_role("button", name="Compare by sentence").click()
    compared(other)
    assert other.locator(".xmr-column").count() == len(TEXT) and "c=" not in other.url


def test_one_query_for_all_views(visit, stand_in):
    page = visit(stand_in + COMPARE)
    compared(page)
    page.locator("#xmr-query").fill("a blue ball")
    page.keyboard.press("Enter")
    page.locator(".xmr-column .xmr-row[data-id=blue_ball]").first.wait_for()
    page.get_by_role("tab", name="Search").click()
    page.locator("#xmr-search .xmr-caption:has-text('A blue ball')").first.wait_for()
    explained(page)
    page.locator("#xmr-query").fill("a green fish")
    page.keyboard.press("Enter")
    page.locator("#xmr-search .xmr-caption:has-text('A green fish')").first.wait_for()
    page.get_by_role("tab", name="Compare").click()
    page.locator(".xmr-column .xmr-row[data-id=green_fish]").first.wait_for()
    compared(page)
    column(page, "scenes-cmfh-16").locator(".xmr-row").nth(9).click()
    wanted = column(page, "scenes-cmfh-16").locator(".xmr-row").nth(9).get_attribute("data-id")
    page.locator(f"#xmr-inspect[data-clip='{wanted}']").wait_for()
    page.get_by_role("button", name="Why this match?").click()
    page.wait_for_function("document.documentElement.dataset.xmrView === 'search'")
    explained(page)
    assert f"v={wanted}" in page.url


def test_ranks_as_csv(visit, stand_in):
    page = visit(stand_in + "?q=onerror&tab=compare", accept_downloads=True)
    compared(page)
    with page.expect_download() as waiting:
        page.get_by_label("Ranks of all methods as CSV").click()
    text = waiting.value.path().read_bytes().decode("utf-8-sig")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    for match in engine("scenes-cmfh-16").search("onerror", 99).matches[:10]:
        assert rows[match.clip.id]["scenes-cmfh-16"] == str(match.rank)


@pytest.mark.parametrize("question", ["q=crash", "c=no<b>such"])
def test_no_answer_says_so(visit, stand_in, question):
    page = visit(f"{stand_in}?tab=compare&{question}&r=<i>&v=<i>")
    page.locator("#xmr-compare[data-state=failed]").wait_for()
    assert "/secret" not in page.content()
    page.locator("#xmr-query").fill("a red car")
    page.keyboard.press("Enter")
    compared(page)


def test_choice_of_a_method(visit, stand_in):
    page = visit(stand_in + RED)
    explained(page)
    page.locator("#bar .xmr-picked").click()
    page.get_by_role("combobox").fill("cmfh 64")
    assert page.get_by_role("option").count() == 1
    assert "64 bits" in page.get_by_role("option").inner_text()
    page.keyboard.press("Enter")
    page.locator("#xmr-search .xmr-score b", has_text="/64").first.wait_for()
    assert "m=scenes-cmfh-64" in page.url
    explained(page)
    count = page.locator("#xmr-search .xmr-score b").first.inner_text().split("/")[0]
    assert page.locator(".xmr-why .xmr-hash").get_attribute("data-differing") == count
    page.locator("#bar .xmr-picked").press("ArrowDown")
    page.get_by_role("combobox").fill("no such thing")
    assert "No method fits" in page.get_by_role("option").inner_text()
    page.get_by_role("combobox").fill("clip only 32")
    page.keyboard.press("Enter")
    page.locator("#xmr-search[data-state=no_text]").wait_for()
    notice = page.locator("#xmr-search").inner_text()
    assert "scenes-triplet-32 compares clips with clips and reads no sentences." in notice
    page.get_by_role("button", name="Search by clip").click()
    page.locator(".xmr-shelf button").first.click()
    page.locator("#xmr-similar[data-state=done]").wait_for()
    assert "reads no sentences, so it finds no captions" in page.locator(".xmr-clip").inner_text()
    assert page.locator("#xmr-similar .xmr-score b").first.inner_text().endswith("/32")


def cell(page, name, place):
    return page.locator(f".xmr-metrics-table tr[data-id='{name}'] td").nth(place)


def test_numbers_of_the_cards(visit, stand_in):
    page = visit(stand_in + METRICS)
    measured(page)
    assert cell(page, "scenes-clip", 0).inner_text() == "50.0"
    assert cell(page, "scenes-cmfh-16", 4).inner_text() == "not measured"  # it is NaN in the card
    assert cell(page, "scenes-english", 0).inner_text() == "not measured"
    assert cell(page, "scenes-triplet-64", 0).inner_text() == "no text"
    assert cell(page, "scenes-triplet-64", 5).inner_text() == "47.5"
    assert cell(page, "scenes-clip", 5).inner_text() == "not measured"
    assert [cell(page, f"scenes-{n}", 6).inner_text() for n in ("clip", "cmfh-64")] == [
        "1,024 B", "8 B",
    ]  # fmt: skip
    assert cell(page, "scenes-cmfh-64", 7).inner_text() == "1.5 ms"
    assert cell(page, "scenes-broken", 7).inner_text() == "not measured"
    # Its query is a clip of the gallery, which is stored: nothing is encoded.
    assert cell(page, "scenes-triplet-32", 7).inner_text() == "1.5 ms"
    assert cell(page, "scenes-triplet-32", 8).inner_text() == "not measured"
    assert "median of 7 runs" in page.locator(".xmr-timing").inner_text()
    assert "over 14 clips" in page.locator(".xmr-timing").inner_text()
    assert "first English caption of each clip of scenes test" in page.inner_text(".xmr-protocol")
    page.get_by_label("Chinese captions").check()
    assert cell(page, "scenes-clip", 0).inner_text() == "51.0"
    page.get_by_label("video → text").check()
    assert cell(page, "scenes-clip", 0).inner_text() == "53.0"
    assert "first Chinese captions" in page.inner_text(".xmr-protocol")
    page.locator("[data-sort='R@1']").click()
    names = page.locator(".xmr-metrics-table tbody tr").evaluate_all(
        "rows => rows.map(row => row.dataset.id)"
    )
    assert names[:4] == ["scenes-clip", "scenes-cmfh-128", "scenes-cmfh-64", "scenes-cmfh-16"]
    page.locator("tr[data-id=scenes-triplet-64] button").click()
    card = page.locator(".xmr-card-of")
    assert "mAP 47.5 %" in card.inner_text()
    assert "python -m benchmarks.triplet" in card.locator("code").first.inner_text()
    page.locator("tr[data-id=scenes-clip] button").focus()
    page.keyboard.press("Enter")
    assert "xmr evaluate NAME --data scenes" in card.locator("code").first.inner_text()
    page.locator("[data-language]").click()
    assert page.locator("#xmr-metrics h2").first.inner_text() == "测量结果"
    assert cell(page, "scenes-english", 0).inner_text() == "未测量"


def test_quality_against_size(visit, stand_in):
    page = visit(stand_in + METRICS)
    measured(page)
    part = page.locator(".xmr-curve-part")
    assert "64 bits" in part.locator(".xmr-curve-size").inner_text()
    assert "24.0 %" in part.locator("li").inner_text()
    assert "48 % of scenes-clip, in 1/128 of the bytes" in part.inner_text()
    part.locator("#xmr-bits").press("ArrowRight")
    assert "128 bits" in part.locator(".xmr-curve-size").inner_text()
    assert "31.5 %" in part.locator("li").inner_text()
    assert page.evaluate("document.activeElement.id") == "xmr-bits"
    part.locator("#xmr-measure").select_option("mAP")
    assert "47.5 %" in part.locator("li").inner_text()
    assert part.locator(".xmr-point").count() == 3  # two on the line and one in the key


@SCREENS
def test_method_views_are_accessible(visit, stand_in, device, colours):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = visit(stand_in + COMPARE, color_scheme=colours, **device)

    def check(part=None):
        rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}
        found = axe.run(page, context=part, options=rules)
        serious = [
            v for v in found.response["violations"] if v["impact"] in ("serious", "critical")
        ]
        assert not [(v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in serious]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    compared(page)
    page.locator(".xmr-row").nth(2).click()
    check()
    page.get_by_role("tab", name="Metrics").click()
    measured(page)
    page.locator(".xmr-claims summary").click()
    check()
    page.get_by_role("tab", name="Search").click()
    explained(page)
    page.locator("#bar .xmr-picked").click()
    check("#bar")  # test_page has the rest of this view
