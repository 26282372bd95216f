"""The README is true: every code block runs, and the table of commands is that of the program."""

import contextlib
import io
import re
import runpy
import shlex
from pathlib import Path

import pytest

from qa.cli import main

PROJECT = Path(__file__).resolve().parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
ROWS = re.findall(r"^\| `wenbao (\w+)([^`]*)` \|", README, re.MULTILINE)


def blocks(language: str, start: str = "") -> list[str]:
    """The blocks of ``language`` whose lines begin with ``start``, one of them at least."""
    return [
        text
        for name, text in BLOCKS
        if name == language and any(line.startswith(start) for line in text.splitlines())
    ]


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """A working folder like a fresh checkout's: the seeds, and no index yet."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "seeds").symlink_to(PROJECT / "seeds")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("WENBAO_INDEX_DIR", raising=False)
        yield folder


@pytest.fixture(scope="module")
def ran(there):
    """``(line, status, what it printed)`` of each ``wenbao`` command in order; the first builds the index."""
    out = []
    for line in (line for text in blocks("bash", "wenbao ") for line in text.splitlines() if line):
        program, *words = shlex.split(line)
        assert program == "wenbao", line
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            status = main(words)
        out.append((line, status, printed.getvalue()))
    assert (there / "var" / "index" / "CURRENT").is_file()
    return out


def command_help(capsys, *words: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        main([*words, "--help"])
    assert stopped.value.code == 0
    return capsys.readouterr().out


def test_every_block_is_of_a_kind_that_is_checked():
    assert len(BLOCKS) >= 3
    known = {*blocks("bash", "make "), *blocks("bash", "wenbao "), *blocks("python")}
    assert {text for _, text in BLOCKS} == known
    # No block is both, so that none is left half checked.
    assert all(
        not line.startswith("wenbao ") for text in blocks("bash", "make ") for line in text.splitlines()
    )


def test_what_make_is_asked_for_is_in_the_makefile():
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    wanted = set(re.findall(r"\bmake ([a-z]+)", README))
    assert {"run", "test", "bench"} <= wanted <= targets
    lines = [line for text in blocks("bash", "make ") for line in text.splitlines()]
    assert lines
    assert all(line.startswith(("git clone ", "make ")) for line in lines)


def test_the_commands_run(ran):
    assert [line for line, status, printed in ran if status or not printed.strip()] == []


@pytest.mark.usefixtures("ran")
def test_the_python_runs(tmp_path, capsys):
    scripts = blocks("python")
    assert scripts
    for number, text in enumerate(scripts):
        assert len([line for line in text.splitlines() if line.strip()]) <= 10
        script = tmp_path / f"readme-{number}.py"
        script.write_text(text, encoding="utf-8")
        runpy.run_path(str(script), run_name="__main__")
        out = capsys.readouterr().out
        assert re.search(r"^1\. ", out, re.MULTILINE)
        assert re.search(r"^(answered|related|not_found) \S", out, re.MULTILINE)


def test_the_table_is_that_of_the_program(capsys):
    listed = re.findall(r"^    (\w+) ", command_help(capsys), re.MULTILINE)
    assert sorted(name for name, _ in ROWS) == sorted(listed)
    for name, usage in ROWS:
        taken = set(re.findall(r"--[a-z-]+", command_help(capsys, name)))
        assert {"--index-dir", "--model"} <= taken
        assert taken - {"--help", "--index-dir", "--model"} == set(re.findall(r"--[a-z-]+", usage)), name


def test_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert any(link.endswith(".png") for link in links)
    assert [link for link in links if not (PROJECT / link).exists()] == []
