"""Package documents of EPUB books."""

from datetime import UTC, datetime

import pytest

from llm_assets.formats.epub_package import encrypted_parts, parse_xml, read_package
from llm_assets.formats.zip_archive import Archive, ArchiveError
from llm_assets_tests.formats.builders import METADATA, epub, item, package

SPINE = '<itemref idref="one"/>'


def package_of(metadata: str = METADATA, manifest: str = item("one"), spine: str = SPINE) -> str:
    return package(metadata, manifest, spine)


def test_metadata() -> None:
    metadata = (
        "<dc:title> The\n Book </dc:title><dc:identifier>other</dc:identifier>"
        '<dc:identifier id="id">urn:uuid:1</dc:identifier><dc:language>de</dc:language>'
        '<dc:creator id="a">Ann</dc:creator><dc:creator id="b">Bob</dc:creator>'
        '<meta refines="#a" property="role">aut</meta><meta refines="#b" property="role">ill</meta>'
        "<dc:rights>CC0-1.0</dc:rights><dc:date>2014-05-25T00:00:00Z</dc:date>"
    )
    found = read_package(Archive(epub(opf=package_of(metadata))))
    assert (found.path, found.title, found.author) == ("OEBPS/book.opf", "The Book", "Ann")
    assert (found.language, found.identifier, found.rights) == ("de", "urn:uuid:1", "CC0-1.0")
    assert found.published_at == datetime(2014, 5, 25, tzinfo=UTC)


def test_all_creators_are_authors_where_nobody_says_otherwise() -> None:
    metadata = "<dc:creator>Ann</dc:creator><dc:creator>Bob</dc:creator>"
    found = read_package(Archive(epub(opf=package_of(metadata))))
    assert (found.author, found.title, found.published_at) == ("Ann, Bob", None, None)


def test_roles_of_older_books() -> None:
    metadata = (
        '<dc:creator xmlns:o="http://www.idpf.org/2007/opf" o:role="trl">Tom</dc:creator>'
        '<dc:creator xmlns:o="http://www.idpf.org/2007/opf" o:role="aut">Ann</dc:creator>'
    )
    assert read_package(Archive(epub(opf=package_of(metadata)))).author == "Ann"


def test_long_rights_are_no_licence() -> None:
    metadata = f"<dc:rights>{'All rights reserved. ' * 20}</dc:rights>"
    assert read_package(Archive(epub(opf=package_of(metadata)))).rights is None


def test_the_reading_order_is_the_spine_without_what_is_no_reading() -> None:
    manifest = (
        item("two")
        + item("one")
        + item("nav", ' properties="nav"')
        + item("notes")
        + '<item id="cover" href="cover.svg" media-type="image/svg+xml"/>'
    )
    order = ["cover", "nav", "one", "two", "one", "missing"]
    spine = "".join(f'<itemref idref="{name}"/>' for name in order)
    spine += '<itemref idref="notes" linear="no"/>'
    found = read_package(Archive(epub(opf=package_of(METADATA, manifest, spine))))
    assert found.hrefs == ("one.xhtml", "two.xhtml")


@pytest.mark.parametrize("container", [None, "not XML", "<container/>"])
def test_a_package_is_found_without_the_container(container: str | None) -> None:
    assert read_package(Archive(epub(container=container))).title == "A Book"


@pytest.mark.parametrize(
    ("opf", "reason"),
    [
        (None, "malformed"),
        ("<package>", "malformed"),
        ("", "malformed"),
        ('<!DOCTYPE p [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><package>&b;</package>', "unsafe"),
        ('<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd">]><package>&a;</package>', "unsafe"),
    ],
)
def test_a_missing_or_hostile_package_says_why(opf: str | None, reason: str) -> None:
    with pytest.raises(ArchiveError) as error:
        read_package(Archive(epub(opf=opf)))
    assert error.value.reason == reason


def test_only_what_is_encrypted_for_real_counts() -> None:
    def entry(algorithm: str, path: str) -> str:
        return (
            f'<EncryptedData><EncryptionMethod Algorithm="{algorithm}"/>'
            f'<CipherData><CipherReference URI="{path}"/></CipherData></EncryptedData>'
        )

    document = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        + entry("http://www.idpf.org/2008/embedding", "OEBPS/font.otf")
        + entry("http://www.w3.org/2001/04/xmlenc#aes256-cbc", "OEBPS/chapter%201.xhtml")
        + "</encryption>"
    )
    archive = Archive(epub(**{"META-INF/encryption.xml": document}))
    assert encrypted_parts(archive) == {"OEBPS/chapter 1.xhtml"}
    assert encrypted_parts(Archive(epub())) == frozenset()


@pytest.mark.timeout(20)
def test_deep_xml_neither_crashes_nor_hangs() -> None:
    root = parse_xml(b"<a>" * 100_000 + b"</a>" * 100_000, "deep")
    assert sum(1 for _ in root.iter()) == 100_000
