"""Files of results of EleutherAI's lm-evaluation-harness: what they say of the samples beside them.

Source: ``lm_eval.evaluator`` and ``lm_eval.loggers.evaluation_tracker``.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from llmxray.interop.read import values
from llmxray.interop.read.record import NOT_NAMED, Run, Stated, Unnamed

TOOL = "lm-evaluation-harness"
NAMED = re.compile(r"(?:^|/)samples_(?P<task>.+?)_(?P<when>\d{4}-\d\d-\d\dT[0-9.:-]+)\.jsonl?$")
_DATED = re.compile(r"(\d{4}-\d\d-\d\dT[0-9.:-]+)\.json$")
# Arguments of a model that name it, the first of them as the harness takes it.
_NAMES = ("peft", "delta", "pretrained", "model", "path", "engine")
# Of groups within groups; a file of a stranger may lead in a circle.
_MOST_LEVELS = 20


@dataclass(frozen=True, slots=True)
class About:
    """What a file of results says of its samples.

    Attributes:
        run: without what is of one task.
        shots: by task.
        chat: how questions were put, "" for as they are.
        tasks: all of them.
        parents: group of each task and group.
        higher: by task and metric, whether more of it is better.
        ran_by: what ran the model (``hf``), which many models have in common.
        stated: for each task and group; the name of a filter is a part of each metric.
    """

    run: Run
    shots: values.Object
    chat: str
    tasks: Sequence[str]
    parents: Mapping[str, str]
    higher: values.Object
    ran_by: str
    stated: Mapping[str, Stated]


class ResultFiles:
    """Files of results, each looked through once however many files of samples there are.

    Args:
        results: name, folder and object of each.
        samples: name and folder of each file of samples.
    """

    def __init__(
        self, results: Iterable[tuple[str, str, values.Object]], samples: Iterable[tuple[str, str]] = ()
    ) -> None:
        self._undated: dict[str, list[About]] = {}
        self._in_folder: dict[str, list[About]] = {}
        self._at: dict[tuple[str, str], About] = {}
        # By second: folders of results, and of samples; and the results that were named by themselves.
        self._folders: dict[str, set[str]] = {}
        self._asking: dict[str, set[str]] = {}
        self._by_hand: dict[str, About] = {}
        for name, folder, content in results:
            dated = _DATED.search(name)
            about = _of_run(about_of(content), content, dated[1] if dated else "")
            if dated:
                self._at.setdefault((folder, dated[1]), about)
                self._folders.setdefault(dated[1], set()).add(folder)
                if _is_by_hand(name):
                    self._by_hand[dated[1]] = about
            for known in (self._in_folder, *([] if dated else [self._undated])):
                # A file may be given twice, by itself and in its folder.
                if about not in known.setdefault(folder, []):
                    known[folder].append(about)
        for name, folder in samples:
            if named := NAMED.search(name):
                self._asking.setdefault(named["when"], set()).add(folder)

    def of(self, name: str, folder: str) -> About | None:
        """Those written with a file of samples: at the same second and in the same folder, or the only ones there.

        Those of another second are another run's, of whatever model. Files that were named one by one may be from two
        folders, as long as no others are of that second.
        """
        named = NAMED.search(name)
        if named and (about := self._at.get((folder, named["when"]))):
            return about
        if named and folder not in self._in_folder and _is_by_hand(name):
            return self._elsewhere(named["task"], named["when"])
        only = (self._undated if named else self._in_folder).get(folder, [])
        return only[0] if len(only) == 1 else None

    def _elsewhere(self, task: str, when: str) -> About | None:
        about = self._by_hand.get(when)
        alone = len(self._folders.get(when, ())) == 1 == len(self._asking.get(when, ()))
        return about if about and alone and task in about.tasks else None


def _is_by_hand(name: str) -> bool:
    """Whether a file was named by itself: those of a folder have its name in front."""
    return "/" not in name


def _of_run(about: About, content: values.Object, named: str) -> About:
    """With the name of its run: no two of a model begin in one second. An undated file is told by its content."""
    when = values.text(content.get("date")) or named
    when = when or hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return replace(about, run=replace(about.run, origin=f"{when} {about.run.model}"))


def about_of(content: values.Object) -> About:
    """What a file of results says; without its object, what is said of samples that have none."""
    config, tasks = (
        values.obj(content, "config"),
        [values.text(each) for each in values.obj(content, "configs")],
    )
    given, arguments = config.get("gen_kwargs"), _arguments(config.get("model_args"))
    ran_by = values.text(config.get("model"))
    named = (values.text(content.get("model_name")), *(values.text(arguments.get(key)) for key in _NAMES))
    # What ran the model stands there, unless it was an object, which has its path on the hub.
    model = next(filter(None, named), ran_by if "/" in ran_by else "")
    return About(
        Run(
            TOOL,
            values.text(content.get("lm_eval_version")),
            values.checkpoint(model or NOT_NAMED, arguments),
            values.settings(given if isinstance(given, dict) else {}),
            own_settings=True,
            unnamed=None if model else Unnamed("", ""),
        ),
        values.obj(content, "n-shot"),
        "chat template" if content.get("chat_template") else "",
        tasks,
        {
            values.text(part): values.text(group)
            for group, parts in values.obj(content, "group_subtasks").items()
            for part in values.listed({"parts": parts}, "parts")
        },
        values.obj(content, "higher_is_better"),
        ran_by,
        {
            values.text(name): Stated(
                {
                    values.text(metric): value
                    for metric, stated in values.obj(figures).items()
                    if (value := values.number(stated)) is not None
                },
                values.count(values.inner(content, "n-samples", name, "effective")) or 0,
            )
            for part in ("results", "groups")
            for name, figures in values.obj(content, part).items()
        },
    )


def _arguments(given: object) -> values.Object:
    """The arguments of a model: an object, or written as ``name=value,name=value``."""
    if isinstance(given, dict):
        return given
    return dict(each.strip().split("=", 1) for each in values.text(given).split(",") if "=" in each)


def task_of(name: str, about: About) -> str:
    """The task of a file of samples."""
    if len(about.tasks) == 1:
        return about.tasks[0]
    if named := NAMED.search(name):
        return named["task"]
    # Until 0.4.2: the model's arguments, and then the task.
    stem = posixpath.splitext(posixpath.basename(name))[0]
    return max((task for task in about.tasks if stem.endswith(f"_{task}")), key=len, default=stem)


def groups_of(task: str, about: About) -> tuple[str, ...]:
    """The groups that a task is part of, the outermost one first; none outside of groups."""
    names = [task]
    for _ in range(min(len(about.parents), _MOST_LEVELS)):
        if names[0] not in about.parents:
            break
        names.insert(0, about.parents[names[0]])
    return tuple(names[:-1])
