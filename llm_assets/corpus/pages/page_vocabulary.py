"""The names that say what a part of a page is: tags, attributes, roles, types."""

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from llm_assets.corpus.pages.html_scan import Bytes, Keys, Values, name_hash, open_table
from llm_assets.corpus.pages.page_tables import (
    ANCHOR,
    BREAK,
    COMMA,
    CURRENCY,
    DIGIT,
    FIRST_NODE_KIND,
    LOWER,
    MARK,
    META,
    OPAQUE,
    RAW,
    RULE,
    SCRIPT,
    SPACE,
    TITLE,
    UPPER_CASE,
    WORD,
)

# What an attribute is.
NAMES, ROLE, STYLE, HIDDEN_ATTRIBUTE, ARIA_HIDDEN = range(1, 6)

# What a node is, or is in: flags that all nodes within inherit. LINKED is within a link.
(
    LINKED,
    HIDDEN,
    NAVIGATION,
    HEADER,
    FOOTER,
    ASIDE,
    ARTICLE,
    MAIN,
    FORM,
    BUTTON,
    FIGURE,
    QUOTE,
    CODE,
    TABLE,
    LISTED,
    DETAILS,
    DIALOG,
    BODY,
    HEADING,
    SECTION,
    LABEL,
    WITHOUT_SCRIPT,
    COMMENT,
    RELATED,
    SHARE,
    PROMOTION,
    CONTENT,
    PRODUCT,
) = (1 << bit for bit in range(28))
FLAG_COUNT: Final = 28

_ACTIONS: Final = {
    ANCHOR: "a",
    BREAK: "br",
    META: "meta",
    OPAQUE: "template svg select datalist textarea object canvas audio video map rt rp "
    "annotation annotation-xml",
    RAW: "style xmp noembed noframes plaintext",
    SCRIPT: "script",
    TITLE: "title",
    RULE: "hr",
}
# Kinds of nodes, in the order of their likeness as far as there is one: trees split numbers.
PARAGRAPH, PRE, BLOCKQUOTE, H1, H2, H3, H4, H5 = range(FIRST_NODE_KIND, FIRST_NODE_KIND + 8)
DD, DT, LI, TD, TH, CAPTION, SUMMARY, ARTICLE_TAG, MAIN_TAG, SECTION_TAG, DIV, BODY_TAG = range(
    H5 + 1, H5 + 13
)
DETAILS_TAG, FIGURE_TAG, UL, OL, DL, TABLE_TAG, ROWS, TR, HEADER_TAG, FORM_TAG = range(
    BODY_TAG + 1, BODY_TAG + 11
)
LABEL_TAG, BUTTON_TAG, DIALOG_TAG, ASIDE_TAG, FOOTER_TAG, NAV_TAG, NOSCRIPT_TAG = range(
    FORM_TAG + 1, FORM_TAG + 8
)
_NODES: Final = (
    (PARAGRAPH, "p", 0),
    (PRE, "pre listing", CODE),
    (BLOCKQUOTE, "blockquote", QUOTE),
    (H1, "h1", HEADING),
    (H2, "h2", HEADING),
    (H3, "h3", HEADING),
    (H4, "h4", HEADING),
    (H5, "h5 h6", HEADING),
    (DD, "dd", LISTED),
    (DT, "dt", LISTED),
    (LI, "li", LISTED),
    (TD, "td", TABLE),
    (TH, "th", TABLE),
    (CAPTION, "figcaption caption", FIGURE),
    (SUMMARY, "summary", DETAILS),
    (ARTICLE_TAG, "article", ARTICLE),
    (MAIN_TAG, "main", MAIN),
    (SECTION_TAG, "section", SECTION),
    (DIV, "div", 0),
    (BODY_TAG, "body center address hgroup fieldset", 0),
    (DETAILS_TAG, "details", DETAILS),
    (FIGURE_TAG, "figure picture", FIGURE),
    (UL, "ul dir menu", LISTED),
    (OL, "ol", LISTED),
    (DL, "dl", LISTED),
    (TABLE_TAG, "table", TABLE),
    (ROWS, "tbody thead tfoot", TABLE),
    (TR, "tr", TABLE),
    (HEADER_TAG, "header", HEADER),
    (FORM_TAG, "form search", FORM),
    (LABEL_TAG, "label legend", LABEL),
    (BUTTON_TAG, "button", BUTTON),
    (DIALOG_TAG, "dialog", DIALOG),
    (ASIDE_TAG, "aside", ASIDE),
    (FOOTER_TAG, "footer", FOOTER),
    (NAV_TAG, "nav", NAVIGATION),
    (NOSCRIPT_TAG, "noscript", WITHOUT_SCRIPT),
)
_ATTRIBUTES: Final = {
    NAMES: "class id data-testid data-component aria-label",
    ROLE: "role itemprop",
    STYLE: "style",
    HIDDEN_ATTRIBUTE: "hidden",
    ARIA_HIDDEN: "aria-hidden",
}
_ROLES: Final = {
    NAVIGATION: "navigation menu menubar tablist breadcrumb",
    HEADER: "banner",
    FOOTER: "contentinfo",
    ASIDE: "complementary",
    ARTICLE: "article",
    MAIN: "main",
    FORM: "search form",
    BUTTON: "button",
    DIALOG: "dialog alertdialog alert",
    BODY: "articleBody reviewBody description text",
    HEADING: "heading",
}
# Words of names that say what a part is for. What a word of any other name tells is learned.
_PARTS: Final = {
    COMMENT: "comment comments commentlist commentary commenter disqus discussion reply replies "
    "respond response responses kommentar kommentare comentario comentarios commentaire "
    "commentaires commenti reader guestbook",
    RELATED: "related recommended recommendation recommendations more popular trending latest "
    "recent similar further suggested also similaires verwandt relacionadas relacionados",
    SHARE: "share sharing shares social follow addthis sharedaddy facebook twitter",
    PROMOTION: "ad ads advert advertisement sponsor sponsored promo promotion banner newsletter "
    "subscribe subscription signup cookie cookies consent gdpr teaser outbrain taboola",
    CONTENT: "content article post entry story body text main artikel articulo texto prose copy",
    PRODUCT: "product products price prices cart shop sku item",
}
# What a page may say it is, in JSON-LD or Open Graph.
_TYPES: Final = (
    "Article NewsArticle BlogPosting TechArticle ReportageNewsArticle article",
    "Product ProductGroup product og:product product.item",
    "DiscussionForumPosting QAPage Question",
    "ItemList CollectionPage OfferCatalog",
    "Organization LocalBusiness Service SoftwareApplication Corporation",
    "FAQPage HowTo Recipe",
    "WebSite WebPage website",
)
TYPE_COUNT: Final = len(_TYPES)


