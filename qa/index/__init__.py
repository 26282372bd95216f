"""The index directory: generations of vectors, words and records, published whole or not at all.

manifest.py  what a generation says of itself     store.py        records in SQLite
build.py     sources -> a published generation    generations.py  lock, publish, verify, rollback
opened.py    a generation opened for reading
"""

from qa.index.build import BuildReport, build_index
from qa.index.generations import current_generation, default_index_dir, rollback
from qa.index.generations import verify_files as verify_index
from qa.index.manifest import Manifest
from qa.index.opened import Index, open_index

__all__ = [
    "BuildReport",
    "Index",
    "Manifest",
    "build_index",
    "current_generation",
    "default_index_dir",
    "open_index",
    "rollback",
    "verify_index",
]
