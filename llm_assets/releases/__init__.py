"""Releases: immutable manifests of what a corpus was, checked, compared, copied and looked into."""
