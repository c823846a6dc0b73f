"""Which part of a job array a task is, and the batch file that makes one."""

import os
import shutil
import subprocess
import sys

import pytest

from llmxray.cassette import Cassette
from llmxray.cli.cluster import shard_of
from llmxray.cluster.arrays import array_part
from llmxray.errors import InputError
from llmxray.workflow import Shard
from tests.cluster.driver import HERE, contents, environment, write
from tests.commands import llmxray

SLURM = {"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_MAX": "16"}


@pytest.mark.parametrize(
    ("environ", "count", "part"),
    [
        (SLURM, None, (3, 16)),
        ({**SLURM, "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_MAX": "15"}, None, (4, 16)),
        ({**SLURM, "SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_STEP": "2"}, None, (3, 8)),
        (
            {"SGE_TASK_ID": "2", "SGE_TASK_FIRST": "1", "SGE_TASK_LAST": "4", "SGE_TASK_STEPSIZE": "1"},
            None,
            (2, 4),
        ),
        ({"LSB_JOBINDEX": "4", "LSB_JOBINDEX_END": "8", "LSB_JOBINDEX_STEP": "1"}, None, (4, 8)),
        ({"PBS_ARRAY_INDEX": "5"}, 5, (5, 5)),
        ({"PBS_ARRAYID": "2"}, 5, (2, 5)),
        ({"SGE_TASK_ID": "undefined", **SLURM}, None, (3, 16)),
    ],
)
def test_the_variables_of_four_schedulers(environ, count, part):
    """Arrays that begin at 0, and steps, too; variables that say "no array" are passed over."""
    assert part == array_part(environ, count)
    assert shard_of("auto" if count is None else f"auto/{count}", environ) == Shard(*part)


# Python reads no number of so many digits.
LONG = "9" * 5_000


@pytest.mark.parametrize(
    ("environ", "text", "says"),
    [
        ({}, "auto", "there are none: say --shard I/N"),
        ({"PBS_ARRAY_INDEX": "2"}, "auto", "--shard auto/N, with N the array's size"),
        ({"SLURM_ARRAY_TASK_ID": LONG}, "auto", "there are none: say --shard I/N"),
        ({"PBS_ARRAY_INDEX": "9"}, "auto/4", "lies outside of the array's 4 parts"),
        (
            {"SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_MIN": "2", "SLURM_ARRAY_TASK_MAX": "2"},
            "auto/5",
            "the array of this task has 1 parts, not 5: of parts that are submitted again, name each",
        ),
        *(({}, text, "--shard takes I/N") for text in ("4/3", "0/3", f"1/{LONG}", "auto/0", "²/3", "")),
    ],
)
def test_what_is_no_part(environ, text, says):
    """One line that says what to do."""
    with pytest.raises(InputError, match=says):
        shard_of(text, environ)


SBATCH = """#!/bin/bash
# A stand-in for sbatch on this machine: runs an array task by task, and what depends on it after that.
set -u
echo "sbatch $*" >> "$SBATCH_LOG"
array="" parsable="" arguments=()
for each in "$@"; do
  case "$each" in
    --array=*) array="${each#--array=}";;
    --parsable) parsable=yes;;
    --dependency=*) ;;
    *) arguments+=("$each");;
  esac
done
export SLURM_JOB_ID=$$
if [ -n "$array" ]; then
  first="${array%%-*}" last="${array##*-}"
  for task in $(seq "$first" "$last"); do
    SLURM_ARRAY_TASK_ID=$task SLURM_ARRAY_TASK_MIN=$first SLURM_ARRAY_TASK_MAX=$last \\
      bash "${arguments[@]}" >> "$SBATCH_LOG.out" 2>&1 || echo "task $task failed" >> "$SBATCH_LOG"
  done
else
  env -u SLURM_ARRAY_TASK_ID bash "${arguments[@]}" >> "$SBATCH_LOG.out" 2>&1 || echo "job failed" >> "$SBATCH_LOG"
fi
[ -n "$parsable" ] && echo "$$;here"
exit 0
"""


@pytest.mark.search
def test_the_batch_file_runs_as_a_job_array(tmp_path):
    """With a stand-in for sbatch: parts with a model server each, merged into one recording."""
    folder = tmp_path / "array"
    write(folder, "http://127.0.0.1:9/v1", prompts=6)
    text = (folder / "e.yaml").read_text()
    (folder / "e.yaml").write_text(text.replace(", {id: n, endpoint: lab, model: n}", ""))
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "sbatch").write_text(SBATCH)
    (bin_ / "llmxray").write_text(f'#!/bin/bash\nexec {sys.executable} -m llmxray "$@"\n')
    # The first server of the first part ends at once, as on a port that was taken.
    served = (
        f'mkdir "$SBATCH_LOG.tried" 2>/dev/null && exit 1\nexec {sys.executable} {HERE / "upstream.py"} "$@"'
    )
    (bin_ / "served").write_text(f"#!/bin/bash\n{served}\n")
    for program in bin_.iterdir():
        program.chmod(0o755)
    environ = {**environment(), "PATH": f"{bin_}:{os.environ['PATH']}", "SBATCH_LOG": str(tmp_path / "log")}
    serve = f"{bin_ / 'served'} {{port}} {{model}}"
    made = subprocess.run(
        [bin_ / "llmxray", "run", "e.yaml", "--mode", "record", "--write-sbatch", "2", "--serve", f"lab={serve}"],
        cwd=folder, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    text = (folder / "e.sbatch").read_text()
    assert "#SBATCH --gres=gpu:1\n" in text
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", folder / "e.sbatch"], check=True)
    subprocess.run(["bash", "-n", folder / "e.sbatch"], check=True)
    subprocess.run([bin_ / "sbatch", "e.sbatch"], cwd=folder, env=environ, check=True)
    log, out = (tmp_path / "log").read_text(), (tmp_path / "log.out").read_text()
    assert "failed" not in log, log + out
    assert len(Cassette(folder / "cassettes/e")) == len(contents(folder / "cassettes/e")) == 12
    assert len(Cassette(folder / "parts-e/2/cassettes/e")) == 6
    assert (folder / "site/e/index.html").exists(), out


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        (("--serve", "lab=x {model}"), "a part starts one model, and this experiment has 2 (m, n)"),
        (("--shard", "1/2"), "--cluster and --write-sbatch make parts of their own"),
    ],
)
def test_what_no_batch_file_is_made_of(tmp_path, extra, says):
    """One line, exit code 2, no file."""
    write(tmp_path, "http://127.0.0.1:9/v1", prompts=1)
    done = llmxray("run", "e.yaml", "--mode", "record", "--write-sbatch", "2", *extra, at=tmp_path)
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr
    assert not list(tmp_path.glob("*.sbatch"))