class Vocabulary(NamedTuple):
    """Tables for the kernels."""

    tags: tuple[Keys, Values]
    attributes: tuple[Keys, Values]
    roles: tuple[Keys, Values]
    parts: tuple[Keys, Values]
    types: tuple[Keys, Values]
    tag_flags: Values
    byte_kinds: Bytes


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Return the tables, built once."""
    tags = dict(_hashed(_ACTIONS))
    flags = [0] * FIRST_NODE_KIND
    for kind, names, flag in _NODES:
        tags |= {name_hash(name): kind for name in names.split()}
        flags.append(flag)
    types = {1 << bit: names for bit, names in enumerate(_TYPES)}
    return Vocabulary(
        tags=open_table(tags),
        attributes=open_table(_hashed(_ATTRIBUTES)),
        roles=open_table(_hashed(_ROLES)),
        parts=open_table(_hashed(_PARTS)),
        types=open_table(_hashed(types)),
        tag_flags=np.array(flags, np.int32),
        byte_kinds=_byte_kinds(),
    )


def _hashed(named: dict[int, str]) -> dict[int, int]:
    return {name_hash(name): value for value, names in named.items() for name in names.split()}


def _byte_kinds() -> Bytes:
    kinds = np.zeros(256, np.uint8)
    for bits, members in (
        (SPACE, " \t\n\r\f\v"),
        (MARK, ".!?"),
        (COMMA, ",;:"),
        (CURRENCY, "$"),
        (WORD | DIGIT, "0123456789"),
        (WORD, "_"),
        (WORD | LOWER, "abcdefghijklmnopqrstuvwxyz"),
        (WORD | UPPER_CASE, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ):
        kinds[[ord(member) for member in members]] = bits
    return kinds
