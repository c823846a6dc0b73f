"""Recording on Dask workers that are processes of their own: the same cassette as recorded alone, whoever dies."""

import random
import signal
import subprocess
import sys

import pytest

from llmxray.cassette import Cassette, verify
from llmxray.cluster import engine
from tests.cluster.driver import (
    HERE,
    arguments,
    command,
    contents,
    environment,
    record,
    upstream,
    wait_until,
    workers_of,
    write,
)
from tests.commands import llmxray

psutil = pytest.importorskip("psutil")
pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """What one process records."""
    folder = tmp_path_factory.mktemp("alone")
    with upstream(folder) as (url, _):
        write(folder, url)
        done = record(folder)
    assert done.returncode == 0, done.stderr
    return contents(folder / "cassettes/e")


def test_workers_record_what_one_process_records(tmp_path, alone):
    """Trial by trial and byte by byte; each request once; plain lines say how far it is."""
    with upstream(tmp_path) as (url, log):
        write(tmp_path, url)
        done = record(tmp_path, "--cluster", "2")
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "cassettes/e") == alone
    assert [] == verify(tmp_path / "cassettes/e")
    asked = log.read_text().split()
    assert len(asked) == len(alone)
    assert f"{len(alone)} of {len(alone)} trials" in done.stderr
    assert "part 0 (m, 16 trials) in" in done.stderr


@pytest.mark.search
def test_a_worker_that_is_killed_costs_its_part_only(tmp_path, alone):
    """Its part is done again; nothing is lost, nothing is there twice."""
    with upstream(tmp_path, delay=0.05) as (url, log):
        write(tmp_path, url)
        with subprocess.Popen(
            command("--cluster", "2"), cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True
        ) as driver:
            wait_until(log, 20, driver)
            victims = workers_of(driver)
            assert victims
            victims[0].kill()
            _, errors = driver.communicate(timeout=300)
    assert driver.returncode == 0, errors
    assert contents(tmp_path / "cassettes/e") == alone
    assert len(alone) <= len(log.read_text().split()) <= len(alone) + 2 * 16
    assert "has ended; what it was asking is asked again" in errors


@pytest.mark.search
def test_a_driver_that_is_killed_loses_nothing_that_arrived(tmp_path, alone):
    """At a random moment; recording again asks for the rest, and knows the servers that were asked."""
    with upstream(tmp_path, delay=0.02) as (url, log):
        write(tmp_path, url)
        with subprocess.Popen(
            command("--cluster", "2"), cwd=tmp_path, env=environment(), stderr=subprocess.DEVNULL
        ) as driver:
            wait_until(log, random.Random(1).randint(20, len(alone) - 20), driver)
            children = psutil.Process(driver.pid).children(recursive=True) if driver.poll() is None else []
            driver.send_signal(signal.SIGKILL)
            driver.wait()
            for child in children:
                if child.is_running():
                    child.kill()
        arrived = contents(tmp_path / "cassettes/e")
        # Of each server whose answers are there: what goes on is held against it.
        cassette = Cassette(tmp_path / "cassettes/e")
        assert {f"lab/{cassette.group(key)}" for key, _, _ in arrived} <= cassette.manifest.facts.keys()
        before = len(log.read_text().split())
        done = record(tmp_path, "--cluster", "2")
        assert done.returncode == 0, done.stderr
        # What was under way at the kill may reach the log after it: two workers with two requests each.
        assert 0 <= len(log.read_text().split()) - before - (len(alone) - len(arrived)) <= 4
    assert arrived.items() <= alone.items()
    assert contents(tmp_path / "cassettes/e") == alone


@pytest.mark.search
def test_each_worker_starts_a_model_server_and_stops_it(tmp_path):
    """One at a time, for the model of its part; none is left behind."""
    write(tmp_path, "http://127.0.0.1:9/v1", prompts=10)
    script = HERE / "upstream.py"
    serve = f"lab={sys.executable} {script} {{port}} {{model}} --log {tmp_path / 'asked.txt'}"
    done = record(tmp_path, "--cluster", "2", "--serve", serve)
    assert done.returncode == 0, done.stderr
    assert len(contents(tmp_path / "cassettes/e")) == 40
    left = [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(tmp_path) in " ".join(process.info["cmdline"] or [])
    ]
    assert left == []


@pytest.mark.search
def test_workers_with_different_models_are_refused(tmp_path):
    """A server that says another version of itself is not mixed with the others."""
    write(tmp_path, "http://127.0.0.1:9/v1", prompts=40)
    # The process number makes each server another one.
    wrapper = tmp_path / "serve.py"
    wrapper.write_text(
        "import os, runpy, sys\n"
        f"sys.argv = ['upstream.py', *sys.argv[1:], '--version', str(os.getpid())]\n"
        f"runpy.run_path({str(HERE / 'upstream.py')!r}, run_name='__main__')\n"
    )
    done = record(tmp_path, "--cluster", "2", "--serve", f"lab={sys.executable} {wrapper} {{port}} {{model}}")
    assert done.returncode == 1
    assert "differs between workers: system_fingerprint is" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        (("--cluster", "tcp://127.0.0.1:9"), "the scheduler at tcp://127.0.0.1:9 cannot be reached"),
        (("--cluster", "mixed.yaml"), "mixed.yaml: unknown key 1"),
        (("--cluster", "2", "--serve", "other=x"), "this experiment has no endpoint 'other'; it has: lab"),
        (("--cluster", "2", "--shard", "1/2"), "make parts of their own"),
        (("--serve", "lab=x"), "--serve goes with --cluster"),
    ],
)
def test_bad_input_is_one_line(tmp_path, monkeypatch, extra, says):
    """Exit code 2, and nothing on the disk."""
    write(tmp_path, "http://127.0.0.1:9/v1", prompts=1)
    (tmp_path / "mixed.yaml").write_text("{a: y, 1: x, cluster: c}")
    monkeypatch.setattr(engine, "_CONNECT_S", 1.0)
    done = llmxray(*arguments(*extra), at=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert says in done.stderr
    assert not (tmp_path / "cassettes").exists()
