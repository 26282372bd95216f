"""Whole commands, as a user starts them: each in a process of its own, from nothing."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.environment import PROJECT, SEEDS
from benchmarks.timing import seconds

QUESTION = "锦州上半年招商引资到位额是多少？"
_LOAD = """
import json, time
began = time.perf_counter()
import torch
imported = time.perf_counter()
from embeddings import load_encoder
load_encoder()
print(json.dumps([imported - began, time.perf_counter() - imported]))
"""
# The process reads its own peak: what the system tells a parent about its child can be the parent's own.
_PEAK = """
import re, sys
from pathlib import Path
from qa.cli import main
status = main(sys.argv[1:])
print(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text()).group(1), file=sys.stderr)
sys.exit(status)
"""


def measure(threads: int, rounds: int) -> dict[str, float]:
    """Seconds of ``--help``, of loading the encoder and of building the seeds; peak memory of ``ask`` (MB).

    Medians of ``rounds`` runs. The peak is left out where the system has no ``/proc``.
    """
    helps = [seconds(lambda: _run(["-m", "qa", "--help"], threads)) for _ in range(max(rounds, 3))]
    loads = [json.loads(_run(["-c", _LOAD], threads).stdout) for _ in range(rounds)]
    builds = []
    out = {
        "help_s": statistics.median(helps),
        "import_torch_s": statistics.median(imported for imported, _ in loads),
        "encoder_load_s": statistics.median(loaded for _, loaded in loads),
    }
    with tempfile.TemporaryDirectory(prefix="wenbao-bench-") as work:
        for n in range(rounds):
            words = ["build", str(SEEDS), "--index-dir", str(Path(work) / str(n))]
            builds.append(seconds(partial(_run, ["-m", "qa", *words], threads)))
        ask = ["ask", QUESTION, "--json", "--index-dir", str(Path(work) / "0")]
        asks = [seconds(lambda: _run(["-m", "qa", *ask], threads)) for _ in range(rounds)]
        if Path("/proc/self/status").exists():
            peaks = [int(_run(["-c", _PEAK, *ask], threads).stderr.split()[-1]) for _ in range(rounds)]
            out["ask_peak_mb"] = max(peaks) * 1024 / 1e6
    return out | {"build_seeds_s": statistics.median(builds), "ask_cold_s": statistics.median(asks)}


def _run(words: list[str], threads: int) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(
        [sys.executable, *words], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{words} ended with {done.returncode}: {done.stderr[-1000:]}")
    return done
