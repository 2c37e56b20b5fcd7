"""Keys of programs in a line: tokens with a service's own form, and values given to a secret name.

The forms are those that the services document so that leaked keys can be found; the lists of
GitHub's secret scanning and of the MIT-licensed rules of Gitleaks name most of them.
"""

import math
import re
from collections import Counter
from typing import Final

from llm_assets.corpus.personal_data.pii_kinds import Span, first_of_overlapping

_KEY_FORMS: Final = (
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",  # Amazon Web Services
    r"gh[pousr]_[0-9A-Za-z]{36,255}",  # GitHub
    r"github_pat_[0-9A-Za-z_]{60,255}",
    r"gl(?:pat|ptt|dt|rt|cbt|ft|soat|agent|oas|imt|ffct)-[0-9A-Za-z_.-]{20,255}",  # GitLab
    r"xox[abeoprs]-(?:[0-9]-)?[0-9A-Za-z-]{10,250}",  # Slack
    r"xapp-[0-9]-[0-9A-Z]{6,20}-[0-9]{6,20}-[0-9a-f]{32,100}",
    r"AIza[0-9A-Za-z_-]{35}",  # Google
    r"GOCSPX-[0-9A-Za-z_-]{28}",
    r"ya29\.[0-9A-Za-z_-]{30,500}",
    r"[rs]k_(?:live|test|prod)_[0-9A-Za-z]{10,247}",  # Stripe
    r"whsec_[0-9A-Za-z+/=]{32,64}",
    r"sk-ant-[0-9A-Za-z_-]{40,250}",  # Anthropic
    r"sk-(?:proj|svcacct|admin|None)-[0-9A-Za-z_-]{40,250}",  # OpenAI
    r"sk-[0-9A-Za-z]{20}T3BlbkFJ[0-9A-Za-z]{20}",
    r"sk-or-v1-[0-9a-f]{64}",  # OpenRouter
    r"sk-[0-9A-Za-z]{32,64}",  # others of OpenAI's form
    r"hf_[A-Za-z0-9]{34,40}",  # Hugging Face
    r"api_org_[A-Za-z0-9]{34}",
    r"npm_[0-9A-Za-z]{36}",
    r"pypi-[0-9A-Za-z_-]{50,1000}",
    r"rubygems_[0-9a-f]{48}",
    r"dckr_(?:pat|oat)_[0-9A-Za-z_-]{27,32}",  # Docker
    # JSON Web Token
    r"eyJ[0-9A-Za-z_-]{14,8000}\.eyJ[0-9A-Za-z_-]{10,8000}\.[0-9A-Za-z_-]{10,8000}",
    r"SG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}",  # SendGrid
    r"key-[0-9a-f]{32}",  # Mailgun
    r"[0-9a-f]{32}-us[0-9]{1,2}",  # Mailchimp
    r"(?:SK|AC)[0-9a-f]{32}",  # Twilio
    r"do[opr]_v1_[0-9a-f]{64}",  # DigitalOcean
    r"sh(?:pat|pca|ppa|pss)_[0-9A-Fa-f]{32}",  # Shopify
    r"sq0(?:atp|csp)-[0-9A-Za-z_-]{22,43}",  # Square
    r"EAAA[0-9A-Za-z_-]{60}",
    r"dapi[0-9a-f]{32}",  # Databricks
    r"hv[sbr]\.[0-9A-Za-z_-]{24,200}",  # HashiCorp
    r"[0-9A-Za-z]{14}\.atlasv1\.[0-9A-Za-z_=-]{60,70}",
    r"dp\.(?:pt|st|ct|sa)\.[0-9A-Za-z_.-]{40,60}",  # Doppler
    r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}",  # Postman
    r"pul-[0-9a-f]{40}",  # Pulumi
    r"lin_(?:api|oauth)_[0-9A-Za-z]{40,64}",  # Linear
    r"ntn_[0-9A-Za-z]{40,50}",  # Notion
    r"secret_[0-9A-Za-z]{43}",
    r"gl(?:c|sa)_[0-9A-Za-z_+/=]{32,400}",  # Grafana
    r"NRAK-[0-9A-Z]{27}",  # New Relic
    r"dt0[a-z][0-9]{2}\.[0-9A-Z]{24}\.[0-9A-Z]{64}",  # Dynatrace
    r"sntry[su]_[0-9A-Za-z_+/=-]{60,250}",  # Sentry
    r"ATATT3[0-9A-Za-z_=-]{180,200}",  # Atlassian
    r"r8_[0-9A-Za-z]{37}",  # Replicate
    r"gsk_[0-9A-Za-z]{52}",  # Groq
    r"xai-[0-9A-Za-z]{70,90}",
    r"pplx-[0-9A-Za-z]{48}",  # Perplexity
    r"sbp_[0-9a-f]{40}",  # Supabase
    r"tskey-[a-z]{2,10}-[0-9A-Za-z]{8,20}-[0-9A-Za-z]{20,40}",  # Tailscale
    r"fo1_[0-9A-Za-z_-]{43}",  # Fly.io
    r"[0-9]{8,10}:AA[0-9A-Za-z_-]{33}",  # Telegram
    r"[MNO][0-9A-Za-z_-]{23,27}\.[0-9A-Za-z_-]{6}\.[0-9A-Za-z_-]{27,40}",  # Discord
    r"AGE-SECRET-KEY-1[0-9A-Z]{58}",
    r"[0-9A-Za-z_~.-]{3}[78]Q~[0-9A-Za-z_~.-]{31,34}",  # Microsoft Entra
    r"[0-9A-Za-z+/]{76}(?:AZEG|ACDb|\+ASt|APIM)[0-9A-Za-z+/]{4,6}(?:==)?",  # Azure
)
_KEY: Final = re.compile(rf"(?<![0-9A-Za-z_])(?:{'|'.join(_KEY_FORMS)})(?![0-9A-Za-z_])")
_NO_KEY: Final = re.compile(r"(.)\1{7}|EXAMPLE|example|xxxx|XXXX|1234567890abcdef")
"""Examples in manuals: AKIAIOSFODNN7EXAMPLE, sk-xxxxxxxx."""

