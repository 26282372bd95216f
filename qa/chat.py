"""ChatSession: one reader's turns. Follow-ups are made stand-alone before they are asked."""

from __future__ import annotations

from collections.abc import Sequence

from qa.datatypes import Reply
from qa.folding import fold
from qa.followups import PastTurn, candidates, is_about, leans, person_of, underspecified
from qa.pipeline import QAPipeline
from qa.retriever import check_question
from qa.scope import WHOLE, Scope

# A follow-up mostly stays with the article of the turn before; worth this much probability in the choice.
SAME_ARTICLE = 0.2
# A turn that leans on nothing by its words, but names little, stands alone only where that answers it clearly better.
MUST_GAIN = 0.25
# What was answered just now is hardly what is asked next.
SAME_ANSWER = 0.4
# The ways to understand a turn come likeliest first.
LATER = 0.03
# The turns in whose articles a word must stand for a turn of few words to be about them.
TEXTS_OF = 2


class ChatSession:
    """The turns of one conversation over a shared pipeline; not for use by two threads at once."""

    def __init__(self, pipeline: QAPipeline, scope: Scope = WHOLE) -> None:
        self.pipeline = pipeline
        self.scope = scope
        self.turns: list[Reply] = []

    def clear(self) -> None:
        """Forget the turns."""
        self.turns.clear()

    def ask(self, question: str, *, standalone: str | None = None, id: str = "") -> Reply:
        """The reply to the next turn; ``reply.standalone_question`` says how it was understood.

        ``standalone`` is the reader's own wording of what is meant, taken as it is. Raises QuestionError as
        ``QAPipeline.ask`` does; the turn is then not kept.
        """
        asked = check_question(question)
        understood = check_question(standalone) if standalone is not None else self.understand(asked)
        reply = self.pipeline.reply(asked, understood, self.scope, id=id)
        self.turns.append(reply)
        return reply

    def understand(self, question: str) -> str:
        """``question`` as a question that stands alone, by what the archive answers best."""
        # A turn that the archive has nothing on (small talk, a recipe) is nothing to lean on.
        told = [turn for turn in self.turns if turn.status != "not_found"]
        leaning = leans(question)
        if not told or not (leaning or underspecified(question)):
            return question
        if not leaning and not is_about(question, _texts(told[-TEXTS_OF:])):
            return question
        history = past_turns(told)
        ways = candidates(question, history)
        if len(ways) == 1:
            return question
        last = history[-1]
        scores = []
        for n, found in enumerate(self.pipeline.weigh(ways, self.scope)):
            score = found.stated - LATER * n
            if found.article and found.article == last.article:
                score += SAME_ARTICLE
            if last.answer and _alike(found.answer, last.answer):
                score -= SAME_ANSWER
            scores.append((score, found.article))
        best = max(range(1, len(ways)), key=lambda n: scores[n][0])
        if not leaning and scores[0][0] > scores[best][0] + MUST_GAIN and scores[0][1] != last.article:
            return question
        return ways[best]


def _texts(turns: Sequence[Reply]) -> list[str]:
    """What the archive printed about the matter of ``turns``, folded."""
    articles = {item.retrieved.article.id: item.retrieved.article for turn in turns for item in turn.evidence}
    return [fold(f"{article.title} {article.text}") for article in articles.values()]


def _alike(answer: str, other: str) -> bool:
    """Whether one of two answers holds the other."""
    one, two = fold(answer), fold(other)
    return bool(one and two) and (one in two or two in one)


def past_turns(replies: Sequence[Reply]) -> list[PastTurn]:
    """What a later turn can lean on, oldest first."""
    out: list[PastTurn] = []
    for reply in replies:
        answer = reply.answer.text if reply.answer else ""
        article = reply.evidence[0].retrieved.article.id if reply.evidence and reply.answer else None
        meant = reply.standalone_question
        person = person_of(meant, answer, out[-1].person if out else "")
        tail = meant.rpartition("，")[2]
        led = meant != reply.question and tail.strip("？?。 ") in reply.question
        out.append(PastTurn(meant, answer, article, person, len(meant) - len(tail) if led else 0))
    return out
