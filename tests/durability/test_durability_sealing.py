"""Processes that die at every step of sealing, dropping and replacing: the old cassette or the new one."""

import os

import pytest

from tests.commands import python

DIE_AT_EVERY_STEP = """
import os, shutil, sys
from pathlib import Path
from recordings import interaction
from llmxray.cassette import Cassette, Journal, remove_recordings, seal, replace_cassette, verify

action, folder = sys.argv[1], Path(sys.argv[2])
model = folder.with_name("model")
TOUCHES = {"open", "os.rename", "os.remove", "os.truncate", "os.mkdir"}

def build(directory, *questions, sealed=True):
    with Journal(directory) as journal:
        for question in questions:
            journal.append(interaction(question, model="m" + question[-1]))
    if sealed:
        seal(directory)

def contents(directory):
    cassette = Cassette(directory)
    each = [cassette.get(entry.address) for entry in cassette.all_entries()]
    return {str(one.request) + str(one.body) for one in each}

def prepare():
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(model, folder)

def act():
    if action == "seal":
        seal(folder / "c")
    elif action == "drop":
        entry = next(iter(Cassette(folder / "c").all_entries()))
        remove_recordings(folder / "c", [entry.address])
    else:
        replace_cassette(folder / "c", folder / "fresh")

def die_at(step):
    seen = 0
    def hook(event, arguments):
        nonlocal seen
        if event not in TOUCHES or not str(arguments[0]).startswith(str(folder)):
            return
        if event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
            return
        seen += 1
        if seen == step:
            os._exit(9)
    sys.addaudithook(hook)

build(model / "c", "q0", "q1")
build(model / "fresh", "other0")
if action == "seal":
    build(model / "c", "new0", sealed=False)
prepare()
before = contents(folder / "c")
act()
after = contents(folder / "c")
step, code = 0, None
while code != 0:
    step += 1
    prepare()
    pid = os.fork()
    if pid == 0:
        die_at(step)
        act()
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, 9)
    found = contents(folder / "c")
    assert found in (before, after), step
    if action == "drop" and found == after:
        seal(folder / "c")  # what is left to do is to remove old files
    else:
        act()
    assert contents(folder / "c") == after, step
    assert verify(folder / "c") == [], (step, verify(folder / "c"))
print(step - 1)
"""


@pytest.mark.parametrize("action", ["seal", "drop", "supersede"])
def test_killed_at_every_step(tmp_path, root, action):
    """Killed before each file that it opens, renames or removes; read, done again, verified."""
    path = os.pathsep.join([str(root / "tests"), str(root)])
    child = python("-c", DIE_AT_EVERY_STEP, action, tmp_path / "x", PYTHONPATH=path)
    assert int(child.stdout) > 8
