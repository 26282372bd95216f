"""Strings -> vectors -> nearest rows. A leaf: imports nothing from qa or ui.

encoder.py       sentence-transformers encoders     vector_index.py  FAISS behind row numbers
cpu.py           what the processor can do          models/          the shipped encoder and how it was made
"""

from embeddings.encoder import Encoder, load_encoder
from embeddings.errors import EncoderError
from embeddings.vector_index import VectorIndex

__all__ = ["Encoder", "EncoderError", "VectorIndex", "load_encoder"]
