"""Globs over object keys: the same rules for folders and for buckets.

`*`, `?` and `[...]` match inside one name, `**` any number of folders; none of them matches a
leading dot, so hidden files are left out unless the pattern spells the dot.
"""

import re
from collections.abc import Iterator

_MAGIC = frozenset("*?[")
_VISIBLE_FOLDERS = r"(?:(?!\.)[^/]+/)*"
_VISIBLE_NAME = r"(?!\.)[^/]+"
_WILDCARDS = re.compile(r"\*+|\?|\[(?P<negated>!?)(?P<set>\]?[^\]]*)\]")


def is_pattern(name: str) -> bool:
    """Tell whether a name, or a whole path, has wildcards."""
    return bool(_MAGIC & set(name))


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return the regular expression that fully matches the keys that `pattern` names."""
    *folders, name = pattern.split("/")
    expression = "".join(
        _VISIBLE_FOLDERS if folder == "**" else f"{_one_name(folder)}/" for folder in folders
    )
    last = _VISIBLE_FOLDERS + _VISIBLE_NAME if name == "**" else _one_name(name)
    return re.compile(expression + last, re.DOTALL)


def literal_start(pattern: str) -> str:
    """Return the characters that every matching key starts with."""
    return re.split(r"[*?\[]", pattern, maxsplit=1)[0]


def depth_of(pattern: str) -> int | None:
    """Return how many names a matching key has; None if that is not fixed."""
    names = pattern.split("/")
    return None if "**" in names else len(names)


def _one_name(pattern: str) -> str:
    expression, end = "", 0
    for found in _WILDCARDS.finditer(pattern):
        visible = "" if found.start() else r"(?!\.)"
        expression += re.escape(pattern[end : found.start()]) + visible + _wildcard(found)
        end = found.end()
    return expression + re.escape(pattern[end:])


def _wildcard(found: re.Match[str]) -> str:
    if found[0].startswith("*"):
        return "[^/]*"
    if found[0] == "?":
        return "[^/]"
    members = "".join(_members(found["set"]))
    if found["negated"]:
        return f"[^/{members}]"
    return f"(?!/)[{members}]" if members else "(?!)"


def _members(text: str) -> Iterator[str]:
    """Yield what stands in brackets, in the words of regular expressions; `z-a` is nothing."""
    position = 0
    while position < len(text):
        low, high = text[position], text[position + 2 : position + 3]
        if text[position + 1 : position + 2] == "-" and high:
            if low <= high:
                yield f"{re.escape(low)}-{re.escape(high)}"
            position += 3
        else:
            yield re.escape(low)
            position += 1
