"""Settings as a release may show them: without this machine's paths, and without secrets."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

# Up to the last @: a password may hold any sign, also those that it ought to encode. In the path of
# a page or an object an @ is nothing special.
_LOGIN = re.compile(r"\b(?!https?://|s3://)(\w[\w+.-]*://)\S*@")
_LOGIN_OF_A_PAGE = re.compile(r"\b(https?://|s3://)[^/?#\s]*@")
_QUERY = re.compile(r"(\w+://[^?#\s]*)[?#].*", re.DOTALL)
_DRIVE = re.compile(r"[A-Za-z]:\\")
_FILE = "file://"
_NAMED = re.compile(r"(?i)\b(\w*(?:password|passwd|pwd|secret|token|key))\s*=\s*\S+")


def without_places(value: Any) -> Any:
    """Return a setting without what is this machine's own or secret.

    Of an absolute path its last part is left, of a URL neither login nor query; of `password=...`
    and the like the name.
    """
    if isinstance(value, Mapping):
        return {name: without_places(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [without_places(part) for part in value]
    if not isinstance(value, str):
        return value
    if value.startswith(("/", "~/", _FILE)) or _DRIVE.match(value):
        return PurePosixPath(value.replace("\\", "/")).name
    if "://" in value:
        value = _QUERY.sub(r"\1", _LOGIN.sub(r"\1", _LOGIN_OF_A_PAGE.sub(r"\1", value)))
    return _NAMED.sub(r"\1=...", value)
