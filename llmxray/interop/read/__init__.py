"""Files of other tools → experiments with results. Pure: bytes in, values out.

::

    bytes ──detect──► format ──inspect, lm_eval, helm, …──► LogFile: records, whoever wrote them
    records ──conditions──► what was asked alike   ──questions──► which questions are one
            ──scoring─► rows, beside the tool's marks   ──join──► Experiment, Results, replies

Files may come from anybody: `llmxray.sandbox` runs this, and a file that is not what it seems is refused in one line.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from llmxray.errors import InputError
from llmxray.interop.read import app, every_eval_ever, helm, inspect, lm_eval, openai_evals, promptfoo
from llmxray.interop.read.detect import KNOWN, Format, OpenedFile, open_file
from llmxray.interop.read.join import Imported, join_files
from llmxray.interop.read.record import LogFile, listed
from llmxray.types import ChainName, LikelihoodScore

__all__ = ["KNOWN", "Imported", "read_files"]

# Files that say something of others, and have no answers of their own.
_BESIDE = (Format.LM_EVAL_RESULTS, Format.EEE_AGGREGATE, Format.HELM_SPEC, Format.HELM_STATS)
_LOGS = (".json", ".jsonl", ".eval")
type _Files = Sequence[OpenedFile]
type Given = tuple[str, bytes] | tuple[str, bytes, str]
"""Name and content of a file, and maybe its folder."""


def read_files(
    files: Iterable[Given],
    *,
    chain: ChainName = "llmxray",
    likelihood: LikelihoodScore = "acc",
    bins: int | None = None,
    name: str = "",
    scorer: str = "",
    skip_unknown: bool = False,
) -> tuple[Imported, ...]:
    """The experiments in some files: one of all tools that evaluate, and one of the original app's.

    Args:
        files: name and content of each; files that belong together are in one folder. Which that is says the third
            value, which is not shown, where names do not say it.
        chain: extraction chain that reads the replies.
        likelihood: how weighed options are compared.
        bins: of the calibration plots, None for the usual number.
        name: of the experiment of the tools that evaluate; "" for one made of its first task.
        scorer: whose marks count, as `marks.typed_scorer` spells it; "" for the one that is known to mark correctness.
        skip_unknown: pass over files of no known format, as those of a folder.

    Raises:
        InputError: names the file that is damaged, of no known format, or without answers.
    """
    n_bytes = 0
    found, passed_over = list[OpenedFile](), list[str]()
    for file, data, *folder in files:
        n_bytes += len(data)
        if (each := _opened(file, data, skip_unknown)) is not None:
            found.append(replace(each, folder=folder[0] if folder else posixpath.dirname(file)))
        elif file.lower().endswith(_LOGS):
            passed_over.append(file)
    by_format: dict[Format, list[OpenedFile]] = {}
    for each in found:
        by_format.setdefault(each.format, []).append(each)
    sources = [*_in_order(found, by_format)]
    imported = []
    if sources:
        join = partial(
            join_files, sources, chain=chain, likelihood=likelihood, bins=bins, name=name, scorer=scorer
        )
        imported.append(_guarded(found[0].name, join))
    if name and len(by_format.get(Format.APP, ())) > 0:
        raise InputError(
            f"{by_format[Format.APP][0].name}: a file of the LLMxRay app has no other name: leave out --name"
        )
    imported += _of_app(by_format.get(Format.APP, []))
    if not found:
        raise InputError(f"no file of a known format: {KNOWN}")
    if not imported:
        raise InputError(
            f"{found[0].name}: a file of {found[0].format}, without the file that holds the answers"
        )
    imported = [replace(each, replies=replace(each.replies, read=n_bytes)) for each in imported]
    if passed_over:
        first, *others = imported
        n = len(passed_over)
        it = "1 file of no known format is" if n == 1 else f"{n} files of no known format are"
        notes = (*first.results.notes, f"{it} passed over: {listed(passed_over)}")
        imported = [replace(first, results=replace(first.results, notes=notes)), *others]
    return tuple(imported)


def _opened(name: str, data: bytes, skip_unknown: bool) -> OpenedFile | None:
    try:
        found = _guarded(name, partial(open_file, name, data))
    except InputError:
        # A settings file or a list of messages may begin with a bracket too; what is called like a log is one.
        if skip_unknown and not name.lower().endswith(_LOGS):
            return None
        raise
    if found is None and not skip_unknown:
        what = "the file is empty" if not data.strip() else f"none of the formats that are read: {KNOWN}"
        raise InputError(f"{name}: {what}")
    return found


def _guarded[T](name: str, make: Callable[[], T]) -> T:
    """Whatever damage a reader stumbles over, in one line with the file's name."""
    try:
        return make()
    except (InputError, MemoryError):
        raise
    except Exception as error:
        why = (
            str(error)
            if isinstance(error, ValueError)
            else f"not of the shape that it should have ({error!r})"
        )
        raise InputError(f"{name}: {why}") from error


def _in_order(found: _Files, by_format: dict[Format, list[OpenedFile]]) -> Iterable[LogFile]:
    """The records of all files, in the order in which the files were given."""
    beside = _guarded(found[0].name, partial(_beside, by_format)) if found else ()
    for each in found:
        if each.format not in _BESIDE and each.format is not Format.APP:
            yield _guarded(each.name, partial(_source, each, *beside))


def _beside(
    by_format: Mapping[Format, _Files],
) -> tuple[lm_eval.ResultsIndex, every_eval_ever.Aggregates, helm.Runs]:
    """Files that say something of others, each looked through once: a folder may have ten thousand of both."""
    results, aggregates, specs, stats = (
        [(each.name, each.folder, each.content) for each in by_format.get(format_, ())] for format_ in _BESIDE
    )
    return (
        lm_eval.ResultsIndex(results),
        every_eval_ever.read_aggregates(content for *_, content in aggregates),
        helm.folders(specs, stats),
    )


def _source(
    each: OpenedFile, results: lm_eval.ResultsIndex, stated: every_eval_ever.Aggregates, runs: helm.Runs
) -> LogFile:
    match each.format:
        case Format.INSPECT_ARCHIVE:
            return inspect.read_archive(each.name, each.content)
        case Format.INSPECT_JSON:
            return inspect.read_json(each.name, each.content)
        case Format.LM_EVAL_SAMPLES:
            return lm_eval.read_lm_eval(each.name, each.content, results, each.folder)
        case Format.EEE_SAMPLES:
            return every_eval_ever.read_eee(each.name, each.content, stated)
        case Format.HELM_STATE:
            return helm.read_helm(each.name, each.content, runs.get(each.folder))
        case Format.PROMPTFOO:
            return promptfoo.read_json(each.name, each.content)
        case Format.PROMPTFOO_LINES:
            return promptfoo.read_lines(each.name, each.content)
        case _:
            return openai_evals.read_openai_evals(each.name, each.content, each.folder)


def _of_app(files: _Files) -> Iterable[Imported]:
    """Comparisons one by one, benchmark results together."""
    given = [(file.name, file.content) for file in files]
    compares = [each for each in given if "slots" in each[1]]
    benchmarks = [each for each in given if "slots" not in each[1]]
    for group in ([benchmarks] if benchmarks else []) + [[compare] for compare in compares]:
        yield _guarded(group[0][0], partial(app.read_app, group))
