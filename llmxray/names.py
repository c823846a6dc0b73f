"""Names that are read from files and become paths, addresses or words of a command: one rule each, whoever wrote them.

A name that fits its rule leads out of no folder, drives no terminal, means nothing to a shell, and is one name on
every file system. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_SHOWN = 40
_PART = r"[a-z0-9][a-z0-9._-]*"
# Windows drops a dot at the end, and two names would be one.
_MEMBER_PART = r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?"
# Windows cannot make files or folders of these names, whatever their suffix.
_DEVICE = re.compile(r"(con|prn|aux|nul|(com|lpt)\d)(\..*)?", re.IGNORECASE)
# What stands between the parts of a name, and what marks that it does not.
_BETWEEN = re.compile("[%/@ ]")
# Folders of the site that every experiment shares.
_SITE_FOLDERS = frozenset({"data", "lesson", "static"})


@dataclass(frozen=True, slots=True)
class NameRule:
    """What a kind of name may look like.

    Attributes:
        what: the kind, as messages call it.
        pattern: regular expression of the whole name; it stands in the JSON Schema too.
        longest: most characters.
    """

    what: str
    pattern: str
    longest: int

    def complaint(self, value: object) -> str:
        """What is wrong with a value as such a name, "" for nothing. The value is repeated shortened and escaped."""
        if not isinstance(value, str):
            return f"the {self.what} must be text, not {type(value).__name__}"
        if len(value) > self.longest:
            return f"the {self.what} has {len(value)} characters; at most {self.longest} are allowed"
        # fullmatch, for "$" alone would let a line feed at the end pass.
        if not re.fullmatch(self.pattern, value):
            return f"{value[:_SHOWN]!a} cannot be the {self.what}"
        return ""


# Lower case only: Windows and macOS cannot tell Arc from arc in a folder.
EXPERIMENT = NameRule("name of an experiment", r"^[a-z0-9][a-z0-9-]*$", 64)
LABEL = NameRule("label of an endpoint", rf"^{_PART}$", 64)
SUITE = NameRule("name of a suite", rf"^{_PART}(/{_PART})*$", 128)
# A word of a command line that stands in a workflow; what else a tool writes is a dot.
SCORER = NameRule("name of a scorer", r"^[A-Za-z0-9_.][A-Za-z0-9_.@-]*$", 200)
# A model's id, a variant's id, or both.
CONDITION = NameRule("id of a condition", rf"^{_PART}(@{_PART})?$", 129)
_HUB_PART = r"[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*"
# What the Hub takes: no two dots or hyphens in a row, none at an end.
HUB_REPOSITORY = NameRule("name of a repository on the Hub (ORG/NAME)", rf"^{_HUB_PART}/{_HUB_PART}$", 96)
# A word of the command that starts a server, which may be a line for a shell; a hyphen would make it an option.
SERVED_MODEL = NameRule("name of a model that --serve starts", r"^[A-Za-z0-9._/:@+][A-Za-z0-9._/:@+-]*$", 512)
MEMBER = NameRule(
    "name of a file in a pack",
    rf"^(pack\.json|README\.txt|results\.csv|figures\.json|experiments/{_MEMBER_PART}\.yaml"
    rf"|cassettes/{_MEMBER_PART}(/{_MEMBER_PART}){{1,2}})$",
    512,
)


def reserved(name: str) -> str:
    """Why no folder of the site can have this name, "" where one can."""
    if is_device(name):
        return f"'{name}' cannot be a folder on Windows; choose another name"
    if name in _SITE_FOLDERS:
        return f"'{name}' is a folder of the site's own; choose another name"
    return ""


def is_device(part: str) -> bool:
    """Whether Windows takes this part of a path for a device."""
    return _DEVICE.fullmatch(part) is not None


def is_member(name: str) -> bool:
    """Whether a file in a pack may have this name, on every system."""
    return not (MEMBER.complaint(name) or any(map(is_device, name.split("/"))))


def escaped(part: str) -> str:
    """The text as one part of a longer name: a slash, an at sign, a blank or a per cent sign in it as in addresses.

    So two names are the same only where all their parts are: ``%2F`` stands for a slash within a part.
    """
    return _BETWEEN.sub(lambda found: f"%{ord(found[0]):02X}", part)


def plain(text: str) -> str:
    """The text without regard to case and blanks, and with accents in one piece: for names that people type."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
