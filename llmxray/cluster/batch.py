"""A batch file for SLURM: a job array that records parts, then a job that merges them and builds the report.

The file is a plain shell script that users of the cluster can read and change. Pure.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath

from llmxray.cluster.model_server import checked_model

_FILE = """\
#!/bin/bash
# Record {name} on a SLURM cluster: sbatch {file}
# Made by `llmxray run --write-sbatch`; change time and resources as you need them. Submitted without a job array,
# this file submits itself twice: as an array of {parts} parts, and as one job that waits for them, merges the parts
# and builds the report.
#SBATCH --job-name=llmxray-{name}
#SBATCH --output=llmxray-%x-%A_%a.out
#SBATCH --time=24:00:00
{resources}set -euo pipefail

LLMXRAY={llmxray}
PARTS={folder}

if [ "${{1:-}}" = merge ]; then
  set -- "$PARTS"/*/cassettes/{name}
  # What was merged before counts as well.
  if [ -e {cassette} ]; then set -- {cassette} "$@"; fi
  rm -rf "$PARTS/merged" "$PARTS/before"
  if [ $# -gt 1 ]; then $LLMXRAY cassette merge "$@" --out "$PARTS/merged"; else cp -R "$1" "$PARTS/merged"; fi
  if [ -e {cassette} ]; then mv {cassette} "$PARTS/before"; else mkdir -p {cassettes}; fi
  mv "$PARTS/merged" {cassette}
  $LLMXRAY run {experiment}
  exit
fi

if [ -z "${{SLURM_ARRAY_TASK_ID:-}}" ]; then
  array=$(sbatch --parsable --array=1-{parts} "$0")
  # Also where a part failed: what the others recorded is merged, and the next run asks for the rest.
  sbatch --dependency=afterany:"${{array%%;*}}" "$0" merge
  exit
fi

{serve}mkdir -p "$PARTS/$SLURM_ARRAY_TASK_ID"
$LLMXRAY -C "$PARTS/$SLURM_ARRAY_TASK_ID" run "$(realpath {experiment})" --mode record \\
  --shard "$SLURM_ARRAY_TASK_ID/{parts}"{endpoint}{permits}
"""
_SERVE = """\
# A model server of this part's own, which ends with the part. Its port nobody can foresee; the system gives none of
# these to connections.
serve() {{
  port=$(shuf -i 20000-32767 -n 1)
  {command} &
  server=$!
  local answers=no
  for attempt in $(seq {ready_s}); do
    # --own: another user of this node may have taken the port, and would answer in place of this server.
    $LLMXRAY probe --own "http://127.0.0.1:$port/v1" >/dev/null 2>&1 && answers=yes
    # Looked at after the answer: on a port that was taken, this server ends.
    kill -0 $server 2>/dev/null || {{ echo "the model server ended before it answered" >&2; return 1; }}
    [ $answers = no ] || return 0
    sleep 1
  done
  echo "the model server did not answer within {ready_s} s" >&2
  exit 1
}}
trap 'kill ${{server:-}} 2>/dev/null || true' EXIT
# Twice, on two ports: another program may have had the first.
serve || serve || exit 1

"""


@dataclass(frozen=True, slots=True)
class Batch:
    """The settings of a batch file.

    Attributes:
        name: of the experiment, and of its cassette.
        experiment: its file, as the command line gets it.
        cassette: directory of the merged cassette.
        parts: size of the job array.
        serve: command of a model server with ``{model}`` and ``{port}``; "" if the endpoint runs by itself.
        model: value of ``{model}``.
        endpoint: label of the endpoint that is served.
        ready_s: seconds within which the server must answer.
        llmxray: the command that runs llmxray.
        allow_key: permits to repeat on the command line.
    """

    name: str
    experiment: str
    cassette: str
    parts: int
    serve: str = ""
    model: str = ""
    endpoint: str = ""
    ready_s: int = 600
    llmxray: str = "llmxray"
    allow_key: tuple[str, ...] = ()

    def text(self, file: str) -> str:
        """The text of the batch file, which will be named ``file``.

        Raises:
            InputError: the model's name could mean something to a server or a shell.
        """
        serve = _SERVE.format(command=self._command(), ready_s=self.ready_s) if self.serve else ""
        quoted = shlex.quote
        return _FILE.format(
            name=self.name,
            file=quoted(file),
            parts=self.parts,
            resources="#SBATCH --gres=gpu:1\n" if self.serve else "",
            llmxray=quoted(self.llmxray),
            folder=quoted(f"parts-{self.name}"),
            cassette=quoted(self.cassette),
            cassettes=quoted(str(PurePosixPath(self.cassette).parent)),
            experiment=quoted(self.experiment),
            serve=serve,
            endpoint=f' --endpoint {quoted(self.endpoint)}="http://127.0.0.1:$port/v1"' if self.serve else "",
            permits="".join(f" --allow-key {quoted(permit)}" for permit in self.allow_key),
        )

    def _command(self) -> str:
        # Quoted word by word, because the port is a shell variable.
        words = [word.replace("{model}", checked_model(self.model)) for word in shlex.split(self.serve)]
        return " ".join(map(_with_port, words))


def _with_port(word: str) -> str:
    """The word, quoted for a shell, with the shell's variable in place of the port."""
    parts = word.split("{port}")
    return '"$port"'.join(shlex.quote(part) if part or len(parts) == 1 else "" for part in parts)
