"""Imported by the process that extracting workers are forked from, so that they start ready.

To import what extraction needs and to load its compiled kernels takes a second, which each worker
would spend for itself, and after the run has come to them. Nothing else imports this module, the
one whose import does something.
"""

import signal

# Ctrl-C is for the parent, which stops us; that process itself ignores it only after this import.
signal.signal(signal.SIGINT, signal.SIG_IGN)

from contextlib import suppress  # noqa: E402

from llm_assets.corpus.document_text import extract_payloads  # noqa: E402

_PAGE = (
    b"<html><head><title>A</title></head><body><h1>A</h1><p>A word, and another.</p></body></html>"
)

with suppress(Exception):  # a worker will meet the same again, and say so
    extract_payloads([(_PAGE, "text/html", None, "https://example.org/")], "web", "default")
