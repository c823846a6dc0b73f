"""Hand-ins of the course: the two-page brief, its key, the slides, the committee's papers.

A brief is about the student's own draw of questions, seeded by their name, so that no two hand in the same
numbers; `answer_key.key` computes what a blank brief asks for, and `answer_key.graded` compares.
"""
