"""HTTPS to a token endpoint: bounded in time, its certificate checked, and quiet."""

import logging
from typing import Any, Self

import requests

_SECONDS = 30.0

# The libraries log what an endpoint answered, and without a handler Python writes such lines to standard error.
for _name in ("msal", "google.auth", "google.oauth2"):
    logging.getLogger(_name).addHandler(logging.NullHandler())
    logging.getLogger(_name).propagate = False


class _Session(requests.Session):
    """requests with a bound on time, and with the certificates named: its own ``verify`` yields to REQUESTS_CA_BUNDLE."""

    def __init__(self, ca_file: str) -> None:
        super().__init__()
        self._ca_file = ca_file
        self.status = 0

    def request(self, *given: Any, **options: Any) -> requests.Response:
        if options.get("timeout") is None:
            options["timeout"] = _SECONDS
        if self._ca_file:
            options["verify"] = self._ca_file
        self.status = 0
        response = super().request(*given, **options)
        self.status = response.status_code
        return response


class Https:
    """One session with ``get`` and ``post`` as requests has them. ``status``: of the last answer, 0 if there was none.

    ``ca_file``: certificates to trust instead of the machine's own, where the company's network opens HTTPS.
    """

    def __init__(self, ca_file: str = "") -> None:
        self.session = _Session(ca_file)

    @property
    def status(self) -> int:
        return self.session.status

    def get(self, url: str, **options: Any) -> requests.Response:
        return self.session.get(url, **options)

    def post(self, url: str, **options: Any) -> requests.Response:
        return self.session.post(url, **options)

    def close(self) -> None:
        self.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def trouble(error: Exception) -> str:
    """Return in a few words why an endpoint could not be reached; requests' own words repeat the whole address."""
    cause: BaseException | None = error
    seen = 0
    while cause is not None and seen < 10:
        if isinstance(cause, requests.exceptions.SSLError):
            return "its certificate was not accepted"
        if isinstance(cause, requests.exceptions.Timeout):
            return "no answer in time"
        if isinstance(cause, requests.exceptions.HTTPError) and cause.response is not None:
            return f"it answered {cause.response.status_code}"
        cause, seen = cause.__cause__ or cause.__context__, seen + 1
    return "no connection"


def plain_code(value: object) -> str:
    """Return an OAuth error code if it is one (RFC 6749 5.2 allows any text), else ``""``."""
    text = str(value)
    return text if 0 < len(text) <= 50 and text.replace("_", "").replace("-", "").isalnum() and text.isascii() else ""
