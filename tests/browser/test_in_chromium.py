"""The real page in headless Chromium: asking, follow-ups, addresses, article, both widths, hostile text."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import expect
from serving import chromium, served_page

from qa import build_index

expect.set_options(timeout=90_000)

PICTURE = "![图](http://127.0.0.1:9/x.png)"
HOSTILE = f"{PICTURE} $x$ :red[红] <img src=http://127.0.0.1:9/y.png onerror=\"document.title='坏'\">"
BRIDGE = """云川日报 2021年5月18日 第03版

城东大桥昨日正式通车

本报讯 记者李明远报道 9月3日，全长1280米的城东大桥正式通车。大桥总投资6.4亿元。

大桥由云川市交通局建设，历时三年完工，双向六车道，设计时速60公里。
"""
# The passage asked for stands at the end of a long article, out of sight until the page is scrolled.
LONG = (
    "# 旧城改造三年纪实\n\n本报讯 记者苏文清报道 旧城改造自三年前开始，涉及城中各个街区。\n\n"
    + "\n\n".join(
        f"第{n}街区的居民说，改造之后道路平整了，路灯亮了，出门买菜方便多了，邻里之间的走动也比从前多了不少。"
        "街区负责人介绍，下一步还要增加休息的座椅，种上更多的树木，让老人有地方乘凉，孩子有地方玩耍。"
        for n in "一二三四五六七八九"
    )
    + "\n\n改造共铺设燃气管道412公里，受益居民9.8万户。\n"
)
RIVER = f"""环保志愿者清理河道<script>document.title='坏'</script>

本报讯 记者王晓报道 昨日，两百名环保志愿者在清水河边清理垃圾，共清运垃圾三吨。{HOSTILE}
"""
FILES = {"云川日报/03版.txt": BRIDGE, "改造.md": LONG, "河道 $x$ :red[红] _a_.txt": RIVER}
ASKED = "城东大桥总投资多少？"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    root = tmp_path_factory.mktemp("page")
    for name, text in FILES.items():
        path = root / "报纸" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    report = build_index(root / "index", [root / "报纸"])
    assert (report.documents, report.failed) == (3, ())
    with served_page(root / "index", root / "log") as url:
        yield url


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(browser, address):
    """A page of its own; every request must have stayed with the address, and no script of a document ran."""
    made = browser.new_page(viewport={"width": 1440, "height": 900})
    asked: list[str] = []
    made.on("request", lambda request: asked.append(request.url))
    yield made
    assert not [url for url in asked if not url.startswith((address, "data:", "blob:", "ws://127.0.0.1"))]
    assert made.title() == "问报"
    made.close()


def ask(page, question):
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")


def drawn(page):
    """Waits until the page's script has ended: while it draws, what was opened by a click may be closed again."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def not_wider_than_the_window(page):
    wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= window
    outside = page.evaluate(
        """[...document.querySelectorAll('.stMain *, [role=dialog] *')].filter(e => {
             const box = e.getBoundingClientRect();
             return box.width && (box.right > innerWidth + 1 || box.left < -1);
           }).map(e => e.className + ' ' + e.textContent.slice(0, 30))"""
    )
    assert outside == []


def test_asking_shows_the_answer_the_highlight_and_the_source(page, address):
    page.goto(address)
    expect(page.locator(".wb-fact").first).to_have_text("3 份文件")
    ask(page, ASKED)
    expect(page.locator(".wb-answer")).to_have_text(re.compile("6.4亿元"))
    paper = page.locator(".wb-paper").first
    expect(paper.locator("mark.answer")).to_have_text(re.compile("6.4亿元"))
    assert "大桥总投资" in "".join(paper.locator("mark").all_text_contents())
    assert "9月3日" not in "".join(paper.locator("mark").all_text_contents())
    colour = "e => getComputedStyle(e).backgroundColor"
    strong = paper.locator("mark.answer").first.evaluate(colour)
    weak = paper.locator("mark:not(.answer)").first.evaluate(colour)
    plain = paper.evaluate(colour)
    assert len({strong, weak, plain}) == 3
    expect(page.locator(".wb-title").first).to_have_text("《城东大桥昨日正式通车》")
    source = page.locator(".wb-source").first.inner_text()
    for part in ("李明远", "云川日报", "2021-05-18", "第3版", "云川日报/03版.txt"):
        assert part in source
    assert parse_qs(urlsplit(page.url).query) == {"q": [ASKED]}


def test_a_follow_up_is_understood_and_can_be_worded_anew(page, address):
    page.goto(f"{address}/?q={quote(ASKED)}")
    expect(page.locator(".wb-answer")).to_have_count(1)
    ask(page, "那它历时多久呢？")
    expect(page.locator(".wb-understood")).to_have_text(re.compile("理解为：.*(大桥|城东).*"))
    expect(page.locator(".wb-asked")).to_have_text([ASKED, "那它历时多久呢？"])
    expect(page.locator(".wb-answer").first).to_have_text(re.compile("6.4亿元"))
    drawn(page)
    page.get_by_role("button", name="修改").click()
    field = page.get_by_label("您问的是")
    field.fill("城东大桥全长多少米？")
    page.get_by_role("button", name="按这个问").click()
    expect(page.locator(".wb-asked").nth(2)).to_have_text("城东大桥全长多少米？")
    expect(page.locator(".wb-answer").last).to_have_text(re.compile("1280米"))


