"""Which variables may be sent as keys, and where to."""

import pytest

from llmxray.errors import InputError
from llmxray.keys import KeyPermit, KeyUse, check_key, check_value, is_loopback, parse_permit

HERE, LAB, CLEAR = "http://127.0.0.1:8000/v1", "https://lab.example/v1", "http://lab.example/v1"


@pytest.mark.parametrize(
    ("key", "says"),
    [
        *((f"sk-abc{end}", "holds white space or a control character") for end in "\r \x00"),
        ("sk-abc def", "holds white space or a control character"),
        ("sk-ä", "holds other characters than ASCII"),
        # A byte that is no UTF-8, as Python reads the environment.
        ("sk-\udcff", "holds other characters than ASCII"),
        ("sk-abc/+=_-.~!", None),
    ],
)
def test_what_no_key_holds(key, says):
    """No header carries it: one line that names the variable and not the key."""
    if says is None:
        check_value("LAB_KEY", key)
        return
    with pytest.raises(InputError, match=says) as caught:
        check_value("LAB_KEY", key)
    assert "LAB_KEY" in str(caught.value)
    assert "sk-" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "url", "permit", "says"),
    [
        ("LAB_KEY", HERE, "LAB_KEY@127.0.0.1:8000", None),
        ("LAB_KEY", HERE, "", "add --allow-key LAB_KEY@127.0.0.1:8000"),
        ("LAB_KEY", HERE, "LAB_KEY@127.0.0.1:8001", "add --allow-key LAB_KEY@127.0.0.1:8000"),
        ("LAB_KEY", "http://localhost/v1", "", r"add --allow-key LAB_KEY@localhost:80$"),
        ("LAB_KEY", "http://[::1]:8000/v1", "LAB_KEY@::1", None),
        ("LAB_KEY", LAB, "LAB_KEY@lab.example", None),
        ("LAB_KEY", LAB, "", "add --allow-key LAB_KEY@lab.example"),
        ("LAB_KEY", LAB, "LAB_KEY@other.example", "add --allow-key"),
        ("LAB_KEY", CLEAR, "LAB_KEY@lab.example", "in the clear"),
        ("LAB_KEY", "http://localhost.evil.example/v1", "LAB_KEY@localhost.evil.example", "in the clear"),
        ("LAB_KEY", "http://0.0.0.0:8000/v1", "LAB_KEY@0.0.0.0", "in the clear"),
        ("PATH", LAB, "", "whose name does not end in API_KEY"),
        ("GITHUB_TOKEN", HERE, "GITHUB_TOKEN@127.0.0.1", None),
        ("AWS_SECRET_ACCESS_KEY", LAB, "AWS_SECRET_ACCESS_KEY@lab.example", None),
    ],
)
def test_what_may_be_sent(variable, url, permit, says):
    """By name, by host, by scheme; the message names variable and host, and says what to add."""
    use, permits = KeyUse(variable, url), {parse_permit(permit)} if permit else set()
    if says is None:
        check_key(use, permits)
        return
    with pytest.raises(InputError, match=says) as caught:
        check_key(use, permits)
    assert variable in str(caught.value)
    assert use.host in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "url", "is_asked"),
    [
        ("AZURE_OPENAI_API_KEY", LAB, True),
        ("AWS_SECRET_ACCESS_KEY", LAB, False),
        ("LAB_API_KEY", HERE, True),
        ("LAB_API_KEY", CLEAR, False),
    ],
)
def test_a_person_is_asked_only_about_keys_for_models(variable, url, is_asked):
    """People who are asked say yes."""
    assert KeyUse(variable, url).may_be_asked is is_asked


@pytest.mark.parametrize(
    ("text", "permit"),
    [
        ("A_KEY@API.Example.", KeyPermit("A_KEY", "api.example")),
        ("A_KEY@[::1]", KeyPermit("A_KEY", "::1")),
        ("A_KEY@127.0.0.1:443", KeyPermit("A_KEY", "127.0.0.1", 443)),
        ("A_KEY@[::1]:80", KeyPermit("A_KEY", "::1", 80)),
        *((text, None) for text in ("A_KEY", "@host", "A_KEY@https://host", "A_KEY@host:443", "A_KEY@*")),
        *((text, None) for text in ("A_KEY@127.0.0.1:", "A_KEY@[::1%25lo]:80", "A_KEY@host/v1", "A_KEY@a@b")),
    ],
)
def test_permits_as_they_are_written(text, permit):
    """A host: every port of it and no other host. On this machine a port may be named as well."""
    if permit is None:
        with pytest.raises(InputError, match="takes VAR@HOST"):
            parse_permit(text)
    else:
        assert permit == parse_permit(text)
        assert permit == parse_permit(str(permit))


@pytest.mark.parametrize(
    ("host", "here"),
    [
        *((host, True) for host in ("127.9.9.9", "::1", "localhost")),
        *((host, False) for host in ("", "0.0.0.0", "localhost.example", "127.0.0.1%25.evil.example")),
    ],
)
def test_this_machine(host, here):
    """Names that only resemble it are not."""
    assert here == is_loopback(host)
