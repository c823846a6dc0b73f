"""Many samples of one request: each is found in its place, in a time that does not grow with their number squared."""

from recordings import interaction, recorded

from llmxray.cassette import Cassette


def test_each_sample_is_found(tmp_path):
    """Sealed and in the journal, in whatever order they were added, with more than one attempt."""
    recorded(tmp_path, *(interaction(sample=n, attempt=tries) for n in (5, 3, 11, 0, 7) for tries in (1, 0)))
    recorded(tmp_path, *(interaction(sample=n) for n in (9, 1, 5)), sealed=False)
    cassette = Cassette(tmp_path)
    key = interaction().key
    found = [(each.address.sample, each.address.attempt) for each in cassette.entries(key)]
    assert sorted(found) == found
    assert len(found) == 12
    for sample in range(13):
        tries = [(each.address.sample, each.address.attempt) for each in cassette.tries(key, sample)]
        assert [each for each in found if each[0] == sample] == tries
    assert 7 == cassette.get(cassette.tries(key, 7)[1].address).sample
