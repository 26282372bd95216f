"""What the processor at hand can do; looked at when the program runs, since machines differ."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_BF16_FLAGS = {"amx_bf16", "avx512_bf16"}


@cache
def cpu_has_bf16() -> bool:
    """Whether the processor multiplies bf16 matrices in hardware; without the units bf16 is far slower than fp32."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False  # not Linux: float32 is right everywhere
    flags = next((line for line in lines if line.startswith("flags")), "")
    return bool(_BF16_FLAGS & set(flags.split()))
