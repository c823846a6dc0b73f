"""`llmxray report CASSETTE`: what any client asked, with its answers and their tokens."""

import openai
import pytest
from asking import served, stream
from commands import llmxray

import llmxray as library
from llmxray.workflow.proxy_thread import run_proxy


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Two prompts to one model at two temperatures, one of them twice, recorded through an OpenAI client."""
    folder = tmp_path_factory.mktemp("proxied")
    with served(lambda *_: (200, "text/event-stream", stream("Paris"))) as url:
        with run_proxy(folder / "mine", "new_episodes", url) as proxy:
            with openai.OpenAI(base_url=proxy.base_url, api_key="unused", max_retries=0) as client:
                for text, temperature in (
                    ("Capital of France?", 0),
                    ("Capital of France?", 1),
                    ("Again?", 0),
                    ("Again?", 0),
                ):
                    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]
                    list(
                        client.chat.completions.create(
                            model="m", messages=messages, temperature=temperature, stream=True
                        )
                    )  # type: ignore[call-overload]
    return folder


def test_a_report_without_scores(recorded):
    """Conditions are models with the settings that differ; answers are listed, and nothing is called right or wrong."""
    done = llmxray("report", "mine", at=recorded)
    assert done.returncode == 0, done.stderr
    rows = (recorded / "site/mine/results.csv").read_text("utf-8").splitlines()
    assert (len(rows), sum("unscored" in row for row in rows)) == (5, 4)
    page = (recorded / "site/mine/answers.html").read_text("utf-8")
    assert "Capital of France?" in page
    found = library.load(recorded / "mine")
    assert {row.text for name in found for row in found[name].rows()} == {"Paris"}
    assert {found[name].view.label for name in found} == {"m, temperature 0", "m, temperature 1"}


def test_the_recording_of_an_experiment_is_none(root):
    """Its report is that of the experiment."""
    done = llmxray("report", "cassettes/paraphrase", "--out", "/nowhere", at=root)
    assert (done.returncode, "is the recording of an experiment: report that" in done.stderr) == (2, True)