def test_the_newest_question_comes_into_view(page, address):
    page.set_viewport_size({"width": 390, "height": 440})
    page.goto(f"{address}/?q={quote(ASKED)}")
    expect(page.locator(".wb-answer")).to_have_count(1)
    ask(page, "改造铺设燃气管道多少公里？")
    expect(page.locator(".wb-answer").last).to_have_text(re.compile("412"))
    page.wait_for_timeout(1500)
    expect(page.locator(".wb-asked").last).to_be_in_viewport()
    expect(page.locator(".wb-answer").last).to_be_in_viewport()


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1440, "light")])
def test_an_address_shows_its_answer_again_at_both_widths(browser, address, width, theme):
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=theme)
    page.goto(address)
    expect(page.locator(".wb-name")).to_have_text("问报")
    expect(page.get_by_test_id("stChatInputTextArea")).to_be_visible()
    not_wider_than_the_window(page)
    ask(page, ASKED)
    expect(page.locator("mark.answer").first).to_have_text(re.compile("6.4亿元"))
    page.reload()
    expect(page.locator(".wb-asked")).to_have_text([ASKED])
    expect(page.locator("mark.answer").first).to_have_text(re.compile("6.4亿元"))
    expect(page.get_by_text("找到的其他段落")).to_be_visible()
    drawn(page)
    not_wider_than_the_window(page)
    page.get_by_text("找到的其他段落").click()
    expect(page.locator(".wb-found").first).to_be_visible()
    not_wider_than_the_window(page)
    page.get_by_role("button", name="引用").first.click()
    expect(page.get_by_text("李明远. 城东大桥昨日正式通车[N]. 云川日报, 2021-05-18(3).")).to_be_visible()
    not_wider_than_the_window(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="在文中查看").first.click()
    expect(page.locator(".wb-article mark.answer").first).to_be_visible()
    not_wider_than_the_window(page)
    page.close()


def test_the_link_of_an_answer_opens_it(page, address):
    page.goto(address)
    ask(page, ASKED)
    expect(page.get_by_role("button", name="引用").first).to_be_visible()
    drawn(page)
    page.get_by_role("button", name="引用").first.click()
    link = page.get_by_test_id("stCode").nth(1).inner_text().strip()
    assert link.startswith(f"{address}/?q=")
    page.goto(link)
    expect(page.locator("mark.answer").first).to_have_text(re.compile("6.4亿元"))


def test_the_whole_article_opens_at_the_highlight(page, address):
    page.goto(f"{address}/?q={quote('旧城改造共铺设燃气管道多少公里？')}")
    expect(page.get_by_role("button", name="在文中查看").first).to_be_visible()
    drawn(page)
    page.get_by_role("button", name="在文中查看").first.click()
    article = page.locator(".wb-article")
    expect(article.locator(".wb-part-title")).to_have_text("旧城改造三年纪实")
    expect(article.locator("mark.answer")).to_have_text(re.compile("412"))
    assert "受益居民9.8万户" in article.inner_text()
    assert article.evaluate("e => e.getBoundingClientRect().height") > 900
    expect(article.locator("mark.answer")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(article).to_have_count(0)
    expect(page.locator(".wb-answer")).to_have_count(1)


def test_hostile_text_is_shown_as_text_and_loads_nothing(page, address):
    question = "志愿者清运了多少垃圾？<img src=http://127.0.0.1:9/z.png> :red[问] $y$"
    page.goto(f"{address}/?q={quote(question)}")
    expect(page.locator(".wb-asked")).to_have_text(question)
    expect(page.locator(".wb-paper").first).to_be_visible()
    page.get_by_text(re.compile("找到的其他段落")).click()
    papers = page.locator(".wb-paper")
    assert any(text.endswith(HOSTILE) for text in papers.all_text_contents())
    assert page.locator(".wb-title", has_text="<script>document.title='坏'</script>").count() >= 1
    assert page.locator(".wb-source", has_text="河道 $x$ :red[红] _a_.txt").count() >= 1
    choice = page.get_by_test_id("stMultiSelect").filter(has_text="只查这些文件")
    box = choice.get_by_role("combobox")
    box.click()
    expect(page.get_by_role("option", name="河道 $x$ :red[红] _a_.txt")).to_be_visible()
    page.get_by_role("option", name="河道 $x$ :red[红] _a_.txt").click()
    page.keyboard.press("Escape")
    expect(choice).to_contain_text("河道 $x$ :red[红] _a_.txt")
    page.get_by_role("button", name="在文中查看").first.click()
    expect(page.locator(".wb-article")).to_contain_text(HOSTILE)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="引用").first.click()
    expect(page.get_by_test_id("stCode").first).to_contain_text("环保志愿者清理河道<script>")
    assert page.evaluate("document.querySelectorAll('.stMain img, .katex, .stMain script').length") == 0
