"""Endpoints: presets fill in, own fields override, addresses are checked."""

import pytest
from pydantic import ValidationError

from llmxray.errors import InputError
from llmxray.experiment import checked_base_url
from llmxray.experiment.endpoint import ENDPOINT_PRESETS, Endpoint


@pytest.mark.parametrize("preset", ENDPOINT_PRESETS)
def test_presets_fill_in_the_address(preset):
    """Only the embedded models have none."""
    endpoint = Endpoint.model_validate({"preset": preset})
    assert ENDPOINT_PRESETS[preset].get("base_url") == endpoint.base_url
    assert ENDPOINT_PRESETS[preset].get("key_env") == endpoint.key_env
    assert (preset == "local") == endpoint.is_embedded


def test_own_fields_override_the_preset():
    """Another port, another key."""
    fields = {
        "preset": "openai",
        "base_url": "http://127.0.0.1:9/v1/",
        "key_env": "OTHER_KEY",
        "concurrency": 8,
    }
    endpoint = Endpoint.model_validate(fields)
    assert (
        endpoint.base_url,
        endpoint.key_env,
        endpoint.concurrency,
    ) == ("http://127.0.0.1:9/v1", "OTHER_KEY", 8)
    assert endpoint.timeout_s == 120.0


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("127.0.0.1:8000/v1", "must be an http or https URL"),
        ("http://a b/v1", "must be an http or https URL"),
        *((f"http://h/v{c}1", "must be an http or https URL") for c in "\x7f\x9b\ud800\u200b\n"),
        ("http://h:99999/v1", "is not a URL"),
        ("http://u:p@h/v1", "must not hold a user name or password"),
        # Two rules for other letters make two hosts of this one: fass.de and xn--fa-hia.de.
        ("https://faß.de/v1", "must name its host in ASCII"),
        ("https://api.οpenai.com/v1", "must name its host in ASCII"),
        ("https://api.example.com%2f.evil.example/v1", "must name its host in ASCII"),
        ("http://127.0.0.1%25.evil.example/v1", "must name its host in ASCII"),
        (f"https://{'a' * 64}.example/v1", "must name its host in ASCII"),
        ("http://h:8000", "must end with a path such as /v1"),
        ("http://h/v1/chat/completions", "must be the base URL"),
        ("http://h/v1?key=x", "must end with its path"),
    ],
)
def test_addresses_that_cannot_work_are_refused(url, complaint):
    """Each with what to write instead."""
    with pytest.raises(InputError, match=complaint):
        checked_base_url(url)
    with pytest.raises(ValidationError, match=complaint):
        Endpoint.model_validate({"base_url": url})


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://h/v1",
            "https://openrouter.ai/api/v1",
            "http://[::1]:80/v1",
            "http://h/openai",
            "http://a_b-1/v1",
        ),
        *(
            "http://[fe80::1%25eth0]/v1",
            "https://xn--fa-hia.de/v1",
            "http://10.0.0.7:1/v1",
            "https://API.example.com./v1",
        ),
    ],
)
def test_addresses_as_clients_write_them_are_kept(url):
    """A slash at the end is dropped, nothing else."""
    assert url == checked_base_url(url)
    assert url == checked_base_url(url + "/")


@pytest.mark.parametrize("fields", [{"concurrency": 0}, {"timeout_s": 0}])
def test_limits(fields):
    """1 to 64 at once, and some time to answer."""
    with pytest.raises(ValidationError):
        Endpoint.model_validate({"preset": "local", **fields})
