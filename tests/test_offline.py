"""Nothing leaves the machine, and nothing that is loaded can run code."""

import ast
import os
import socket
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("qa", "embeddings", "ui")
SOURCES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))


@pytest.fixture
def no_sockets(monkeypatch):
    """Any attempt to connect or to look up a name fails, and is noted."""
    attempts = []

    def refuse(*args, **_):
        attempts.append(args)
        raise OSError("sockets are forbidden in this test")

    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    return attempts


def test_loading_and_answering_open_no_socket(no_sockets, small_index):
    from embeddings import load_encoder
    from qa import QAPipeline

    assert load_encoder().encode_passages(["管道铺设完毕。"]).shape == (1, 384)
    reply = QAPipeline.open(small_index).ask("青石岭引水工程铺设管道多少公里？")
    assert reply.passages
    assert no_sockets == []
    with pytest.raises(OSError, match="forbidden"):
        socket.create_connection(("127.0.0.1", 9))  # the trap itself works
    assert len(no_sockets) == 1


def test_a_model_that_is_not_here_is_not_fetched(no_sockets):
    from embeddings import EncoderError, load_encoder

    with pytest.raises(EncoderError, match="不会联网下载"):
        load_encoder("intfloat/no-such-model-of-ours")
    assert no_sockets == []
    assert os.environ["HF_HUB_OFFLINE"] == "1"


def called_names(tree):
    """The dotted names of all calls, and the names of all keyword arguments that are given True."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)
            yield from (
                f"{word.arg}=True"
                for word in node.keywords
                if word.arg
                and not (isinstance(word.value, ast.Constant) and word.value.value is False)
                and word.arg in ("allow_pickle", "trust_remote_code", "shell")
            )


def imported_names(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_unpickles_or_evaluates(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = set(called_names(tree))
    forbidden = {
        "eval",
        "exec",
        "compile",
        "__import__",
        "torch.load",
        "np.load",
        "numpy.load",
        "yaml.load",
        "yaml.unsafe_load",
        "joblib.load",
        "os.system",
        "allow_pickle=True",
        "trust_remote_code=True",
        "shell=True",
    }
    assert calls & forbidden == set()
    modules = {name.partition(".")[0] for name in imported_names(tree)}
    assert modules & {"pickle", "cPickle", "dill", "shelve", "marshal", "joblib", "cloudpickle"} == set()
    if path.parts[-2] != "training":  # which reads nothing from the network either, but is not the product
        assert modules & {"requests", "urllib3", "httpx", "aiohttp", "huggingface_hub"} == set()


def test_the_scan_sees_what_it_looks_for():
    assert len(SOURCES) > 40
    bad = ast.parse(
        "import pickle\nfrom joblib import x\ntorch.load(f)\nnp.load(f, allow_pickle=flag)\neval('1')"
    )
    assert {"torch.load", "np.load", "allow_pickle=True", "eval"} <= set(called_names(bad))
    assert {"pickle", "joblib"} <= set(imported_names(bad))
    assert "allow_pickle=True" not in set(called_names(ast.parse("np.load(f, allow_pickle=False)")))


def test_models_are_plain_files():
    for folder in (ROOT / "embeddings" / "models" / "encoder", ROOT / "qa" / "models" / "reader"):
        suffixes = {path.suffix for path in folder.rglob("*") if path.is_file()}
        assert ".safetensors" in suffixes
        assert suffixes <= {".json", ".safetensors", ".md"}
