"""Subject groups of categories: STEM, humanities, social sciences, other.

MMLU (Hendrycks et al. 2021, arXiv:2009.03300) sorts its 57 subjects into these four (``categories.py`` of its
repository); MMLU-Pro keeps fourteen subjects without the sorting. They are placed here as their MMLU
ancestors were: engineering and computer science are STEM, law, history and philosophy humanities, economics
and psychology social sciences, business, health and "other" other. ARC is school science, so all of its
categories are STEM. Categories of suites that test no school subject (TruthfulQA, HellaSwag) have no group,
except those that name one.
"""

from __future__ import annotations

from collections.abc import Mapping

STEM, HUMANITIES, SOCIAL, OTHER = "STEM", "humanities", "social sciences", "other"
GROUPS = (STEM, HUMANITIES, SOCIAL, OTHER)

MMLU_PRO: Mapping[str, str] = {
    **dict.fromkeys(
        ("biology", "chemistry", "computer science", "engineering", "math", "physics"),
        STEM,
    ),
    **dict.fromkeys(("history", "law", "philosophy"), HUMANITIES),
    **dict.fromkeys(("economics", "psychology"), SOCIAL),
    **dict.fromkeys(("business", "health", "other"), OTHER),
}
_MMLU: Mapping[str, str] = {
    subject: group
    for group, subjects in {
        STEM: (
            "abstract algebra, astronomy, college biology, college chemistry, college computer science, college "
            "mathematics, college physics, computer security, conceptual physics, electrical engineering, "
            "elementary mathematics, high school biology, high school chemistry, high school computer science, "
            "high school mathematics, high school physics, high school statistics, machine learning"
        ),
        HUMANITIES: (
            "formal logic, high school european history, high school us history, high school world history, "
            "international law, jurisprudence, logical fallacies, moral disputes, moral scenarios, philosophy, "
            "prehistory, professional law, world religions"
        ),
        SOCIAL: (
            "econometrics, high school geography, high school government and politics, high school "
            "macroeconomics, high school microeconomics, high school psychology, human sexuality, professional "
            "psychology, public relations, security studies, sociology, us foreign policy"
        ),
        OTHER: (
            "anatomy, business ethics, clinical knowledge, college medicine, global facts, human aging, "
            "management, marketing, medical genetics, miscellaneous, nutrition, professional accounting, "
            "professional medicine, virology"
        ),
    }.items()
    for subject in subjects.split(", ")
}
# The sciences that ARC and MMLU-Pro share; ARC's "earth and space" has no counterpart there.
SHARED_SCIENCES = ("biology", "chemistry", "physics")


def family(suite: str) -> str:
    """Return the name of a suite without its source, as in ``mmlu_pro`` for ``starter/mmlu-pro``."""
    return suite.rpartition("/")[2].replace("-", "_")


def group_of(suite: str, category: str) -> str | None:
    """Return the group of a category of a suite (``starter/mmlu-pro``, ``mmlu_pro``, ``arc`` …); None when it has none.

    >>> group_of("starter/mmlu-pro", "Law")
    'humanities'
    """
    kind = family(suite)
    if kind.startswith(("arc", "gsm8k")):
        return STEM
    if kind.startswith("mmlu_pro"):
        return MMLU_PRO.get(category.lower())
    return _MMLU.get(category.lower().replace("_", " ")) if kind.startswith("mmlu") else None
