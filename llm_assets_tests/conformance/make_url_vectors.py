"""Write what datatrove's URL filter says of real and of hostile URLs: `vectors/urls.parquet`.

In an environment with `datatrove==0.10.1 tldextract==5.4.0 pyahocorasick fasteners pyarrow`:

    TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS= python make_url_vectors.py

The empty variable keeps tldextract to the list of suffixes in its own release. The URLs are those
in the texts of `documents.parquet`, and each of them changed in one way that servers, browsers or
spammers know. The lists are in the file's metadata, as JSON.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

from datatrove.data import Document
from datatrove.pipeline.filters.url_filter import URLFilter
from vectors_file import read_documents, write_vectors

HARD_WORDS = ["casino", "Blog-Roll", "2012", "no go", "#sandwich", "é-commerce"]
SOFT_WORDS = ["open", "data", "API", "news", "how-to", "free", "www", "html", "index"]
SUBWORDS = ["bad-word", "free spins", "ov/comm", "x99", "Emoji", "xn--p", "ümlaut9"]
LISTED_URLS = ["example.org/no-scheme", "http://localhost/", "HTTP://EXAMPLE.COM/"]
EXTRA_DOMAINS = [
    "co.uk", "example.co.uk", "github.io", "someone.github.io", "blogspot.com", "ck", "www.ck",
    "bücher.de", "xn--bcher-kva.de", "例え.jp", "президент.рф", "xn--d1abbgf6aiiy.xn--p1ai",
    "203.0.113.7", "[2001:db8::1]", "localhost", "Example.COM", "example.com.", "under_score.com",
    "city.kawasaki.jp", "shop.kawasaki.jp", "#commented.org", "a.b.c.example.net",
]  # fmt: skip
ODD_HOSTS = [
    "deep.below.example.co.uk", "example.com", "EXAMPLE.COM", "www.bücher.de", "kawasaki.jp",
    "x.shop.kawasaki.jp", "any.ck", "any.www.ck", "someone.blogspot.com", "s3.amazonaws.com",
    "300.1.2.3", "1.2.3", "0x7f.0.0.1", "2130706433", "[::ffff:192.0.2.1]", "[::1", "::1", "xn--",
    "xn--a", "xn--99999999", "-.com", ".", "..", "a..com", "com", "uk", "_dmarc.x.org", "☃.net",
    "faß.de", "ａ．com", "a。com", "a｡co。uk",
]  # fmt: skip
HOSTS = [*EXTRA_DOMAINS, *ODD_HOSTS, "commented.org", "", "x" * 300 + ".com", "\u200b.com"]
PATHS = [
    "", "/", "/casino", "/CASINO/", "/Casino?x=1", "/play-casino.html", "/mycasino", "/blogroll",
    "/blog-roll", "/2012/open/data", "/open/open/open", "/api/news", "/nogo", "/no/go",
    "/sandwich", "/bad/word", "/b.a.d.w.o.r.d", "/freespins", "/FREE_SPINS", "?q=free&r=spins",
    "#free-data", "/how-to/news", "/howto/news", "/%63asino", "/caf%C3%A9/commerce",
    "/é/commerce", "/ecommerce", "/x/99", "/ümlaut9", "/mlaut9", "//co.uk/", "/@co.uk",
    "/?u=http://example.co.uk/",
]  # fmt: skip


def main() -> None:
    real = sorted({url for _, text in read_documents() for url in URL.findall(text)})
    urls = list(dict.fromkeys([*real, *changed(real), *made()]))
    lists = {
        "domains": [*EXTRA_DOMAINS, " spaced.org ", *sorted(set(map(host_of, real[::12])) - {""})],
        "urls": real[::25] + LISTED_URLS,
        "hard_words": HARD_WORDS,
        "soft_words": SOFT_WORDS,
        "subwords": SUBWORDS,
    }
    write_vectors(
        "urls",
        judge([url for url in urls if url], lists),
        ["datatrove", "tldextract", "pyahocorasick"],
        lists=json.dumps(lists),
    )


def judge(urls: list[str], lists: dict[str, list[str]]) -> Iterator[dict[str, Any]]:
    rules = URLFilter(
        extra_domains=lists["domains"],
        extra_urls=lists["urls"],
        banned_words=lists["hard_words"],
        soft_banned_words=lists["soft_words"],
        banned_subwords=lists["subwords"],
        use_integrated_lists=False,
    )
    for url in urls:
        result = rules.filter(Document(text="", id="", metadata={"url": url}))
        kept, reason = result if isinstance(result, tuple) else (result, None)
        yield {"url": url, "verdict": "keep" if kept else "drop", "reason": reason}


URL = re.compile(r"""https?://[^\s<>"'\])}]+""")


