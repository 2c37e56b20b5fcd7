"""Stable names for documents, texts and shards.

Every hash here is BLAKE2b over length-prefixed fields: stable over versions of every library, the
same on every machine, and not open to crafted collisions in URLs or file names.
"""

import hashlib
from collections.abc import Iterable

_DIGEST_BYTES = 16
_MAX_SHARDS = 4096


def digest(fields: Iterable[str | bytes]) -> str:
    """Return 32 hex digits that name the sequence of `fields`.

    Fields are length-prefixed, so ("ab", "c") and ("a", "bc") differ.
    """
    hasher = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for field in fields:
        data = field.encode("utf-8", "surrogatepass") if isinstance(field, str) else field
        hasher.update(len(data).to_bytes(8, "little"))
        hasher.update(data)
    return hasher.hexdigest()


def document_id(source: str, object_key: str, locator: str) -> str:
    """Name a document by where it stands, never by its content, its order or the run."""
    return digest(("document", source, object_key, locator))


def text_hash(text: str) -> str:
    """Name a text by its exact characters."""
    return digest(("text", text))


def shard_name(index: int) -> str:
    """Return the partition key of the shard with this index: `shard-0000`, `shard-0001`, ..."""
    return f"shard-{index:04d}"


def shard_names(count: int) -> list[str]:
    """Return the partition keys of a corpus with `count` shards, in order.

    Raises:
        ValueError: if `count` is no power of two from 1 to 4096.
    """
    if not 1 <= count <= _MAX_SHARDS or count & (count - 1):
        raise ValueError(f"the shard count must be a power of two from 1 to {_MAX_SHARDS}: {count}")
    return [shard_name(index) for index in range(count)]


def shard_of(source: str, object_key: str, count: int) -> str:
    """Return the shard of an object: the leading bits of a hash of its identity.

    Doubling `count` splits every shard in two and moves nothing else.
    """
    leading = int(digest(("shard", source, object_key))[:8], 16)
    return shard_name(leading * count >> 32)
