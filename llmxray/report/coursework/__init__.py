"""Hand-ins of the course: the two-page brief, its key, the slides, the committee's papers.

A brief is about the student's own draw of questions, seeded by their name, so that no two hand in the same
numbers; `key` computes what a blank brief asks for, and `graded` compares.
"""

from llmxray.report.coursework.answer_key import Blank, Grade, graded, key
from llmxray.report.coursework.briefs import Brief, brief
from llmxray.report.coursework.committee_papers import Committee, committee
from llmxray.report.coursework.slide_deck import Slides, slides, varying

__all__ = [
    "Blank",
    "Brief",
    "Committee",
    "Grade",
    "Slides",
    "brief",
    "committee",
    "graded",
    "key",
    "slides",
    "varying",
]
