"""Questions that lean on the turns before, made to stand alone: pure functions of text.

"那工业项目呢？" after "锦州今年签约了多少个项目？" can mean several things; each candidate is one of them. Which is meant
is decided by what the archive answers (qa.chat), not here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.answering.questions import understand

MOST_CANDIDATES = 5
_THEN = re.compile(r"^(?:那么?|另外|还有|再问|再说|而)[，,、\s]*")
_ENDING = re.compile(r"(?:又?呢|又如何|怎么样|又怎样)?[？?。！!\s]*$")
_OPENING = re.compile(
    r"^(?:那|那么|还有|另外|其中|具体|此外|除此之外|除了|同时|然后|接着|后来|结果|为什么呢|为什么[？?]?$|什么时候[？?]?$|在哪)"
)
_POINTING = re.compile(
    r"他们?|她们?|它们?|这(?!里写)|那(?!里写)|该|此(?![次外])|其(?!他)|上述|前者|后者|同一"
)
_PERSON = re.compile(r"他们?|她们?|这位\w{0,4}?(?=还|又|说|是|的|在|对)|此人|本人")
_THING = re.compile(
    r"它们?|(?:这|那|该|此)(?:一|两|几|些)?[个项家次场份座条起批种届款位]?(?:[\u4e00-\u9fff]{2})?|其(?!他|中)"
)
_BACK = re.compile(
    r"^(?:回到|回过头来?|再回到|说回|再说说|关于)?(?:刚才|前面|之前|上面|最开始|开头|一开始|第一个(?:问题)?)[说问提谈讲到过的，,\s]*"
)
# The part of a question that asks, with the word for what is counted and the verb that would be left hanging.
_ASKED = re.compile(
    r"(?:一?共|总共|都|分别)?(?:是|有|了|为|叫)?(?:什么时候|什么时间|为什么|多少[个家项件户名人次位天年条元钱]?|什么|"
    r"哪[里儿些个位年天家]?|谁|几[个家项件户名人次位天年条]?|怎么样?|如何)(?:的|呢|吗)?"
)
LONGEST_PREFIX = 36
_ASKS = re.compile(r"什么|多少|多[大长高远久重深]|哪|谁|几|何|吗|怎|是否|有没有")


@dataclass(frozen=True, slots=True)
class PastTurn:
    """A turn as it was understood, and the answer that it got ("" where none)."""

    standalone: str
    answer: str
    article: str | None


def leans(question: str) -> bool:
    """Whether the wording of ``question`` points to something said before."""
    text = question.strip()
    if _BACK.search(text) or (
        _OPENING.search(text) and not (text.startswith("那") and _word_of_its_own(text, 0))
    ):
        return True
    if re.search(r"呢[？?！!。\s]*$", text) and not (_ASKS.search(text) and len(understand(text).words) >= 3):
        return True
    at = next(
        (hit.start() for hit in _POINTING.finditer(text) if not _word_of_its_own(text, hit.start())), None
    )
    return at is not None and not _says_enough(text[:at])


def _says_enough(head: str) -> bool:
    """ "李明说他…" points inside itself: a name, or a long beginning, stands before the pointing word."""
    facts = understand(head)
    return bool(facts.names) or len(facts.words) >= 3


def _word_of_its_own(text: str, at: int) -> bool:
    """Whether the character at ``at`` is part of a word that points to nothing: 应该, 尤其, 那曲."""
    import jieba.posseg

    end = 0
    for pair in jieba.posseg.cut(text):
        start, end = end, end + len(pair.word)
        if at < end:
            known = bool(jieba.dt.FREQ.get(pair.word))  # not a name that was guessed
            return (
                known
                and (start < at or (len(pair.word) > 1 and pair.flag.startswith(("n", "v", "d"))))
                and pair.word not in ("前者", "后者", "同一天")
            )
    return False


def underspecified(question: str) -> bool:
    """Whether ``question`` names so little that it may lean on what was said before."""
    facts = understand(question)
    return not facts.names and not facts.years and len(facts.words) <= 2


def topic_words(turn: PastTurn) -> list[str]:
    """The content words of a turn, names first seen first."""
    facts = understand(turn.standalone)
    return list(dict.fromkeys(facts.words))


def candidates(question: str, history: Sequence[PastTurn]) -> list[str]:
    """Ways to understand ``question`` after ``history`` (oldest first), the question as asked first."""
    asked = question.strip()
    out = [asked]
    for turn in _bases(asked, history):
        core = _BACK.sub("", _THEN.sub("", asked))
        for made in (*_replaced(core, turn), *_resolved(core, turn), _expanded(core, turn)):
            if made and made not in out:
                out.append(made)
    return out[:MOST_CANDIDATES]


def _bases(question: str, history: Sequence[PastTurn]) -> list[PastTurn]:
    """The turns that ``question`` may lean on: the last, and an earlier one that it shares words with."""
    if not history:
        return []
    last = history[-1]
    words = set(understand(question).words)
    earlier = [turn for turn in history[:-1] if words & set(topic_words(turn)) - set(topic_words(last))]
    if earlier:
        return [earlier[-1]] if _BACK.search(question) else [earlier[-1], last]
    if _BACK.search(question.strip()) and len(history) > 1:
        return [history[0], last]
    return [last]


def _expanded(core: str, turn: PastTurn) -> str:
    """What the turn before was about in front of the question: its words as they stand, or the telling ones."""
    own = understand(core)
    kept = [word for word in topic_words(turn) if word not in own.text]
    if not kept:
        return ""
    about = _ASKED.sub("", turn.standalone).strip(" ，,。？?！!")
    if len(about) > LONGEST_PREFIX:
        about = " ".join(kept)
    return f"{about} {_ENDING.sub('', core) or core}"


def _resolved(core: str, turn: PastTurn) -> list[str]:
    """Pointing words replaced by what they can point to: the person or the subject of the turn before."""
    out = []
    facts = understand(turn.standalone)
    if _PERSON.search(core):
        people = [name for kind, name in facts.names if kind == "person"]
        if "person" in facts.types and 2 <= len(turn.answer) <= 12:
            people.insert(0, turn.answer)
        out += [_PERSON.sub(person, core, count=1) for person in people[:2]]
    elif _THING.search(core):
        subject = _subject(turn.standalone)
        if subject:
            out.append(_THING.sub(subject, core, count=1))
    return out


def _noun_runs(text: str) -> list[tuple[int, int, str]]:
    """``(start, end, class)`` of runs of noun-like words; the class is that of the last word."""
    import jieba.posseg

    runs: list[tuple[int, int, str]] = []
    at = 0
    for pair in jieba.posseg.cut(text):
        end = at + len(pair.word)
        if pair.flag.startswith(("n", "v", "a", "j", "b", "l", "i")) and pair.flag not in (
            "v",
            "vd",
            "ad",
            "d",
        ):
            if runs and runs[-1][1] == at and runs[-1][2] not in ("ns", "nr"):
                runs[-1] = (runs[-1][0], end, pair.flag)
            else:
                runs.append((at, end, pair.flag))
        elif pair.flag in ("t", "m") and not _ASKS.search(pair.word):
            runs.append((at, end, pair.flag))
        at = end
    return runs


def _subject(text: str) -> str:
    """The first run of noun-like words of ``text`` that is not a time or a number, or ""."""
    for start, end, kind in _noun_runs(text):
        if kind not in ("t", "m") and end - start >= 2 and not _ASKS.search(text[start:end]):
            return text[start:end]
    return ""


def _replaced(core: str, turn: PastTurn) -> list[str]:
    """For "那X呢？": the turn before with X in the place of the part that is most like X."""
    slot = _ENDING.sub("", core).strip("，, ")
    if not 1 < len(slot) <= 16 or _ASKS.search(slot) or _PERSON.match(slot):
        return []
    runs = [run for run in _noun_runs(turn.standalone) if run[1] - run[0] >= 2 or run[2] in ("t", "m", "ns")]
    inner = _noun_runs(slot)
    kind = inner[-1][2] if inner else "n"

    def likeness(run: tuple[int, int, str]) -> tuple[int, int, int]:
        text = turn.standalone[run[0] : run[1]]
        shared = 0
        while shared < min(len(text), len(slot)) and text[-1 - shared] == slot[-1 - shared]:
            shared += 1
        return shared, int(run[2] == kind), run[0]

    ranked = sorted((run for run in runs if not _ASKS.search(turn.standalone[run[0] : run[1]])), key=likeness)
    text = turn.standalone
    return [text[:start] + slot + text[end:] for start, end, _ in reversed(ranked[-2:])]
