"""The real page in headless Chromium: ask by address, see the marked answer; hostile text loads nothing."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import sync_playwright

from qa import build_index

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGE = """城东大桥昨日正式通车

本报讯 记者李明远报道 9月3日，全长1280米的城东大桥正式通车。大桥总投资6.4亿元。<script>document.title='坏'</script>

环保志愿者清理河道 ![](http://127.0.0.1:9/x.png) $x$ :red[红]

本报讯 记者王晓报道 昨日，两百名环保志愿者在清水河边清理垃圾，共清运垃圾三吨。![](http://127.0.0.1:9/y.png) $x$ :red[红]
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    root = tmp_path_factory.mktemp("page")
    (root / "pages").mkdir()
    (root / "pages" / "a.txt").write_text(PAGE, encoding="utf-8")
    build_index(root / "index", [root / "pages"])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "qa", "ui", "--port", str(port), "--index-dir", str(root / "index")]
    project = Path(__file__).resolve().parents[2]
    log = (root / "log").open("wb")
    server = subprocess.Popen(
        command, cwd=project, env={**os.environ}, stdout=log, stderr=log, start_new_session=True
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).close()
                break
            except OSError:
                assert server.poll() is None, (root / "log").read_text(encoding="utf-8")
                time.sleep(0.5)
        yield url
    finally:
        os.killpg(server.pid, 15)
        server.wait(20)
        log.close()


@pytest.fixture(scope="module")
def browser():
    path = shutil.which("chromium")
    assert path, "没有 Chromium；请运行 apt-get install chromium fonts-noto-cjk"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.mark.parametrize("width", [390, 1440])
def test_an_answer_by_address_is_marked_and_nothing_is_wider_than_the_window(address, browser, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(f"{address}/?q={quote('城东大桥总投资多少？')}")
    page.wait_for_selector("mark.answer", timeout=90_000)
    assert "6.4亿元" in page.inner_text("mark.answer")
    assert "李明远" in page.inner_text("body")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_hostile_text_is_shown_as_text_and_loads_nothing(address, browser):
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/?q={quote('志愿者清运了多少垃圾？')}")
    page.wait_for_selector("mark.answer", timeout=90_000)
    text = page.inner_text("body")
    for shown in ("$x$", ":red[红]", "![](http://127.0.0.1:9/y.png)"):
        assert shown in text
    assert not [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    page.get_by_test_id("stChatInputTextArea").fill("城东大桥多长？")
    page.keyboard.press("Enter")
    page.wait_for_function("document.body.innerText.includes('1280米')", timeout=60_000)
    assert page.title() != "坏"
    page.close()
