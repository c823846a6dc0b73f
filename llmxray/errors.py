"""Every error llmxray raises on purpose.

::

    LlmxrayError                 catch this one to catch them all; str() is one clear line
    ├── InputError               the user can fix it: exit code 2
    │   ├── ExperimentError      the YAML file: carries file, line and column
    │   ├── SuiteError           a suite or one of its rows
    │   ├── EndpointError        a server that cannot be recorded from
    │   ├── PackError            a pack that is not safe, not whole, or not one
    │   └── MissingExtraError    an optional package that is not installed
    ├── CassetteError            the recording itself
    │   ├── CassetteCorruptError   bytes that are not what was written: carries file and line
    │   ├── CassetteVersionError   written by a newer llmxray
    │   ├── CassetteLockedError    another recorder is at work
    │   └── MissError              strict replay was asked for something never recorded
    ├── RunFailedError           the experiment ran and failed: exit code 1
    └── SecretLeakError          a key was about to be written: recording stops
"""

from __future__ import annotations


class LlmxrayError(Exception):
    """Base of all errors raised on purpose; ``exit_code`` is what the command line returns."""

    exit_code = 1


class InputError(LlmxrayError):
    """Bad input that the user can fix."""

    exit_code = 2


class ExperimentError(InputError):
    """An experiment file that cannot be used.

    Attributes:
        file: name of the YAML file as the user gave it.
        line: 1-based line, or None when the fault has no place (a missing file).
        column: 1-based column, or None.
        reason: what is wrong and what to do about it.
    """

    def __init__(
        self, reason: str, *, file: str = "", line: int | None = None, column: int | None = None
    ) -> None:
        self.reason, self.file, self.line, self.column = reason, file, line, column
        place = ":".join(str(part) for part in (file, line, column) if part not in ("", None))
        super().__init__(f"{place}: {reason}" if place else reason)


class SuiteError(InputError):
    """A suite that is unknown, unreachable, or has a row that cannot be used."""


class EndpointError(InputError):
    """A server that does not answer as an OpenAI-compatible endpoint."""


class PackError(InputError):
    """A pack that cannot be opened: not one, not safe, or not what its manifest says."""


class MissingExtraError(InputError):
    """An optional dependency is needed and absent."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs an optional package: `make recorder`, or pip install '.[{extra}]', in a clone"
        )
        self._given = what, extra

    def __reduce__(self) -> tuple[type[MissingExtraError], tuple[str, str]]:
        """It may come out of another process."""
        return type(self), self._given


class CassetteError(LlmxrayError):
    """A cassette that cannot be used."""


class CassetteCorruptError(CassetteError):
    """A cassette file whose bytes are not what was written."""

    def __init__(self, file: str, line: int | None, reason: str) -> None:
        self.file, self.line, self.reason = file, line, reason
        super().__init__(f"{file}{'' if line is None else f':{line}'}: {reason}")


class CassetteVersionError(CassetteError):
    """A cassette written in a format newer than this llmxray reads."""


class CassetteLockedError(CassetteError):
    """Another process is recording into this cassette."""

    # Waiting mends it, or another directory: as with bad input, it is for the person at the keyboard.
    exit_code = 2


class MissError(CassetteError):
    """Strict replay was asked for a request that was never recorded."""


class RunFailedError(LlmxrayError):
    """The experiment ran to its end, but did not succeed."""


class SecretLeakError(LlmxrayError):
    """A secret was found in bytes about to be written; nothing was written."""
