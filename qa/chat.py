"""ChatSession: one reader's turns. Follow-ups are made stand-alone before they are asked."""

from __future__ import annotations

from collections.abc import Collection

from qa.datatypes import Reply
from qa.followups import PastTurn, candidates, leans, underspecified
from qa.pipeline import QAPipeline
from qa.retriever import check_question

# A follow-up mostly stays with the article of the turn before; worth this much probability in the choice.
SAME_ARTICLE = 0.2
# A turn that leans on nothing by its words, but names little, stands alone only where that answers it clearly better.
MUST_GAIN = 0.25


class ChatSession:
    """The turns of one conversation over a shared pipeline; not for use by two threads at once."""

    def __init__(self, pipeline: QAPipeline, *, sources: Collection[str] | None = None) -> None:
        self.pipeline = pipeline
        self.sources = sources
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
        reply = self.pipeline.reply(asked, understood, sources=self.sources, id=id)
        self.turns.append(reply)
        return reply

    def understand(self, question: str) -> str:
        """``question`` as a question that stands alone, by what the archive answers best."""
        history = [past_turn(turn) for turn in self.turns]
        leaning = leans(question)
        if not history or not (leaning or underspecified(question)):
            return question
        ways = candidates(question, history)
        if len(ways) == 1:
            return question
        before = history[-1].article
        weighed = self.pipeline.weigh(ways, sources=self.sources)
        scores = [
            stated + (SAME_ARTICLE if article and article == before else 0) for stated, article in weighed
        ]
        best = max(range(1, len(ways)), key=lambda n: (scores[n], -n))
        if not leaning and scores[0] > scores[best] + MUST_GAIN:
            return question
        return ways[best]


def past_turn(reply: Reply) -> PastTurn:
    """What a later turn can lean on."""
    article = reply.evidence[0].retrieved.article.id if reply.evidence and reply.answer else None
    return PastTurn(reply.standalone_question, reply.answer.text if reply.answer else "", article)
