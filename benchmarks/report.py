"""The figures beside their bars, as a Markdown table."""

from __future__ import annotations

from collections.abc import Mapping

Figures = Mapping[str, Mapping[str, float]]

# group, figure -> what it is, how it is shown, the bar on a processor with bf16 units, the bar on one without
_LINES: list[tuple[str, str, str, str, str]] = [
    ("ask", "unit_s", "U in this run, s", "{:.3f}", ""),
    ("ask", "ask_p50_s", "ask, p50, s", "{:.3f}", ""),
    ("ask", "ask_p95_s", "ask, p95, s", "{:.3f}", ""),
    ("ask", "ask_p50_u", "ask, p50, U", "{:.2f}", "≤ 0.45|≤ 0.7"),
    ("ask", "ask_p95_u", "ask, p95, U", "{:.2f}", ""),
    ("encode", "library_per_s", "sentence-transformers fp32, passages/s", "{:.1f}", ""),
    ("encode", "ours_per_s", "our encoder, passages/s", "{:.1f}", ""),
    ("encode", "times_as_fast", "our encoder, times as fast", "{:.2f}", "≥ 2.3|≥ 1"),
    ("encode", "same_first_passage", "same first passage", "{:.1%}", "≥ 99 %"),
    ("commands", "help_s", "wenbao --help, s", "{:.2f}", "≤ 0.5"),
    ("commands", "encoder_load_s", "encoder load (torch imported), s", "{:.2f}", "≤ 1.5"),
    ("commands", "import_torch_s", "import torch, s", "{:.2f}", ""),
    ("commands", "build_seeds_s", "build of the seeds from nothing, s", "{:.1f}", "≤ 40"),
    ("commands", "ask_cold_s", "wenbao ask, a process of its own, s", "{:.1f}", ""),
    ("commands", "ask_peak_mb", "wenbao ask, peak memory, MB", "{:.0f}", "≤ 1000"),
    ("news", "files", "news articles (files)", "{:.0f}", ""),
    ("news", "passages", "passages", "{:.0f}", ""),
    ("news", "build_per_s", "build, passages/s", "{:.1f}", ""),
    ("news", "embed_per_s", "build, its encoding alone, passages/s", "{:.1f}", ""),
    ("news", "index_mb", "index, MB", "{:.1f}", ""),
    ("news", "unit_s", "U in this run, s", "{:.3f}", ""),
    ("news", "search_p50_s", "search, p50, s", "{:.4f}", ""),
    ("news", "search_p95_s", "search, p95, s", "{:.4f}", ""),
    ("news", "search_p50_u", "search, p50, U", "{:.3f}", ""),
    ("news", "search_p95_u", "search, p95, U", "{:.3f}", "≤ 0.15"),
    ("news", "proxy_recall_1", "key words of a sentence, recall@1 (a proxy)", "{:.1%}", ""),
    ("news", "proxy_recall_10", "key words of a sentence, recall@10 (a proxy)", "{:.1%}", ""),
]


def markdown(figures: Figures, bf16: bool) -> str:
    """The measured figures, a line each, with the bar for this kind of processor where there is one."""
    out = ["| what | measured | bar |", "|---|---:|---:|"]
    for group, name, what, form, bars in _LINES:
        if name in figures.get(group, {}):
            with_bf16, _, without = bars.partition("|")
            bar = with_bf16 if bf16 or not without else without
            out.append(f"| {what} | {form.format(figures[group][name])} | {bar} |")
    return "\n".join(out)
