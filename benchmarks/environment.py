"""What a figure depends on: commit, versions, processor, threads, and what else kept the machine busy."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from embeddings.cpu import cpu_has_bf16

PROJECT = Path(__file__).resolve().parents[1]
SEEDS = PROJECT / "seeds"
NEWS = PROJECT.parent / "shared" / "data" / "news_sample.txt.gz"
LIBRARIES = ("torch", "transformers", "sentence-transformers", "faiss-cpu", "numpy", "bm25s", "jieba")


def environment(threads: int) -> dict[str, Any]:
    """Commit (and whether files differ from it), versions, processor, threads."""
    return {
        "commit": _git("rev-parse", "HEAD"),
        "changed_files": len([line for line in _git("status", "--porcelain", "-uno").splitlines() if line]),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in LIBRARIES},
        "processor": processor(),
        "bf16_units": cpu_has_bf16(),
        "cores": os.cpu_count(),
        "threads": threads,
    }


def load_average() -> float:
    """Processes that ran or waited to, mean of the last minute; -1 where the system does not say."""
    try:
        return os.getloadavg()[0]
    except OSError:
        return -1.0


def processor() -> str:
    """The processor's name, with the instruction sets that decide how fast a model runs on it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    fields = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    flags = set(fields.get("flags", "").split())
    known = [flag for flag in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16") if flag in flags]
    return f"{fields.get('model name', platform.machine())} ({' '.join(known)})"


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=PROJECT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
