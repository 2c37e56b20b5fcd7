"""Run other extractors over pages, in an environment of their own.

`extraction_quality.py` starts this with the peers' Python: it reads pages (one JSON string a line)
from standard input and writes, for each, the texts by peer, and at last the CPU seconds by peer.
Only the standard library is imported outside the peers, so any environment will do.
"""

import json
import sys
import time
from collections.abc import Callable
from functools import partial


def trafilatura(**options: bool) -> Callable[[str], str]:
    from trafilatura import extract

    # The settings of trafilatura's own evaluation: no comments, tables, no formatting.
    return lambda html: extract(html, include_comments=False, include_tables=True, **options) or ""


def justext() -> Callable[[str], str]:
    import justext
    from trafilatura.external import jt_stoplist_init

    words = jt_stoplist_init()  # of all languages, as in trafilatura's evaluation

    def run(html: str) -> str:
        paragraphs = justext.justext(html, words, 50, 200, 0.1, 0.2, 0.2, 200, True)
        return "\n\n".join(each.text for each in paragraphs if not each.is_boilerplate)

    return run


def resiliparse() -> Callable[[str], str]:
    from resiliparse.extract.html2text import extract_plain_text

    return partial(extract_plain_text, main_content=True)


PEERS: dict[str, Callable[[], Callable[[str], str]]] = {
    "trafilatura": trafilatura,
    "trafilatura precision": partial(trafilatura, favor_precision=True),
    "trafilatura recall": partial(trafilatura, favor_recall=True),
    "trafilatura fast": partial(trafilatura, fast=True),
    "justext": justext,
    "resiliparse": resiliparse,
}


def main() -> None:
    runs = {}
    for name, load in PEERS.items():
        try:
            runs[name] = load()
        except ImportError as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
    seconds = dict.fromkeys(runs, 0.0)
    for line in sys.stdin:
        html = json.loads(line)
        texts = {}
        for name, run in runs.items():
            start = time.process_time()
            try:
                texts[name] = run(html)
            except Exception as error:  # a page that a peer cannot read is a page without text
                print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
                texts[name] = ""
            seconds[name] += time.process_time() - start
        print(json.dumps(texts), flush=True)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
