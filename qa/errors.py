"""The errors that qa raises on purpose. Messages are Chinese sentences for the reader of the product.

    QAError
    ├── SourceError            a file or folder cannot be read as a newspaper document
    ├── QuestionError          the question itself cannot be answered (empty, too long, ...)
    ├── ScopeError             the documents, newspapers or dates to keep to cannot be
    ├── ModelError             an encoder or reader directory is missing, damaged or of another kind
    └── IndexStateError        anything about the index directory
        ├── IndexNotFoundError     there is no index there
        ├── IndexDamagedError      there is one, but it is not whole
        ├── IndexMismatchError     it was built with another model or a newer format
        └── IndexLockedError       another process is writing it

Every message says what was found, what was expected and what to do.
"""


class QAError(Exception):
    """Base of all errors that a caller of qa may want to catch and show."""


class SourceError(QAError):
    """A source file or folder is missing, unreadable, empty, binary, or holds nothing to read."""


class QuestionError(QAError):
    """The question is empty, too long, or not text."""


class ScopeError(QAError):
    """The part of the archive to keep to is none: a date that is no date, a newspaper that is not there."""


class ModelError(QAError):
    """A model directory is missing, incomplete, or holds a model of another kind."""


class IndexStateError(QAError):
    """Base of the errors about an index directory."""


class IndexNotFoundError(IndexStateError):
    """The index directory does not exist or holds no published generation."""


class IndexDamagedError(IndexStateError):
    """A published generation is incomplete or does not match its checksums."""


class IndexMismatchError(IndexStateError):
    """The index was built with another encoder, or by a newer format of this program."""


class IndexLockedError(IndexStateError):
    """Another process holds the writer's lock of the index directory."""
