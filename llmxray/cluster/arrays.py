"""The part of a job array that a process is, by the variables of the scheduler that started it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from llmxray.errors import InputError
from llmxray.numerals import whole_number


def array_part(environ: Mapping[str, str], count: int | None = None) -> tuple[int, int]:
    """Number of this part and of all parts, from SLURM, PBS, SGE or LSF.

    Args:
        environ: environment variables.
        count: number of parts, for a scheduler that does not state it (PBS).

    Returns:
        (index from 1, count).

    Raises:
        InputError: there is no job array, or its size is unknown.
    """
    for first, last, step, own in (
        ("SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_STEP", "SLURM_ARRAY_TASK_ID"),
        ("SGE_TASK_FIRST", "SGE_TASK_LAST", "SGE_TASK_STEPSIZE", "SGE_TASK_ID"),
        ("", "LSB_JOBINDEX_END", "LSB_JOBINDEX_STEP", "LSB_JOBINDEX"),
        ("", "", "", "PBS_ARRAY_INDEX"),
        ("", "", "", "PBS_ARRAYID"),
    ):
        index = _number(environ, own)
        # Outside of an array, SGE sets "undefined" and LSF sets 0.
        if index is None or (own == "LSB_JOBINDEX" and index == 0):
            continue
        begin = _number(environ, first)
        begin = 1 if begin is None else begin
        stride, end = _number(environ, step) or 1, _number(environ, last)
        if end is not None:
            parts = (end - begin) // stride + 1
            if count not in (None, parts):
                raise InputError(
                    f"the array of this task has {parts} parts, not {count}: of parts that are submitted again, name "
                    "each, --shard I/N"
                )
        elif count is not None:
            # An array without a stated first index begins with 1 or 0.
            parts, begin = count, 0 if index == 0 else 1
        else:
            raise InputError(
                f"{own} does not say how many parts there are: --shard auto/N, with N the array's size"
            )
        part = (index - begin) // stride + 1
        if not 1 <= part <= parts:
            raise InputError(f"{own}={index} lies outside of the array's {parts} parts")
        return part, parts
    raise InputError(
        "--shard auto reads the variables of a job array (SLURM, PBS, SGE, LSF), and there are none: "
        "say --shard I/N"
    )


def _number(environ: Mapping[str, str], name: str) -> int | None:
    return whole_number(environ.get(name, "")) if name else None
