"""A recording on a cluster whose worker is this process: a key in the experiment, parts that others took over."""

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from asking import answering, served
from prompted import in_folder

from llmxray import workflow
from llmxray.cassette import Cassette
from llmxray.cluster.engine import FinishedTask
from llmxray.errors import LlmxrayError
from llmxray.workflow.cluster_recording import record_on_cluster
from llmxray.workflow.part_recording import PartOptions
from tests.cluster.driver import write


class OneWorker:
    """An engine whose worker is this process."""

    cores_each = 0

    def __init__(self) -> None:
        self._waiting: list[tuple[Any, Callable[..., Any], tuple[Any, ...]]] = []
        self.waited = 0

    def wait_for_workers(self) -> list[str]:
        """Names."""
        self.waited += 1
        return self.workers()

    def workers(self) -> list[str]:
        """Names."""
        return ["here"]

    def everywhere(self, call: Callable[[], Any]) -> None:
        """At the end."""
        call()

    def submit(self, tag: Any, call: Callable[..., Any], *arguments: Any, worker: str = "") -> None:
        """To be run in turn."""
        self._waiting.append((tag, call, arguments))

    def finished(self) -> Iterator[FinishedTask]:
        """Run what was submitted, as if another worker had taken it over."""
        while self._waiting:
            tag, call, arguments = self._waiting.pop(0)
            yield FinishedTask(tag, "there", call(*arguments), "")


def test_every_plan_is_fitted_and_no_worker_is_forgotten(tmp_path):
    """Both models take another budget field; who handed a part over gets the next."""
    why = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    refusal = json.dumps({"error": {"message": why}}).encode()

    def said(body: bytes) -> str | tuple[int, str, bytes]:
        return (400, "application/json", refusal) if b'"max_tokens"' in body else "yes"

    engine = OneWorker()
    with served(answering(said, "m", "n")) as url:
        write(tmp_path, url, prompts=9)
        record_on_cluster(in_folder(tmp_path), engine, PartOptions(), environ={})  # type: ignore[arg-type]
    assert 1 == engine.waited
    assert {200} == {entry.status for entry in Cassette(tmp_path / "cassettes" / "e").all_entries()}


@pytest.mark.parametrize("who", ["the driver", "a worker"])
def test_a_key_in_the_experiment_is_not_written(tmp_path, monkeypatch, who):
    """Whoever has it: in a prompt. What a worker finds ends the recording, of which nothing is left."""
    key = "sk-Ab3dEf6hIj9kLm2n"
    with served(answering(lambda _: "yes", "m", "n")) as url:
        write(tmp_path, url, prompts=3)
        path = tmp_path / "e.yaml"
        text = path.read_text().replace("concurrency: 2", "key_env: LAB_API_KEY")
        path.write_text(text.replace("question 2", f"question 2 {key}"))
        prepared = workflow.prepare(path, workflow.Workspace(tmp_path / "cassettes", tmp_path))
        monkeypatch.setenv("LAB_API_KEY", key)
        # Both are this process here.
        environ = os.environ if who == "the driver" else {}
        options = PartOptions(permits=tuple(use.permit for use in workflow.key_uses(prepared).values()))
        with pytest.raises(LlmxrayError, match="an API key was about to be written"):
            record_on_cluster(prepared, OneWorker(), options, environ=environ)  # type: ignore[arg-type]
    assert not (tmp_path / "cassettes").exists()
