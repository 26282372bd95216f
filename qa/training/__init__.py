"""From question-answering data to the shipped reader: ``python -m qa.training``.

data.py      SQuAD-format files -> examples       augment.py   terse copies, swapped constraints, cloze questions
train.py     examples -> checkpoints -> the model directory of qa/models/reader
calibrate.py the reader's outputs on held-out questions -> the calibration of qa.answering
"""
