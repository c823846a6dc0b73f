"""Proxies of the environment are never passed by in silence."""

import pytest

from llmxray.errors import InputError
from llmxray.proxy.proxy_settings import check_proxy_settings

FAR = "https://lab.example/v1"


@pytest.mark.parametrize(
    ("url", "environ", "named"),
    [
        (FAR, {"HTTPS_PROXY": "http://proxy:3128"}, "HTTPS_PROXY"),
        (FAR, {"https_proxy": "http://proxy:3128"}, "HTTPS_PROXY"),
        (FAR, {"ALL_PROXY": "socks5://proxy:1080"}, "ALL_PROXY"),
        (FAR, {"HTTP_PROXY": "http://proxy:3128"}, None),
        (FAR.replace("https", "http"), {"HTTP_PROXY": "http://proxy:3128"}, "HTTP_PROXY"),
        (FAR.replace("https", "http"), {"HTTPS_PROXY": "http://proxy:3128"}, None),
        (FAR, {"HTTPS_PROXY": ""}, None),
        (FAR, {}, None),
        *(
            (FAR, {"HTTPS_PROXY": "p", "NO_PROXY": listed}, None)
            for listed in ("lab.example", ".example", "*")
        ),
        *(
            (FAR, {"HTTPS_PROXY": "p", "no_proxy": listed}, None)
            for listed in ("a,.example", "a , LAB.example")
        ),
        (FAR, {"HTTPS_PROXY": "p", "NO_PROXY": "b.example,ample"}, "HTTPS_PROXY"),
        *((url, {"ALL_PROXY": "p"}, None) for url in ("http://127.0.0.1:8000/v1", "http://localhost/v1")),
    ],
)
def test_a_proxy_that_would_be_gone_around(url, environ, named):
    """Refused with its name and the way to go; servers on this machine and those of NO_PROXY need none."""
    if named is None:
        check_proxy_settings([url], environ)
        return
    with pytest.raises(InputError, match=f"{named} is set.*unset it.*NO_PROXY"):
        check_proxy_settings([url], environ)
