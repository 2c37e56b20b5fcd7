"""What the frame of a page says, as patterns over whole lines: cookie banners and navigation.

A pattern needs a phrase that only a page's frame uses of itself ("we use cookies", "skip to main
content"), so that an article about cookies, or a sentence that mentions a menu, stays. Patterns are
in the syntax of Polars, one line at a time, and match in any case.
"""

from typing import Final

MAX_FRAME_LINE_CHARS: Final = 600
"""A longer line is a paragraph of text, whatever else stands in it."""

_COOKIE_PHRASES: Final = (
    # English
    r"(?:we|this (?:web)?site|our (?:web)?site|this page|our partners)(?: and our partners| also)?"
    r" (?:may )?uses? (?:[a-z-]+,? )*cookies",
    r"by (?:continuing|using|browsing|visiting|clicking|closing)[^.\n]*(?:agree|consent|accept)"
    r"[^.\n]*cookies",
    r"(?:accept|allow|reject|decline|manage|customi[sz]e) (?:all )?(?:optional |our |the "
    r"|your )?cookies?"
    r"(?: settings| preferences)?\W*$",
    r"^\W*(?:your )?(?:cookie (?:settings|preferences|policy|notice|consent|declaration)"
    r"|your privacy"
    r" (?:choices|matters))\W*$",
    r"you can (?:change|manage|withdraw)[^.\n]*(?:cookie|consent) (?:settings|preferences)",
    # German, Dutch, Scandinavian
    r"(?:diese|unsere) (?:web)?(?:seite|site) (?:verwendet|benutzt|nutzt) [^.\n]*cookies",
    r"wir (?:verwenden|nutzen|setzen) [^.\n]*cookies",
    r"(?:deze|onze) (?:web)?site (?:maakt gebruik van|gebruikt) [^.\n]*cookies",
    r"(?:wij|we) (?:gebruiken|maken gebruik van) [^.\n]*cookies",
    r"(?:vi|denne siden|denne hjemmeside|denna webbplats|sivusto) (?:bruker|bruger|använder"
    r"|käyttää)"
    r" [^.\n]*(?:cookies|informasjonskapsler|kakor|evästeitä)",
    # French, Spanish, Italian, Portuguese
    r"(?:ce site|notre site|nous) (?:web )?(?:utilise|utilisons|dépose)[^.\n]*cookies",
    r"en poursuivant (?:votre|la) navigation[^.\n]*cookies",
    r"(?:este sitio|esta (?:página )?web|utilizamos|usamos)[^.\n]*cookies",
    r"(?:questo sito|utilizziamo|usiamo)[^.\n]*cookie",
    r"(?:este site|nós) (?:utiliza|usa|utilizamos|usamos)[^.\n]*cookies",
    # Slavic, Hungarian, Greek
    r"(?:ta|nasza) (?:strona|witryna)[^.\n]*(?:cookies|plik[ióa]\w* cookie)",
    r"(?:мы используем|(?:этот|наш) сайт использует)[^.\n]*(?:cookie|куки)",
    r"(?:tento web|tyto stránky|používáme)[^.\n]*(?:cookies|soubory cookie)",
    r"(?:ez a (?:web)?oldal|weboldalunk)[^.\n]*(?:sütiket|cookie)",
    # Chinese, Japanese, Korean
    r"(?:本网站|本網站|我们|我們|本站)(?:会|將|将)?使用\s*cookie",
    r"(?:当サイト|このサイト|本サイト|当社)[^。\n]*(?:cookie|クッキー)を(?:使用|利用)",
    r"(?:이 (?:웹)?사이트|본 사이트|당사)[^.\n]*쿠키를 (?:사용|이용)",
)

COOKIE_BANNER: Final = rf"(?mi){'|'.join(_COOKIE_PHRASES)}"
"""Matches a line of a cookie banner."""

