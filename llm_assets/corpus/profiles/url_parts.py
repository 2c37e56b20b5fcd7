"""Which site a URL belongs to: its host and its registered domain, by the public suffix list.

tldextract reads hosts, for three reasons: the original of our URL rules uses it, so that no reading
of a malformed URL differs; it carries a snapshot of the list, so that nothing is looked up; and at
4 µs a host it costs a hundredth of what reading the page does. It is told of no place to fetch a
newer list from and of no folder to keep one in: the suffixes are those of its release.

Only the suffixes of registries count. `someone.github.io` belongs to `github.io`, although others
may register below it too: those suffixes stand in the list's private part.
"""

from functools import cache
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from tldextract import TLDExtract

SUFFIX_LIBRARY: Final = "tldextract"
"""The distribution whose release decides which suffixes are public."""

URL_PARTS: Final = pl.Schema({"registered_domain": pl.String, "host": pl.String})

_AUTHORITY: Final = r"^(?:[A-Za-z0-9+.-]+:)?//[^/?#]*|^[^/?#]*"
"""What a host is read from; URLs that share it share the host, whatever their path is."""


def url_parts(urls: pl.Series) -> pl.DataFrame:
    """Return the host of each URL, and the domain that its owner registered.

    Both are as the URL writes them, in its case and encoding; without port, user and final dot.
    Both are null for what has no public suffix, such as an IP address or `localhost`, and the
    domain is null for a host that is nothing but a public suffix.

    Args:
        urls: strings; nulls are allowed.

    Returns:
        One row a URL, in order, with the columns of `URL_PARTS`.
    """
    authorities = urls.str.extract(f"({_AUTHORITY})").alias("authority")
    distinct = authorities.drop_nulls().unique(maintain_order=True)
    known = pl.DataFrame(
        [(authority, *_site(authority)) for authority in distinct],
        schema={"authority": pl.String, **URL_PARTS},
        orient="row",
    )
    return (
        authorities.to_frame()
        .join(known, on="authority", how="left", maintain_order="left")
        .select(*URL_PARTS)
    )


def _site(authority: str) -> tuple[str | None, str | None]:
    found = _extractor()(authority)
    return found.top_domain_under_public_suffix or None, found.fqdn or None


@cache
def _extractor() -> "TLDExtract":
    """Load the list once a process: 20 ms, and 200 for the import that only this needs."""
    import tldextract

    return tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