_PARTS: Final = tuple(
    (literal, re.compile(pattern))
    for literal, pattern in (
        # What grants access behind an address: hooks of Slack and Discord.
        (
            "hooks.slack.com/",
            r"(?<=hooks\.slack\.com/)(?:services|workflows)/T[0-9A-Z]{8,12}/[0-9A-Z/]{8,30}"
            r"[0-9A-Za-z]{20,30}",
        ),
        ("/api/webhooks/", r"(?<=/api/webhooks/)[0-9]{17,20}/[0-9A-Za-z_-]{60,80}"),
        ("AccountKey=", r"(?<=AccountKey=)[0-9A-Za-z+/]{86}=="),
        ("sig=", r"(?<=[?&]sig=)[0-9A-Za-z%+/]{30,100}={0,2}"),
        ("Signature=", r"(?<=Signature=)[0-9A-Za-z%+/]{30,100}={0,2}"),
        ("earer ", r"(?<=[Bb]earer )[0-9A-Za-z_.~+/-]{20,2000}={0,2}(?![0-9A-Za-z_])"),
        ("Basic ", r"(?<=Basic )[0-9A-Za-z+/]{20,400}={0,2}(?![0-9A-Za-z_])"),
    )
)
_PASSWORD_IN_URL: Final = re.compile(
    r"""(?<=://)[^\s:/@?#<>"']{1,64}:(?P<value>[^\s:/@?#<>"']{3,128})@(?=[0-9A-Za-z\[])"""
)

_ASSIGNED: Final = re.compile(
    r"(?P<name>pass(?:word|wd|phrase)|pwd|secret|token|credentials?"
    r"|(?:api|access|account|auth|client|deploy|encryption|master|private|secret|service|session"
    r"|shared|signing|storage|subscription|webhook|app|admin|root)[_. -]?key)"
    r"""["'`\]]{0,2}(?: is)?[ \t]{0,3}(?::=|=>|==?|:)[ \t]{0,3}(?P<quote>["'`]?)"""
    r"""(?P<value>[!#-&(-+\--:=?-_a-z{-~]{8,256})""",
    re.IGNORECASE,
)
_PASSWORD_NAME: Final = re.compile(r"pass(?:word|wd|phrase)|pwd", re.IGNORECASE)
_CODE: Final = re.compile(
    r"^[$%({\[]|\$[({]|%[sd(]|\w[(\[]|\{\w*\}|\.\.|::|->|://|^[./~]|^(?:os|sys|self|this|env|process|config|settings)\."
    r"|^[0-9]{4}-[0-9]{2}-[0-9]{2}"
)
"""What stands behind a name in programs without being a value: calls, variables, paths, dates."""
_STAND_IN: Final = re.compile(
    r"^(?:pass|pw|psw|pwd|user|x+)$|your|my[_-]|example|sample|dummy|change|replace|insert|placeholder|redacted|secret|password"
    r"|passwd|todo|none|null|undefined|string|token|foobar|qwert|xxx|\*\*\*|1234567|abcdef"
    r"|test[_-]|(.)\1{6}",
    re.IGNORECASE,
)
_NEXT_PARAMETER: Final = re.compile(r"&[\w.-]{1,40}=")
_RUNS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")

