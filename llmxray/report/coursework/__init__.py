"""Hand-ins of the course: the two-page brief, its key, the slides, the committee's papers.

A brief asks for numbers of the whole recording, the same for everybody, and for those of the student's own draw of
questions, seeded by their name; `answer_key.key` computes what a blank brief asks for, and `answer_key.graded`
compares.
"""