def host_of(url: str) -> str:
    return url.split("/")[2].lower()


def changed(urls: list[str]) -> Iterator[str]:
    """Yield each URL changed in one way, drawn by its text."""
    for url in urls:
        change = random.Random(url).choice(CHANGES)
        scheme, _, rest = url.partition("://")
        host, slash, path = rest.partition("/")
        yield change(scheme, host, slash + path)


Change = Callable[[str, str, str], str]
CHANGES: list[Change] = [
    lambda scheme, host, path: f"{scheme}://{host}:8080{path}",
    lambda scheme, host, path: f"{scheme}://{host}:{path}",
    lambda scheme, host, path: f"{scheme}://user:pass@{host}{path}",
    lambda scheme, host, path: f"{scheme}://example.co.uk@{host}{path}",
    lambda scheme, host, path: f"{scheme}://a@b@{host}:443{path}",
    lambda scheme, host, path: f"{scheme}://{host}.{path}",
    lambda scheme, host, path: f"{scheme}://{host}..{path}",
    lambda scheme, host, path: f"{scheme}://{host.upper()}{path}",
    lambda scheme, host, path: f"{scheme}://{host}{path}".upper(),
    lambda scheme, host, path: f"{scheme}://{host}{path}".title(),
    lambda scheme, host, path: f"{scheme}://www.{host}{path}",
    lambda scheme, host, path: f"{scheme}://{host.removeprefix('www.')}{path}",
    lambda scheme, host, path: f"{scheme}://{host.replace('.', '。')}{path}",
    lambda scheme, host, path: f"{scheme}://{host.replace('.', '%2E')}{path}",
    lambda scheme, host, path: f"{scheme}://{host}.github.io{path}",
    lambda scheme, host, path: f"{scheme}://{host}.co.uk{path}",
    lambda scheme, host, path: f"{scheme}:/{host}{path}",
    lambda scheme, host, path: f"{scheme}:///{host}{path}",
    lambda scheme, host, path: f"{scheme}:\\\\{host}{path}",
    lambda scheme, host, path: f"//{host}{path}",
    lambda scheme, host, path: f"{host}{path}",
    lambda scheme, host, path: f" {scheme}://{host}{path} ",
    lambda scheme, host, path: f"{scheme}://{host} {path}",
    lambda scheme, host, path: f"{scheme}://{host}\n{path}",
    lambda scheme, host, path: f"{scheme}://{host}\0{path}",
    lambda scheme, host, path: f"view-source:{scheme}://{host}{path}",
    lambda scheme, host, path: f"x y:{scheme}://{host}{path}",
    lambda scheme, host, path: f"{scheme}://{host}/?{path}",
    lambda scheme, host, path: f"{scheme}://{host}#{path}",
    lambda scheme, host, path: f"{scheme}://{host}{path}?casino=1&open=data",
    lambda scheme, host, path: f"{scheme}://{host}{path}/bad/word",
    lambda scheme, host, path: f"{scheme}://{host}" + "".join(f"%{ord(c):02X}" for c in path[:40]),
]


def made() -> Iterator[str]:
    """Yield URLs of odd hosts and of planted words."""
    for i, host in enumerate(HOSTS):
        for j in range(6):
            yield f"http://{host}{PATHS[(i + j * 5) % len(PATHS)]}"
    for path in PATHS:
        yield f"https://plain.example.org{path}"
        yield f"ftp://open.plain.example.org{path}"


if __name__ == "__main__":
    main()
