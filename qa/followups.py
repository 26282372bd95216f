"""Questions that lean on the turns before, made to stand alone: pure functions of text.

"那工业项目呢？" after "锦州今年签约了多少个项目？" can mean several things; each candidate is one of them, likeliest first,
worded as a reader would, since the page shows it. Which is meant is decided by what the archive answers (qa.chat).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa.answering.questions import understand
from qa.clauses import (
    ASKING_WORDS,
    counted_by,
    entity_of,
    holds_name,
    holds_proper_name,
    leading_place,
    may_be_name,
    noun_runs,
    nouns,
    swap_time,
    time_of,
    without_time,
)
from qa.folding import fold

MOST_CANDIDATES = 5
LONGEST_PREFIX = 40
LONGEST_FACT = 16
_THEN = re.compile(r"^(?:那(?![里儿些个家次位条座种场年天时])么?|另外|再问|再说|而)[，,、\s]*")
_ENDING = re.compile(r"(?:又?呢|又如何|怎么样|又怎样)?[？?。！!\s]*$")
_MARKS = " ，,。？?！!"
_OPENING = re.compile(
    r"^(?:那|那么|还有|另外|其中|具体|此外|除此之外|除了|同时|然后|接着|后来|结果|为什么呢|(?:为什么|为何|为啥)[？?]?$|"
    r"什么时候[？?]?$|在哪)"
)
_POINTING = re.compile(
    r"他们?|她们?|它们?|这(?!里写)|那(?!里写)|该|此(?![次外])|其(?!他)|上述|前者|后者|同一"
)
_PERSON = re.compile(
    r"(?<![其吉排])他(?!们)|她(?!们)|这位\w{0,4}?(?=还|又|说|是|的|在|对)|此人|本人|(?<![尤极与])其(?=说|认为|表示)"
)
_PEOPLE = re.compile(r"他们|她们")
_THING = re.compile(
    r"它们?|(?:这|那)[里儿]|(?:这|那|该|此)(?:一|两|几|些)?[个项家次场份座条起批种届款位](?:[\u4e00-\u9fff](?=多|几|谁|什么|哪|怎)|(?!多|几|谁|什么|哪|怎)[\u4e00-\u9fff]{2})?|"
    r"该[\u4e00-\u9fff]{1,2}|其(?!他|中)"
)
_BACK = re.compile(
    r"^(?:回到|回过头来?|再回到|说回|再说说|关于)?(?:刚才|前面|之前|上面|最开始|开头|一开始|第一个(?:问题)?)[说问提谈讲到过的，,\s]*"
)
_WHY = re.compile(r"^(?:那)?(?:这是|是)?(?:为什么|为何|为啥|什么原因|原因)(?:呢|啊)?[？?。！!\s]*$")
_MORE = re.compile(r"^(?:还有(?:呢|谁|哪些|什么|吗|没有)|除此之外呢|此外呢)(?:呢|吗)?[？?。！!\s]*$")
# What is said out of courtesy asks the archive nothing.
_COURTESY = re.compile(
    r"^(?:你好|您好|大家好|早上好|谢谢|多谢|感谢|辛苦|再见|拜拜|好的?|嗯+|哦+|知道了|明白了|懂了|不错|哈+|在吗|没事了?|不用了?)"
    r"(?:你|您|了|啊|呀|吧|哈)*[！!。，,~～？?\s]*$"
)
# Words by which nothing is told: of the day of asking, and those that newspapers need not print ("她的年龄" is answered
# by "今年61岁").
_ATTRIBUTE = re.compile(
    r"^(?:今天|明天|昨天|现在|时候|年龄|年纪|岁数|时间|日期|地点|地方|价格|价钱|原因|金额|数量|人数|规模|名字|费用|工期|长度|高度|结果|目的|意义|作用|多大|多久)$"
)
_UNIT = "个家项件户名人次位天年条元钱座处批亩场种届"
_WHICH = re.compile(
    rf"什么时候|什么时间|几时|何时|什么地方|多少[{_UNIT}]?|多[大长高远久重深]|什么|哪[里儿些]|哪[一几]?[个位年天家]?|谁|几[{_UNIT}月点]"
)
_COUNTED = re.compile(rf"(?:多少|几)[{_UNIT}]?([\u4e00-\u9fff]{{2,}})[？?。]?$")
_SERIES = re.compile(r"第?[一二三四五六七八九十\d]+[期批届号轮]")
_NO_PERSON = re.compile(r"[\d、，,]|(?:公司|集团|局|厅|委|部|院|校|中心|社|会|组|队|市|县|省)$")
_COPULA = re.compile(r"(?:一?共|总共|都|分别)?(?:是|有|了|为|叫)?$")
_PREPOSITION = re.compile(r"[由在到于从自向给被把对为]$")
_AMOUNT = re.compile(r"(?:投资|资金|面积|收入|里程|额|率|量|值|费|价)$")  # is not counted by 多少个
# What a word is asked by, whatever was asked before: "总投资" after "什么时候开工" is asked by 多少.
_ASKED_BY = (
    ("多少", _AMOUNT),
    (
        "谁",
        re.compile(r"(?:[局市县省厅部处馆校院站社会队村镇乡董事]长|主席|书记|主任|经理|负责人|作者|工程师)$"),
    ),
    ("什么时候", re.compile(r"(?:时间|日期)$")),
    ("哪里", re.compile(r"(?:地点|地址|位置)$")),
)
_DEFAULT_ASK = (
    ("person", "谁"),
    ("date", "什么时候"),
    ("place", "哪里"),
    ("list", "哪些"),
    ("number", "多少"),
)


@dataclass(frozen=True, slots=True)
class PastTurn:
    """A turn as it was understood, and the answer that it got ("" where none).

    ``person``: whom a later "他" or "她" means. ``lead``: how many characters of ``standalone`` were put before the
    question to say what it is about.
    """

    standalone: str
    answer: str
    article: str | None
    person: str = ""
    lead: int = 0


def person_of(standalone: str, answer: str, before: str = "") -> str:
    """Whom "他" means after a turn: the person that was the answer, or that the question names."""
    facts = understand(standalone)
    if "person" in facts.types and 2 <= len(answer) <= 12 and not _NO_PERSON.search(answer):
        return answer
    if before and before in standalone:
        return before
    return next((name for kind, name in facts.names if kind == "person" and len(name) <= 4), "")


def leans(question: str) -> bool:
    """Whether the wording of ``question`` points to something said before."""
    text = question.strip()
    if _COURTESY.match(text):
        return False
    if _BACK.search(text) or (
        _OPENING.search(text) and not (text.startswith("那") and _word_of_its_own(text, 0))
    ):
        return True
    if re.search(r"呢[？?！!。\s]*$", text) and not (
        ASKING_WORDS.search(text) and len(understand(text).words) >= 3
    ):
        return bool(_ENDING.sub("", text))
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
    if _COURTESY.match(question.strip()):
        return False
    facts = understand(question)
    return not facts.names and not facts.years and len(facts.words) <= 2


def is_about(question: str, texts: Sequence[str]) -> bool:
    """Whether a question of few words can be about ``texts``: two characters of a noun stand there.

    One without a noun ("什么时候开始？") leaves out what it is about.
    """
    named = [
        noun for noun in nouns(fold(question)) if not _ATTRIBUTE.match(noun) and not ASKING_WORDS.search(noun)
    ]
    named = [noun for noun in named if len(noun) > 1] or named  # 学 of 学英语 stands everywhere
    pairs = {noun[at : at + 2] for noun in named for at in range(max(len(noun) - 1, 1))}
    return not named or any(pair in text for pair in pairs for text in texts)


def topic_words(turn: PastTurn) -> list[str]:
    """The content words of a turn, names first seen first."""
    facts = understand(turn.standalone)
    return list(dict.fromkeys(facts.words))


def candidates(question: str, history: Sequence[PastTurn]) -> list[str]:
    """Ways to understand ``question`` after ``history`` (oldest first), the question as asked first."""
    asked = question.strip()
    out = [asked]
    for turn in _bases(asked, history):
        core = _BACK.sub("", _THEN.sub("", asked)) or asked
        for made in _ways(core, asked, turn, history):
            if made and made not in out:
                out.append(made)
    return out[:MOST_CANDIDATES]


def _ways(core: str, asked: str, turn: PastTurn, history: Sequence[PastTurn]) -> list[str]:
    if _WHY.match(core):
        return _why(turn)
    if _MORE.match(asked):
        return _more(asked, turn)
    resolved = _resolved(core, turn, history)
    if resolved and _PERSON.search(core):
        return resolved
    replaced = _replaced(core, turn)
    if replaced:
        return replaced
    core = _tidy(core) if _BACK.search(asked) else core
    whole = [core] if core != asked and _stands(core) else []
    return [*resolved, *whole, *_expanded(core, turn)]


def _stands(core: str) -> bool:
    """Whether what is left of "回到刚才的望仙桥，…" or "那锦州…" names its matter itself."""
    facts = understand(core)
    return (
        bool(ASKING_WORDS.search(core))
        and not _THING.search(core)
        and (bool(facts.names) or len(facts.words) >= 3)
    )


def _tidy(core: str) -> str:
    """ "望仙桥，始建于哪一年？" as one clause."""
    return re.sub(r"^([^，,]{2,8})[，,]\s*", r"\1", core)


def _bases(question: str, history: Sequence[PastTurn]) -> list[PastTurn]:
    """The turns that ``question`` may lean on: the last, and an earlier one that it shares words with."""
    if not history:
        return []
    last = history[-1]
    words = set(understand(question).words)
    earlier = [turn for turn in history[:-1] if words & set(topic_words(turn)) - set(topic_words(last))]
    if _BACK.search(question.strip()) and len(history) > 1:
        named = [turn for turn in history[:-1] if any(w[-1] in turn.standalone for w in words)]
        return [earlier[-1]] if earlier else [named[-1] if named else history[0], last]
    return [last, earlier[-1]] if earlier else [last]


def _question(text: str) -> str:
    return text.strip(_MARKS) + "？"


def _told(turn: PastTurn) -> str:
    """The turn before as a statement: what it asked for is replaced by its answer, or left out."""
    text = turn.standalone[turn.lead :].strip(_MARKS)
    matter = entity_of(turn.standalone) if turn.lead else ""
    if matter not in text:
        text = matter + text
    hits = list(_WHICH.finditer(text))
    fact = (
        turn.answer if len(turn.answer) <= LONGEST_FACT and not re.search(r"[。；，,]", turn.answer) else ""
    )
    if len(hits) == 1 and fact:
        head, tail = text[: hits[0].start()], text[hits[0].end() :]
        for size in (3, 2, 1):  # "128.5公里" brings its unit along
            if tail and len(tail) >= size and fact.endswith(tail[:size]):
                tail = tail[size:]
                break
        return head + fact + tail
    if not hits:
        return re.sub(r"(?:怎么样?|如何|吗)$", "", text)
    head = _COPULA.sub("", text[: hits[0].start()])
    return head + text[hits[-1].end() :]


def _matter_told(turn: PastTurn) -> str:
    """The turn before as a statement without its answer, where that is a sentence.

    A date or a figure there draws the reading to the sentence of the old answer; but nothing can be left out after a
    preposition ("由谁承建") or before a unit ("多少公里").
    """
    text = turn.standalone
    hits = list(_WHICH.finditer(text))
    needed = bool(hits) and (
        _PREPOSITION.search(text[: hits[0].start()])
        or (text[hits[0].start()] in "多几" and re.match(r"[公千万亿平立分小]", text[hits[0].end() :]))
    )
    return _told(turn) if needed else _told(replace(turn, answer=""))


def _why(turn: PastTurn) -> list[str]:
    """Why what was just told is so. The figure is left out first: reasons are seldom printed beside it."""
    told, bare = _told(turn), _told(replace(turn, answer=""))
    bare = re.sub(r"了$", "", bare)
    ways = [bare, told] if re.search(r"\d", turn.answer) else [told]
    return [_question("为什么" + way) for way in ways if way]


def _more(asked: str, turn: PastTurn) -> list[str]:
    """ "还有谁？": the same again, beside what was answered."""
    text = turn.standalone.strip(_MARKS)
    hit = _WHICH.search(text)
    if hit is None:
        return [f"{text}，{_question(asked)}"]
    before = (
        _COPULA.sub("", text[: hit.start()]) if text[: hit.start()].endswith("是") else text[: hit.start()]
    )
    verb = re.search(r"[\u4e00-\u9fff]{2}了?$", before)
    same = text if verb and not text[: hit.start()].endswith("是") else before + "还有" + text[hit.start() :]
    beside = f"除了{turn.answer}，" if 0 < len(turn.answer) <= LONGEST_FACT else ""
    return [_question(beside + same), _question(same)]


def _expanded(core: str, turn: PastTurn) -> list[str]:
    """What the turn before was about in front of the question: its matter alone, or all of it."""
    own = _THING.sub("", core, count=1) if _THING.match(core) else core
    own = (_ENDING.sub("", own) or own).strip(_MARKS)
    out = []
    matter = entity_of(turn.standalone)
    mine, theirs = _SERIES.match(own), _SERIES.search(matter)
    if mine and theirs:  # "二期什么时候开工？" after "黑山一期风电…"
        out.append(
            _question(matter[: theirs.start()] + mine.group() + matter[theirs.end() :] + own[mine.end() :])
        )
    elif matter and matter not in own and not own.startswith(matter[-2:]):
        out.append(_question(matter + own))
    if turn.person and turn.person == turn.answer:
        out.append(_question(turn.person + own))
    kept = [word for word in topic_words(turn) if word not in own]
    told = _matter_told(turn)
    if kept and told:
        about = told if len(told) <= LONGEST_PREFIX else " ".join(kept)
        out.append(_question(f"{about}，{own}"))
    return out


def _resolved(core: str, turn: PastTurn, history: Sequence[PastTurn]) -> list[str]:
    """Pointing words replaced by what they can point to: the person or the matter of the turns before."""
    out = []
    if _PERSON.search(core):
        people = [turn.person or person_of(turn.standalone, turn.answer)]
        people += [past.person for past in reversed(history[-3:])]
        out += [_PERSON.sub(person, core, count=1) for person in dict.fromkeys(people[:2]) if person]
    elif _PEOPLE.search(core):
        matters = [entity_of(past.standalone) for past in reversed(history[-3:])]
        people = [past.person for past in history if past.person]
        named = [matter for matter in matters if matter and not any(matter.startswith(p) for p in people)]
        out += [_PEOPLE.sub(name, core, count=1) for name in [*named[:1], *people[-1:]]]
    elif hit := _THING.search(core):
        matter = entity_of(turn.standalone)
        if matter:
            out.append(core[: hit.start()] + matter + core[hit.end() :])
    else:
        out.append(_full_name(core, turn.standalone))
    return out


def _full_name(core: str, before: str) -> str:
    """ "旅游季有几个板块？" after "锦州金秋文化旅游季…": the short name made full, or ""."""
    matter = entity_of(before)
    start, end, _ = next(iter(noun_runs(core)), (0, 0, ""))
    short = core[start:end]
    if len(short) >= 2 and len(matter) > len(short) and matter.endswith(short):
        return core[:start] + matter + core[end:]
    return ""


def _replaced(core: str, turn: PastTurn) -> list[str]:
    """For "那X呢？": the turn before with X in the place of what is of its kind."""
    slot = _ENDING.sub("", core).strip("，, ")
    if not 1 < len(slot) <= 16 or ASKING_WORDS.search(slot) or _PERSON.match(slot) or _PEOPLE.match(slot):
        return []
    before = turn.standalone
    when, rest = time_of(slot), without_time(slot)
    base = swap_time(before, when) if when else before
    if not rest:
        return [base]
    out = []
    matter = entity_of(base)
    alike = _alike(rest, base, matter)
    if alike:
        end = alike[1]
        if base[end - 1] != rest[-1] == base[end : end + 1]:  # 江州 is one word, 市 another
            end += 1
        out.append(base[: alike[0]] + rest + base[end:])
    place = leading_place(matter)
    # A name takes the place of the matter asked about, another word that of what is asked about it; "签约项目" is a
    # matter beside another, but of 锦州 it is what is asked about.
    named = holds_name(rest) and (matter != place or holds_proper_name(rest))
    if named:
        out.append(base.replace(matter, rest, 1) if matter else "")
    part = counted_by(base)
    if part and not alike and not named and part[0] >= base.find(matter) + len(matter):
        out.append(base[: part[0]] + rest + base[part[1] :])
    if not out or not named:
        out.append(_attribute(base, matter, rest))
    if matter and matter == place and not named and may_be_name(rest):
        out.append(base.replace(matter, rest, 1))
    if (
        len(place) < len(matter)
        and place
        and not leading_place(rest)
        and (named or not holds_name(matter[len(place) :]))
    ):
        out.append(base.replace(matter, place + rest, 1))
    counted = _COUNTED.search(base)
    if counted and not alike and not named and not _AMOUNT.search(rest):
        out.append(base[: counted.start(1)] + rest + base[counted.end(1) :])
    return [_question(made) for made in out if made]


def _alike(slot: str, text: str, matter: str) -> tuple[int, int] | None:
    """The part of ``text`` that ends as ``slot`` does ("农业项目", "工业项目"), or is a name of its class."""
    kinds = noun_runs(slot)
    kind = kinds[-1][2] if kinds else ""
    found: list[tuple[int, int, int]] = []
    for start, end, other in noun_runs(text):
        run = text[start:end]
        if ASKING_WORDS.search(run):
            continue
        shared = 0
        while shared < min(len(run), len(slot)) and run[-1 - shared] == slot[-1 - shared]:
            shared += 1
        if run.startswith(matter) and matter and shared and not holds_name(slot):
            start = min(start + len(matter), end - shared)
        within = matter and text.find(matter) <= start < text.find(matter) + len(matter)
        if (shared and not (within and holds_name(slot))) or kind == other == "ns":
            found.append((shared, start, end))
    if not found:
        return None
    shared, start, end = max(found, key=lambda one: (one[0], -one[1] if not one[0] else one[1]))
    return start, end


def _attribute(text: str, matter: str, slot: str) -> str:
    """ "临河高速全长多少？" with "总投资": the matter, the new word, and the form of the question."""
    if not matter:
        return ""
    when = time_of(text)
    types = understand(text).types
    own = next((word for word, form in _ASKED_BY if form.search(slot)), "")
    ask = own or next((word for kind, word in _DEFAULT_ASK if kind in types), "多少")
    return f"{when}{matter}的{slot}是{ask}"
