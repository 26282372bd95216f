"""The four screenshots of the page: ``python tests/browser/screenshots.py [--index-dir DIR]``.

They go to docs/screenshots/: wide and narrow, light and dark. The page must have an index (``wenbao build``).
"""

from __future__ import annotations

import argparse
import tempfile
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from serving import PROJECT, chromium, served_page

SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
MOST_BYTES = 250_000


def main() -> None:
    """Takes the screenshots; fails where one is too large."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index-dir", type=Path, default=PROJECT / "var" / "index")
    parser.add_argument("--question", default="黑山风电项目累计发电多少？")
    parser.add_argument("--out", type=Path, default=PROJECT / "docs" / "screenshots")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    log = Path(tempfile.mkdtemp()) / "page.log"
    with served_page(options.index_dir, log) as url, chromium() as browser:
        for size, (width, height) in SIZES.items():
            for theme in ("light", "dark"):
                page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)
                page.goto(f"{url}/?q={quote(options.question)}")
                page.locator("mark.answer").first.wait_for(timeout=120_000)
                page.get_by_text("找到的其他段落").wait_for()
                page.wait_for_timeout(2500)  # fonts, and the page scrolled to the question
                picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
                file = options.out / f"{size}-{theme}.png"
                picture.quantize(256, dither=Image.Dither.NONE).save(file, optimize=True)
                assert file.stat().st_size < MOST_BYTES, f"{file} is {file.stat().st_size} bytes"
                print(file, file.stat().st_size)
                page.close()


if __name__ == "__main__":
    main()
