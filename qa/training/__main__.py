"""``python -m qa.training``: from the data folder to a reader directory, resumable.

python -m qa.training --data ../shared/data --init ../shared/reader0 --work /tmp/reader --out qa/models/reader
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from qa.errors import QAError
from qa.reader.model import TOKENIZER_FILE
from qa.reader.windows import WindowMaker
from qa.training.features import feature_of
from qa.training.initial import initial_model
from qa.training.mixture import MixtureSettings, examples
from qa.training.train import Trainer, TrainingSettings, endless

PROJECT = Path(__file__).resolve().parents[2]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m qa.training", description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=PROJECT.parent / "shared" / "data", help="folder of data files"
    )
    parser.add_argument(
        "--init", type=Path, default=PROJECT / "qa" / "models" / "reader", help="weights to start from"
    )
    parser.add_argument("--encoder", type=Path, default=PROJECT / "embeddings" / "models" / "encoder")
    parser.add_argument("--work", type=Path, required=True, help="checkpoints; outside the project's tree")
    parser.add_argument("--out", type=Path, help="where the reader directory is written at the end")
    parser.add_argument("--steps", type=int, default=TrainingSettings().steps)
    parser.add_argument("--learning-rate", type=float, default=TrainingSettings().learning_rate)
    parser.add_argument("--news-articles", type=int, default=MixtureSettings().news_articles)
    parser.add_argument("--seed", type=int, default=1, help="of the examples and of their order")
    parser.add_argument("--minutes", type=float, help="stop and save after so long; run again to go on")
    parser.add_argument("--limit", type=int, help="only so many examples (for a smoke run)")
    options = parser.parse_args(argv)
    try:
        run(options)
    except QAError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def run(options: argparse.Namespace) -> None:
    """Examples, features, training, export."""
    from tokenizers import Tokenizer

    mixture = MixtureSettings(news_articles=options.news_articles, seed=options.seed)
    settings = TrainingSettings(steps=options.steps, learning_rate=options.learning_rate, seed=options.seed)
    tokenizer = Tokenizer.from_file(str(options.encoder / TOKENIZER_FILE))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    maker = WindowMaker(tokenizer)
    made, held_out = examples(options.data, mixture)
    features = [
        feature for feature in (feature_of(example, maker) for example in made[: options.limit]) if feature
    ]
    unanswered = sum(feature.start == 0 for feature in features)
    print(
        f"{len(features)} windows ({unanswered} without an answer), {sum(len(f.ids) for f in features)} tokens; "
        f"{len(held_out)} questions held out",
        file=sys.stderr,
    )
    trainer = Trainer(initial_model(options.init, options.encoder), settings, options.work)
    if trainer.resume():
        print(f"resumed at step {trainer.step}", file=sys.stderr)
    trainer.run(endless(features, settings), minutes=options.minutes)
    if options.out is not None:
        trainer.export(
            options.out,
            options.encoder / TOKENIZER_FILE,
            {
                "context": True,
                "max_tokens": maker.max_tokens,
                "stride": maker.stride,
                "steps": trainer.step,
                "training": asdict(settings),
                "mixture": asdict(mixture),
            },
        )


if __name__ == "__main__":
    raise SystemExit(main())
