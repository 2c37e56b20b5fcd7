"""The tokenizer of a release, to turn its tokens back into text."""

from llm_assets.corpus.tokenization.tokenize import Tokenizer
from llm_assets.corpus.tokenization.tokenizer_file import ENCODING_FILE, read_tokenizer_file
from llm_assets.corpus.tokenization.vocabulary import UnusableTokenizerError
from llm_assets.releases.manifest import ReleaseError
from llm_assets.releases.places import Release


def open_decoder(release: Release) -> Tokenizer:
    """Load the tokenizer that lies beside the parts.

    Raises:
        ReleaseError: if its files are no tokenizer.
    """
    entry = release.manifest.tokenizer
    content, encoding = (
        release.store.read_bytes(release.tokenizer_key(name)) if name in entry.names else b""
        for name in (entry.file, ENCODING_FILE)
    )
    try:
        file = read_tokenizer_file(entry.kind, content, encoding)
        return Tokenizer(file, entry.end_of_document, reference_only=True)
    except (UnusableTokenizerError, ValueError) as error:
        raise ReleaseError(
            f"{release.manifest.version}: its tokenizer cannot be used: {error}"
        ) from error
