"""The error that embeddings raises on purpose."""


class EncoderError(Exception):
    """An encoder directory is missing, damaged or of another kind, or vectors have another width than the index.

    Messages are Chinese sentences for the reader of the product.
    """
