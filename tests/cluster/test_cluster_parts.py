"""Parts: every trial once, what shares a request together, and sizes that follow what was measured."""

from hypothesis import given
from hypothesis import strategies as st

from llmxray.cluster.parts import FIRST_TRIALS, MOST_TRIALS, PART_S, Parts, group_trials
from llmxray.types import PlannedRequest, Trial


def trial(number: int, condition: str, keys: list[int]) -> Trial:
    """A trial that asks requests with these keys."""
    requests = tuple(PlannedRequest(key=f"k{key}", body={}) for key in keys)
    return Trial(f"{condition}/{number}", condition, "s", str(number), 0, requests)


TRIALS = st.lists(
    st.tuples(st.sampled_from("ab"), st.lists(st.integers(0, 12), min_size=1, max_size=3)), max_size=40
).map(lambda rows: [trial(number, condition, keys) for number, (condition, keys) in enumerate(rows)])


@given(TRIALS)
def test_what_shares_a_request_stays_together(trials):
    """Each trial is in one group, and no request is in two."""
    groups = group_trials(trials)
    assert sorted(trial.id for group in groups for trial in group) == sorted(trial.id for trial in trials)
    homes: dict[str, int] = {}
    for number, group in enumerate(groups):
        for key in {request.key for trial in group for request in trial.requests}:
            assert homes.setdefault(key, number) == number


@given(TRIALS, st.integers(1, 5))
def test_every_trial_is_given_out_once(trials, workers):
    """Also when parts are put back, which keeps their number."""
    parts, seen = Parts(trials, workers=workers), []
    while (part := parts.take()) is not None:
        if part.tries == 0 and part.number % 3 == 0:
            parts.put_back(part)
            continue
        seen += [trial.id for trial in part.trials]
    assert sorted(seen) == sorted(trial.id for trial in trials)


def test_a_part_takes_about_a_minute():
    """The first ones are small; then as many as were measured to fit, and near the end a share of what is left."""
    parts = Parts([trial(n, "a", [n]) for n in range(2_000)], workers=2)
    first = parts.take("a")
    assert len(first.trials) == FIRST_TRIALS
    parts.add_timing(first, 0.5 * FIRST_TRIALS)
    second = parts.take("a")
    assert len(second.trials) == PART_S / 0.5
    parts.add_timing(second, 0.0)
    sizes = []
    while (part := parts.take("a")) is not None:
        sizes.append(len(part.trials))
    assert max(sizes) <= MOST_TRIALS
    assert sizes[-1] <= FIRST_TRIALS


def test_a_worker_stays_with_its_condition():
    """Until that has no trials left; what was put back comes first."""
    parts = Parts([trial(n, "ab"[n % 2], [n]) for n in range(80)])
    taken = [parts.take("b") for _ in range(3)]
    assert [part.condition for part in taken if part] == ["b", "b", "b"]
    following = parts.take("b")
    assert following.condition == "a"
    assert taken[0] is not None
    parts.put_back(taken[0])
    again = parts.take("a")
    assert (again.number, again.tries) == (taken[0].number, 1)
