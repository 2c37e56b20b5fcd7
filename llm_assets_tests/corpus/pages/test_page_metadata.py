"""What a page says of itself."""

import gzip
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from resiliparse.parse.html import HTMLTree

from llm_assets.corpus.pages.page_metadata import PageMetadata, page_metadata

URL = "https://www.example.org/posts/storm.html"


def read(
    head: str = "", body: str = "", root: str = "", url: str | None = URL, **options: datetime
) -> PageMetadata:
    html = f"<!doctype html><html {root}><head>{head}</head><body>{body}</body></html>"
    return page_metadata(HTMLTree.parse(html), url, **options)


def meta(name: str, content: str, attribute: str = "property") -> str:
    return f'<meta {attribute}="{name}" content="{content}">'


def json_ld(**values: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(values)}</script>'


def day(found: PageMetadata) -> str | None:
    return found.published_at.date().isoformat() if found.published_at else None


def test_a_page_that_says_everything() -> None:
    found = read(
        "<title>A storm | The Herald</title>"
        + meta("og:site_name", "The Herald")
        + meta("og:title", "A storm | The Herald")
        + meta("article:published_time", "2014-05-13T10:00:00+02:00")
        + meta("author", "By Ann Lee", "name")
        + '<link rel="canonical" href="/storm"><link rel="license" href="/terms">',
        "<h1>A storm</h1>",
        'lang="en_gb"',
    )
    assert found == PageMetadata(
        "A storm",
        "Ann Lee",
        datetime(2014, 5, 13, 8, tzinfo=UTC),
        "https://www.example.org/storm",
        "en-GB",
        "https://www.example.org/terms",
    )


@pytest.mark.parametrize("html", ["", "x", "<", "<title></title><h1></h1>", "<meta content=x>"])
def test_a_page_that_says_nothing(html: str) -> None:
    assert page_metadata(HTMLTree.parse(html)) == PageMetadata()


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (json_ld(**{"@type": "Article", "headline": "A storm", "author": "Ann Lee"}), ""),
        (meta("author", "Ann Lee", "name"), ""),
        (meta("AUTHOR", "Ann Lee", "name"), ""),
        (meta("citation_author", "Lee, Ann", "name"), ""),
        (meta("DC.Creator", "Lee, Ann", "name"), ""),
        (meta("twitter:label1", "Written by", "name") + meta("twitter:data1", "Ann Lee"), ""),
        ("", '<div itemprop="author" itemscope><a><span itemprop="name">Ann Lee</span></a></div>'),
        ("", '<span itemprop="author">Ann Lee</span>'),
        ("", '<a rel="author" href="/ann">Ann Lee</a>'),
        ("", '<h1>A storm</h1><p>By Ann Lee</p><time datetime="2014-05-13">May</time>'),
        ("", '<time datetime="2014-05-13"></time><p class="post-author">by <b>Ann Lee</b></p>'),
        ("", '<time datetime="2014-05-13"></time><p class="HeroByline">By Ann Lee</p>'),
        ("", '<time datetime="2014-05-13"></time><a href="/author/ann/">Ann Lee</a>'),
    ],
)
def test_where_authors_are_named(head: str, body: str) -> None:
    assert read(head, body).author == "Ann Lee"


@pytest.mark.parametrize(
    "body",
    [
        '<div class="comments"><b class="author">Ann Lee</b></div>',
        '<aside><b class="author">Ann Lee</b></aside>',
        '<p class="author-bio">Ann Lee</p>',
        '<p class="author">Ann Lee is a writer who lives in the hills. ' + "She walks. " * 20,
    ],
)
def test_where_names_are_not_the_authors(body: str) -> None:
    assert read(meta("article:published_time", "2014-05-13"), body).author is None


def test_the_site_is_no_author() -> None:
    site = meta("og:site_name", "The Herald")
    assert read(site + meta("author", "The Herald", "name")).author is None
    person = '<a rel="author" href="/ann">Ann Lee</a>'
    assert read(site + meta("author", "The Herald", "name"), person).author == "Ann Lee"


