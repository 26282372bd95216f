"""The reader: a question and passages -> answer spans with scores.

windows.py   text -> token windows and back     model.py      the network
decoding.py  logits -> spans                    span_reader.py  the Reader that is shipped
"""

from qa.reader.decoding import SpanScore, best_spans
from qa.reader.span_reader import PassageReading, Reader, SpanReader, load_reader

__all__ = ["PassageReading", "Reader", "SpanReader", "SpanScore", "best_spans", "load_reader"]
