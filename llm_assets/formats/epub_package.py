"""An EPUB's package document: what the book is called and which parts it is read in.

EPUB 3.3, sections 4.2 (container) and 5 (package document); EPUB 2 files work the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from llm_assets.formats.zip_archive import Archive, ArchiveError, resolve

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
# These only garble fonts, so that they cannot be lifted out of the book.
_FONT_OBFUSCATION = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_TEXT_TYPES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_MAX_RIGHTS_CHARS = 200


@dataclass(frozen=True, slots=True)
class Package:
    """A book's metadata and the hrefs of its reading order, relative to `path`."""

    path: str
    title: str | None
    author: str | None
    language: str | None
    identifier: str | None
    rights: str | None
    published_at: datetime | None
    hrefs: tuple[str, ...]


def read_package(archive: Archive) -> Package:
    """Find and read the package document.

    The reading order keeps linear text parts once each, without the navigation document.

    Raises:
        ArchiveError: if there is none or it is no well-formed, harmless XML.
    """
    path = _package_path(archive)
    root = parse_xml(archive.read(path), path)
    unique_id = root.get("unique-identifier")
    identifiers = [e for e in _all(root, "identifier") if e.get("id") == unique_id]
    identifier = next(iter([*identifiers, *_all(root, "identifier")]), None)
    rights = _first(root, "rights")
    return Package(
        path=path,
        title=_first(root, "title"),
        author=_authors(root),
        language=_first(root, "language"),
        identifier=None if identifier is None else _text(identifier),
        rights=rights if rights and len(rights) <= _MAX_RIGHTS_CHARS else None,
        published_at=_moment(_first(root, "date")),
        hrefs=tuple(_reading_order(root)),
    )


def encrypted_parts(archive: Archive) -> frozenset[str]:
    """Return the parts that encryption.xml says cannot be read without a key.

    Raises:
        ArchiveError: if the file is damaged: then nothing in the book can be trusted.
    """
    if archive.find(_ENCRYPTION) is None:
        return frozenset()
    root = parse_xml(archive.read(_ENCRYPTION), _ENCRYPTION)
    return frozenset(
        resolve("", unquote(reference.get("URI", "")))
        for data in _all(root, "EncryptedData")
        if not any(m.get("Algorithm") in _FONT_OBFUSCATION for m in _all(data, "EncryptionMethod"))
        for reference in _all(data, "CipherReference")
    )


def parse_xml(data: bytes, name: str) -> Element:
    """Parse a part without entities of its own.

    Raises:
        ArchiveError: if it is no well-formed XML, or declares entities.
    """
    try:
        root: Element = fromstring(data, forbid_dtd=False)
    except DefusedXmlException as error:
        raise ArchiveError("unsafe", f"{name}: declares XML entities: {error}") from error
    except (ParseError, ValueError, LookupError) as error:
        raise ArchiveError("malformed", f"{name}: {error}") from error
    return root


def _package_path(archive: Archive) -> str:
    """Return the package document that the container names, else any that is there."""
    named: list[str] = []
    if archive.find(_CONTAINER) is not None:
        try:
            container = parse_xml(archive.read(_CONTAINER), _CONTAINER)
        except ArchiveError as error:
            if error.reason != "malformed":
                raise
        else:
            named = [e.get("full-path", "") for e in _all(container, "rootfile")]
    present = sorted(name for name in archive.names if name.lower().endswith(".opf"))
    for name in named:
        if (found := archive.find(resolve("", name))) is not None:
            return found
    if not present:
        raise ArchiveError("malformed", "no package document (.opf) in the archive")
    return present[0]


def _reading_order(root: Element) -> Iterator[str]:
    items = {item.get("id"): item for item in _all(root, "item")}
    seen: set[str] = set()
    for reference in _all(root, "itemref"):
        item = items.get(reference.get("idref"))
        if item is None or reference.get("linear") == "no":
            continue
        href = item.get("href", "").split("#")[0].strip()
        is_text = item.get("media-type", "").strip().lower() in _TEXT_TYPES
        is_navigation = "nav" in item.get("properties", "").split()
        if href and is_text and not is_navigation and href not in seen:
            seen.add(href)
            yield href


def _authors(root: Element) -> str | None:
    """Return the creators who are authors, or all of them where no roles are given."""
    roles = {
        meta.get("refines", "").removeprefix("#"): _text(meta)
        for meta in _all(root, "meta")
        if meta.get("property") == "role"
    }
    named: list[tuple[str, str | None]] = []
    for creator in _all(root, "creator"):
        role = roles.get(creator.get("id", "")) or creator.get("{http://www.idpf.org/2007/opf}role")
        if text := _text(creator):
            named.append((text, role))
    authors = [name for name, role in named if role in (None, "", "aut")]
    return ", ".join(authors or [name for name, _ in named]) or None


def _all(root: Element, name: str) -> Iterator[Element]:
    """Yield descendants by local name: prefixes and namespaces vary with the tools' age."""
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag.rpartition("}")[2] == name:
            yield element


def _first(root: Element, name: str) -> str | None:
    return next((text for e in _all(root, name) if (text := _text(e))), None)


def _text(element: Element) -> str | None:
    return " ".join("".join(element.itertext()).split()) or None


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