@pytest.mark.parametrize(
    ("head", "body", "url"),
    [
        (json_ld(**{"@type": "WebPage", "datePublished": "2014-05-13"}), "", URL),
        (meta("article:published_time", "2014-05-13"), "", URL),
        (meta("DC.date.issued", "2014-05-13", "name"), "", URL),
        (meta("citation_publication_date", "2014/05/13", "name"), "", URL),
        (meta("date", "Tue, 13 May 2014 10:00:00 GMT", "name"), "", URL),
        ("", '<meta itemprop="datePublished" content="2014-05-13">', URL),
        ("", '<time itemprop="datePublished" datetime="2014-05-13">Tuesday</time>', URL),
        ("", '<time pubdate datetime="2014-05-13">Tuesday</time>', URL),
        ("", "", "https://example.org/2014/05/13/storm"),
        ("", "<time>13 May 2014</time>", URL),
        ("", "<h1>A storm</h1><p>13 May 2014 | Local</p>", URL),
        (meta("og:type", "article"), '<div class="entry-meta">On 13 May 2014</div>', URL),
        (meta("author", "Ann Lee", "name"), '<div class="date">13 May 2014</div>', URL),
    ],
)
def test_where_dates_are_named(head: str, body: str, url: str) -> None:
    assert day(read(head, body, url=url)) == "2014-05-13"


@pytest.mark.parametrize(
    ("head", "body", "url"),
    [
        (meta("article:modified_time", "2014-05-13"), "", URL),
        (json_ld(**{"@type": "WebPage", "dateModified": "2014-05-13"}), "", URL),
        ("", '<time class="updated" datetime="2014-05-13">x</time>', URL),
        ("", '<p>Last updated <time datetime="2014-05-13">x</time></p>', URL),
        (meta("og:type", "product"), '<div class="date">13 May 2014</div>', URL),
        ("", "<time>13 May 2014</time>", "https://example.org/"),
        (meta("og:type", "article"), '<div class="updated-date">13 May 2014</div>', URL),
        (meta("article:published_time", "1970-01-01"), "", URL),
    ],
)
def test_where_dates_are_not_of_publication(head: str, body: str, url: str) -> None:
    assert read(head, body, url=url).published_at is None


def test_dates_after_the_page_was_fetched_are_not_believed() -> None:
    head = meta("article:published_time", "2044-05-13") + meta("date", "2014-05-13", "name")
    assert day(read(head)) == "2044-05-13"
    assert day(read(head, fetched_at=datetime(2020, 1, 1, tzinfo=UTC))) == "2014-05-13"
    assert day(read(head, fetched_at=datetime(2014, 5, 12, 12, tzinfo=UTC))) == "2014-05-13"
    assert day(read(head, fetched_at=datetime(2014, 5, 1, tzinfo=UTC))) is None


def test_the_pages_language_decides_the_order_of_day_and_month() -> None:
    head = meta("date", "02/03/2014", "name")
    assert day(read(head, root="lang=en-US")) == "2014-02-03"
    assert day(read(head, root="lang=fr")) == "2014-03-02"
    assert day(read(head, root="lang=en")) is None


@pytest.mark.parametrize(
    "head",
    [
        "<title>A storm | Example</title>",
        "<title>A storm | example.org</title>",
        "<title>A storm | The Herald</title>" + meta("og:site_name", "The Herald"),
        "<title>A storm | The Herald</title>" + meta("application-name", "The Herald", "name"),
    ],
)
def test_a_site_is_called_as_it_says_or_as_its_host(head: str) -> None:
    assert read(head).title == "A storm"
    home = read("<title>Example | News</title>", url="https://example.org/")
    assert home.title == "Example | News"


@pytest.mark.parametrize(
    ("head", "root", "expected"),
    [
        ("", 'lang="de"', "de"),
        ("", 'xml:lang="pt-br"', "pt-BR"),
        ("", 'lang="zh_hant_TW"', "zh-Hant-TW"),
        ("<meta http-equiv='Content-Language' content='fr'>", "", "fr"),
        ("<meta http-equiv='Content-Language' content='fr, de'>", "", None),
        (meta("og:locale", "en_US"), 'lang=""', "en-US"),
        (meta("og:locale", "en_US"), 'lang="{{lang}}"', "en-US"),
        (json_ld(**{"@type": "WebPage", "inLanguage": "es"}), "", "es"),
    ],
)
def test_declared_languages(head: str, root: str, expected: str | None) -> None:
    assert read(head, root=root).language == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<link rel="canonical" href="https://example.org/x#top">', "https://example.org/x"),
        ('<link rel="Canonical" href="x">', "https://www.example.org/posts/x"),
        ('<base href="/b/"><link rel="canonical" href="x">', "https://www.example.org/b/x"),
        ('<link rel="canonical" href="javascript:x">', None),
        ('<link rel="canonical" href="/a"><link rel="canonical" href="/b">', None),
        (meta("og:url", "https://example.org/x"), "https://example.org/x"),
    ],
)
def test_canonical_addresses(head: str, expected: str | None) -> None:
    assert read(head).canonical_url == expected


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", '<a rel="license" href="http://creativecommons.org/licenses/by/4.0/">CC</a>'),
        ("", '<a rel="cc:license" href="https://creativecommons.org/licenses/by/4.0/">CC</a>'),
        ("", '<p>Under <a href="//creativecommons.org/licenses/by/4.0/deed.fr">CC BY</a></p>'),
        (meta("dcterms.license", "https://creativecommons.org/licenses/by/4.0", "name"), ""),
        (
            json_ld(
                **{"@type": "Article", "license": "https://creativecommons.org/licenses/by/4.0/"}
            ),
            "",
        ),
        ('<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">', ""),
    ],
)
def test_licences(head: str, body: str) -> None:
    assert read(head, body).license_url == "https://creativecommons.org/licenses/by/4.0/"


