"""Files -> Documents: decoded visible text, a map to the file, metadata.

listing.py   folders -> files       decoding.py  encodings       metadata.py, masthead.py  date, page, ...
reading.py   a file -> Documents    html.py, furniture.py, markdown.py, jsonl.py  the text formats
parsing.py   PDF and DOCX in a child process: worker.py, which runs pdf.py or docx.py
"""

from qa.documents.listing import SourceFile, list_files
from qa.documents.metadata import Metadata, is_masthead
from qa.documents.reading import Reading, document_of, read_document, read_documents

__all__ = [
    "Metadata",
    "Reading",
    "SourceFile",
    "document_of",
    "is_masthead",
    "list_files",
    "read_document",
    "read_documents",
]
