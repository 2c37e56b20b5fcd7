"""Named quality profiles: published rules as data, decided from stored signals alone."""

PROFILE_NAMES: frozenset[str] = frozenset(
    {
        "books@1",
        "fineweb@0.10",
        "fineweb@2024-05",
        "fineweb@paper",
        "gopher@paper",
    }
)
"""The profiles that a corpus file may name."""
