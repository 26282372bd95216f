"""``python -m qa.training.average READER ... --out DIR``: readers of like training, averaged weight by weight.

Runs that start from the same weights and differ in their order and rate mostly lie in one basin; their mean reads
better than each (Wortsman et al. 2022).
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from qa.reader.model import HEADS_FILE, WEIGHTS_FILE


def average(readers: Sequence[Path], out: Path) -> None:
    """Writes the mean of the weights of ``readers``; the other files are those of the first."""
    import torch
    from safetensors.torch import load_file, save_file

    shutil.copytree(readers[0], out)
    for name in (WEIGHTS_FILE, HEADS_FILE):
        stored = [load_file(reader / name) for reader in readers]
        mean = {
            key: torch.stack([weights[key].float() for weights in stored]).mean(0).to(tensor.dtype)
            for key, tensor in stored[0].items()
        }
        save_file(mean, out / name, metadata={"format": "pt"})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m qa.training.average", description=__doc__)
    parser.add_argument("readers", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True, help="a directory that is not there yet")
    options = parser.parse_args()
    average(options.readers, options.out)


if __name__ == "__main__":
    main()
