"""Settings as a release may show them: without this machine's paths, and without secrets."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

_LOGIN = re.compile(r"(\w+://)[^/?#\s]*@")
_DRIVE = re.compile(r"[A-Za-z]:\\")
_QUERY = re.compile(r"(\w+://[^?#\s]*)[?#].*", re.DOTALL)


def without_places(value: Any) -> Any:
    """Return a setting without what is this machine's own or secret.

    Of an absolute path its last part is left, of a URL neither login nor query.
    """
    if isinstance(value, Mapping):
        return {name: without_places(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [without_places(part) for part in value]
    if not isinstance(value, str):
        return value
    if "://" in value:
        return _QUERY.sub(r"\1", _LOGIN.sub(r"\1", value))
    if value.startswith(("/", "~/")) or _DRIVE.match(value):
        return PurePosixPath(value.replace("\\", "/")).name
    return value