_NAVIGATION_LINES: Final = (
    r"(?:skip|jump) to (?:main |page |the )?(?:content|navigation|search|footer|menu)",
    r"(?:back|return|go) to (?:the )?top(?: of (?:the )?page)?",
    r"(?:toggle|open|close|show|hide) (?:the )?(?:main |mobile )?(?:navigation|menu|search"
    r"|sidebar)",
    r"(?:main|primary|secondary|site|footer) (?:menu|navigation)",
    r"(?:log|sign) ?in(?: (?:or|/|\|) ?(?:register|sign ?up|create (?:an )?account))?",
    r"(?:previous|prev|next|older|newer)(?: (?:post|article|page|story|entry|chapter)s?)?",
    r"(?:previous|prev) ?[|/·-]? ?next",
    r"(?:share|follow us|like us|find us)(?: this)?(?: (?:article|post|page|story))?(?: (?:on|via"
    r"|with)"
    r"(?: (?:facebook|twitter|x|linkedin|pinterest|reddit|whatsapp|e-?mail|instagram|telegram"
    r"|tumblr)[,/|]?"
    r"(?: and| or)?)+)?:?",
    r"(?:tweet|pin it|share|e-?mail|print)(?: ?[|/·,]? ?(?:tweet|pin it|share|e-?mail|print"
    r"|facebook"
    r"|twitter|linkedin|whatsapp|reddit))+",
    r"(?:click here to )?(?:subscribe|sign up)(?: (?:to|for) (?:our |the )?(?:free |daily "
    r"|weekly )?"
    r"(?:e-?mail )?(?:newsletters?|updates|rss(?: feed)?|mailing list))",
    r"(?:leave|post|add|write) a (?:comment|reply)(?: cancel reply)?|cancel reply",
    r"(?:no|\d+) comments?(?: yet)?|comments (?:are )?(?:closed|off)",
    r"(?:related|recommended|popular|recent|more|trending|latest) (?:posts|articles|stories|news"
    r"|products|topics|reading)",
    r"(?:you (?:may|might) also (?:like|be interested in|enjoy))",
    r"(?:read|see|view|show|load) (?:more|all|less)(?: (?:posts|articles|comments|results|news))?"
    r"(?:\.{3}|…| ?[»›>→])?",
    r"(?:home|startseite|accueil|inicio)(?: ?[»›>/→] ?[^.»›>→\n]+)+",
    r"page \d+ (?:of|/) \d+",
    r"(?:[^.\n]* )?all rights reserved\.?|(?:©|\(c\)|copyright) [^\n]*all rights reserved\.?",
    r"powered by (?:wordpress|blogger|drupal|joomla|shopify|vbulletin|phpbb|disqus|wix)(?: .*)?",
    r"(?:terms (?:of (?:use|service)|and conditions)|privacy(?: policy| notice)?"
    r"|cookies?(?: policy)?"
    r"|imprint|impressum|contact(?: us)?|about(?: us)?|sitemap)(?: ?[|·•/] ?(?:terms (?:of (?:use"
    r"|service)|(?:and|&) conditions)|privacy(?: policy| notice)?|cookies?(?: policy)?|imprint"
    r"|impressum|contact(?: us)?|about(?: us)?|sitemap|help|faq|careers|accessibility))+",
    r"(?:please )?(?:enable|turn on|activate) javascript[^.\n]*\.?",
    r"(?:javascript (?:is|must be|needs to be) (?:disabled|enabled|required))[^.\n]*\.?",
    # German, French, Spanish
    r"(?:zum inhalt|zum hauptinhalt|zur navigation)(?: springen| wechseln)?|nach oben",
    r"(?:aller|passer) (?:au|directement au) contenu(?: principal)?|haut de (?:la )?page"
    r"|retour en haut",
    r"(?:saltar|ir) al contenido(?: principal)?|volver arriba",
)

NAVIGATION: Final = rf"(?mi)^[ \t]*(?:[|·•*»›>-] ?)?(?:{'|'.join(_NAVIGATION_LINES)})[ \t]*$"
"""Matches a line that only steers through a site."""
