"""Measurements of speed and size: ``python -m benchmarks`` (``make bench``).

environment.py  what ran where                           timing.py    interleaved timings, percentiles
unit.py         U, the unit of speed                     asking.py    questions over the seeds
encoding.py     our encoder, sentence-transformers       commands.py  whole commands, as a user starts them
news.py         a large index: build, size, search       report.py    the figures beside their bars

Each measuring module has one function that returns a flat dict of figures; the runner writes them, with
commit, versions and processor, into ``benchmarks/results/<name>.json`` and prints them as a Markdown table.
"""