_BITS_PER_CHAR: Final = 3.0
"""Shannon entropy: 16 random hexadecimal digits have 3.3, 20 of base 64 have 4.1 on average."""
_CHARS_PER_RUN: Final = 3.2
"""Random letters and digits change case or kind every 1.8 characters, names every 5 or so."""
_CHARS_PER_RUN_OF_LETTERS: Final = 2.6
_HEXADECIMAL: Final = re.compile("[0-9a-f]+|[0-9A-F]+")
_KEY_CHARS: Final = 16
_DIGIT: Final = re.compile("[0-9]")
_LETTER: Final = re.compile("[A-Za-z]")
_PASSWORD_CHARS: Final = 8
_PASSWORD_BITS_PER_CHAR: Final = 2.5
_PASSWORD_CLASSES: Final = 3


def find_api_keys(line: str, _language: str | None) -> list[Span]:
    """Find keys and tokens of programs by the forms that their services gave them."""
    found = [match.span() for match in _KEY.finditer(line) if not _NO_KEY.search(match[0])]
    for literal, pattern in _PARTS:
        if literal in line:
            found += [match.span() for match in pattern.finditer(line) if looks_random(match[0])]
    return first_of_overlapping(found)


def find_assigned_secrets(line: str, _language: str | None) -> list[Span]:
    """Find what a line gives to a name such as `password` or `api_key`, if it is no example."""
    found = [
        span for match in _ASSIGNED.finditer(line) if (span := _assigned_value(match)) is not None
    ]
    if "://" in line:
        found += [
            match.span("value")
            for match in _PASSWORD_IN_URL.finditer(line)
            if not (_STAND_IN.search(match["value"]) or _CODE.search(match["value"]))
        ]
    return first_of_overlapping(found)


def _assigned_value(match: re.Match[str]) -> Span | None:
    """Return where the value is that a secret name is given, if it looks like a secret."""
    value = _NEXT_PARAMETER.split(match["value"], maxsplit=1)[0]
    if not match["quote"]:
        value = value.rstrip(".:!?)}]")
    if _CODE.search(value) or _STAND_IN.search(value) or len(value) < _PASSWORD_CHARS:
        return None
    is_password = _PASSWORD_NAME.fullmatch(match["name"]) is not None
    if not (looks_like_a_password(value) if is_password else looks_random(value)):
        return None
    start = match.start("value")
    return start, start + len(value)


def looks_random(value: str) -> bool:
    """Whether a value was drawn by a machine: by entropy and by how its signs alternate."""
    if len(value) < _KEY_CHARS or not _LETTER.search(value):
        return False
    if bits_per_char(value) < _BITS_PER_CHAR:
        return False
    if not _DIGIT.search(value):
        most = _CHARS_PER_RUN_OF_LETTERS
    else:
        most = len(value) if _HEXADECIMAL.fullmatch(value) else _CHARS_PER_RUN
    return len(value) <= most * len(_RUNS.findall(value))


def looks_like_a_password(value: str) -> bool:
    """Whether a value is none of a word, a name and a number: three kinds of signs, few alike."""
    kinds = (str.islower, str.isupper, str.isdigit, lambda sign: not sign.isalnum())
    classes = sum(any(map(kind, value)) for kind in kinds)
    return (
        classes >= _PASSWORD_CLASSES
        and _DIGIT.search(value) is not None
        and bits_per_char(value) >= _PASSWORD_BITS_PER_CHAR
    )


def bits_per_char(value: str) -> float:
    """Return the Shannon entropy of the signs of a value, in bits a sign."""
    counts = Counter(value).values()
    return -sum(count * math.log2(count / len(value)) for count in counts) / len(value)
