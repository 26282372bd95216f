"""Files -> Documents: decoded visible text, a map to the file, metadata.

reading.py  files and folders     decoding.py  encodings     html.py  visible text     metadata.py  date, page, ...
"""

from qa.documents.metadata import Metadata, is_masthead
from qa.documents.reading import SourceFile, document_of, list_files, read_document

__all__ = ["Metadata", "SourceFile", "document_of", "is_masthead", "list_files", "read_document"]