def test_long_values_are_cut() -> None:
    found = read(f"<title>{'x' * 100_000}</title>" + meta("og:url", f"https://e.org/{'x' * 9999}"))
    assert found.title == "x" * 500
    assert found.canonical_url is None


def test_a_hostile_address_is_no_error() -> None:
    head = '<base href="http://["><link rel="canonical" href="http://[::1">'
    assert read(head, url="http://[::1").canonical_url is None


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "html",
    [
        "<meta name=author content='" + "A, " * 100_000 + "'>" * 3,
        "<h1>" * 2_000 + "x | " * 100_000,
        "<div class=author>" * 2_000 + "x " * 100_000,
        "<time class=author datetime=x>" * 20_000,
        "<title>" + "a | " * 10_000 + "</title>" + meta("og:site_name", "a"),
        "<p class=date>" + "1 " * 50 + "</p>" * 20_000,
        "<script type='application/ld+json'>" + '{"headline":' * 80_000 + "</script>",
    ],
)
def test_hostile_pages_cost_little(html: str) -> None:
    tree = HTMLTree.parse(html + meta("article:published_time", "2014-05-13"))
    started = process_time()
    found = page_metadata(tree, URL)
    assert process_time() - started < 5
    assert all(value is None or len(str(value)) <= 2_000 for value in found)


@given(
    st.lists(
        st.sampled_from(["title", "h1", "time", "a", "p", "meta", "link", "base", "script", "div"]),
        max_size=8,
    ),
    st.lists(
        st.tuples(
            st.sampled_from(
                ["content", "property", "name", "itemprop", "rel", "href", "class", "datetime"]
            ),
            st.sampled_from(["author", "og:title", "license", "canonical", "date"])
            | st.text(max_size=20),
        ),
        max_size=8,
    ),
    st.text(max_size=40),
)
def test_any_page_is_read_twice_alike(
    tags: list[str], attributes: list[tuple[str, str]], text: str
) -> None:
    written = " ".join(f'{name}="{value}"' for name, value in attributes)
    html = "".join(f"<{tag} {written}>{text}" for tag in tags)
    found = page_metadata(HTMLTree.parse(html), "https://example.org/x")
    assert found == page_metadata(HTMLTree.parse(html), "https://example.org/x")
    assert found.published_at is None or found.published_at.tzinfo is not None
    for value in (found.title, found.author):
        assert value is None or (0 < len(value) <= 500 and value == value.strip())


def words(text: str | None) -> str:
    return " ".join(re.findall(r"\w+", (text or "").casefold()))


@pytest.mark.shared_data
def test_real_pages_keep_their_quality(shared_data: Path) -> None:
    """Shares of the WCXB pages at hand with the right title, author and date."""
    right = {"title": 0, "author": 0, "publish_date": 0}
    paths = sorted((shared_data / "web" / "wcxb" / "truth").glob("*.json.gz"))
    for path in paths:
        truth = json.loads(gzip.decompress(path.read_bytes()))
        page = path.parents[1] / "html" / path.name.replace(".json", ".html")
        html = gzip.decompress(page.read_bytes()).decode("utf-8", "replace")
        found = page_metadata(HTMLTree.parse(html), truth.get("url"))
        stated = truth["ground_truth"]
        right["title"] += words(found.title) == words(stated["title"])
        right["author"] += words(found.author) == words(stated["author"])
        right["publish_date"] += day(found) == stated["publish_date"]
    shares = {name: count / len(paths) for name, count in right.items()}
    assert shares["title"] > 0.70
    assert shares["author"] > 0.83
    assert shares["publish_date"] > 0.82
