"""``python -m qa.training``: from the data folder to a reader directory, resumable.

python -m qa.training --data ../shared/data --init ../shared/reader0 --work /tmp/reader --out qa/models/reader

In two steps, where the machine that trains is not the one that prepares: ``--save-features FILE`` stops after the
examples are made; ``--features FILE ...`` trains on them.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from qa.errors import QAError, SourceError
from qa.reader.model import TOKENIZER_FILE
from qa.reader.windows import WindowMaker
from qa.training.features import Feature, feature_of, load_features, save_features
from qa.training.initial import initial_model
from qa.training.mixture import MixtureSettings, examples, pretraining, written
from qa.training.train import Trainer, TrainingSettings, endless
from qa.training.trial import trial

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
    parser.add_argument("--work", type=Path, default=Path("var/training"), help="checkpoints")
    parser.add_argument("--out", type=Path, help="where the reader directory is written at the end")
    parser.add_argument("--teachers", type=Path, nargs="*", default=[], help="readers to distil from")
    parser.add_argument(
        "--examples",
        choices=("mixture", "written", "recurring"),
        default="mixture",
        help="the mixture of all; the questions written by hand alone; recurring spans of news, to train on before",
    )
    parser.add_argument("--save-features", type=Path, help="write the examples there and stop")
    parser.add_argument("--features", type=Path, nargs="*", default=[], help="train on such files")
    parser.add_argument(
        "--trial", type=Path, nargs="*", default=[], help="feature files to report figures on"
    )
    for name, field in (("steps", int), ("tokens", int), ("frozen-layers", int), ("warm-up", int)):
        parser.add_argument(
            f"--{name}", type=field, default=getattr(TrainingSettings(), name.replace("-", "_"))
        )
    parser.add_argument("--learning-rate", type=float, default=TrainingSettings().learning_rate)
    parser.add_argument("--dropout", type=float, default=TrainingSettings().dropout)
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
    features = [feature for path in options.features for feature in load_features(path)] or prepare(options)
    if not features:
        raise SourceError("没有可训练的例子；请检查 --data、--features 与 --limit。")
    unanswered = sum(feature.start == 0 for feature in features)
    print(
        f"{len(features)} windows ({unanswered} without an answer), {sum(len(f.ids) for f in features)} tokens",
        file=sys.stderr,
    )
    if options.save_features is not None:
        save_features(features, options.save_features)
        return
    settings = TrainingSettings(
        steps=options.steps,
        tokens=options.tokens,
        learning_rate=options.learning_rate,
        warm_up=options.warm_up,
        frozen_layers=options.frozen_layers,
        dropout=options.dropout,
        seed=options.seed,
    )
    teachers = [initial_model(path, options.encoder) for path in options.teachers]
    trainer = Trainer(initial_model(options.init, options.encoder), settings, options.work, teachers)
    if trainer.resume():
        print(f"resumed at step {trainer.step}", file=sys.stderr)
    trainer.run(endless(features, settings), minutes=options.minutes)
    if options.out is not None:
        trainer.export(
            options.out,
            tokenizer_of(options),
            {"context": True, "max_tokens": 384, "stride": 128, "training": asdict(settings)},
        )
    trainer.use_average()
    for path in options.trial:
        figures = {name: round(value, 4) for name, value in trial(trainer.model, load_features(path)).items()}
        print(path.stem, json.dumps(figures))


def tokenizer_of(options: argparse.Namespace) -> Path:
    """The tokenizer of the initial weights; that of the encoder, whose word embeddings they take, if they have none."""
    own: Path = options.init / TOKENIZER_FILE
    return own if own.is_file() else options.encoder / TOKENIZER_FILE


def prepare(options: argparse.Namespace) -> list[Feature]:
    """The features of the examples that the options ask for."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tokenizer_of(options)))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    maker = WindowMaker(tokenizer)
    settings = MixtureSettings(news_articles=options.news_articles, seed=options.seed)
    if options.examples == "recurring":
        made = pretraining(options.data, options.seed)
    else:
        made = (written if options.examples == "written" else examples)(options.data, settings)
    found = (feature_of(example, maker) for example in made[: options.limit])
    return [feature for feature in found if feature is not None]


if __name__ == "__main__":
    raise SystemExit(main())
