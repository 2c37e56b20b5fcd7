"""The names of the quality profiles, for those who only check a name: no kernel is loaded."""

from typing import Final

PROFILE_NAMES: Final[frozenset[str]] = frozenset(
    {
        "books@1",
        "c4@datatrove-0.10",
        "c4@tfds",
        "fineweb2",
        "fineweb@0.10",
        "fineweb@2024-05",
        "fineweb@datatrove-0.10",
        "fineweb@paper",
        "gopher@datatrove-0.10",
        "gopher@dclm",
        "gopher@dolma",
        "gopher@paper",
        "records@1",
        "refinedweb@dclm",
    }
)
"""Besides these there is `fineweb2@LANGUAGE` for each language of FineWeb-2."""


def unknown_profile(name: str) -> str:
    """Say that there is no such profile, and which there are."""
    known = ", ".join([*sorted(PROFILE_NAMES), "fineweb2@LANGUAGE"])
    return f"there is no quality profile '{name}': use some of {known}"
