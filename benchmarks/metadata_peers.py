"""Metadata as trafilatura reads it; runs in an environment of its own (`pip install trafilatura`).

Reads a JSON line a page (`html`, `url`) and writes one a page, then one with the CPU seconds.
"""

import json
import sys
import time

from trafilatura.metadata import extract_metadata


def main() -> None:
    pages = [json.loads(line) for line in sys.stdin]
    start = time.process_time()
    found = [extract_metadata(page["html"], default_url=page["url"]) for page in pages]
    seconds = time.process_time() - start
    for document in found:
        fields = ("title", "author", "date", "license", "language", "url")
        print(json.dumps({name: getattr(document, name, None) for name in fields}))
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
