"""From read passages to one Reply.

questions.py    what kind of thing a question asks for, and the constraints that it names
candidates.py   spans of the readings with what speaks for and against each
calibration.py  from those features to probabilities (fitted by qa.training.calibrate, stored with the reader)
evidence.py     the sentences that support an answer
replies.py      the three outcomes, the reason, the alternatives: the Reply
"""

from qa.answering.calibration import Calibration
from qa.answering.replies import Reading, answer_question

__all__ = ["Calibration", "Reading", "answer_question"]
