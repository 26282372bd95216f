"""WenBao: question answering over newspaper archives, in the paper's own words.

The public names are loaded when they are first used, so that ``wenbao --help`` does not wait for torch.
"""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "Answer": "qa.datatypes",
    "Article": "qa.datatypes",
    "ChatSession": "qa.chat",
    "Document": "qa.datatypes",
    "Evidence": "qa.datatypes",
    "IndexStateError": "qa.errors",
    "ModelError": "qa.errors",
    "Passage": "qa.datatypes",
    "QAError": "qa.errors",
    "QAPipeline": "qa.pipeline",
    "QuestionError": "qa.errors",
    "Reply": "qa.datatypes",
    "RetrievedPassage": "qa.datatypes",
    "Retriever": "qa.retriever",
    "SourceError": "qa.errors",
    "build_index": "qa.index",
}

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'qa' has no attribute {name!r}")
