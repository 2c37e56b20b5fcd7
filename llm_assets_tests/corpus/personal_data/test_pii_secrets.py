"""Keys and passwords of programs. The keys are drawn here: none was ever valid."""

import random
import string

import pytest

from llm_assets.corpus.personal_data.pii_secrets import bits_per_char, looks_random
from llm_assets_tests.corpus.redacted_text import redacted

KINDS = ("api_key",)

_SIGNS = {
    "a": string.ascii_letters + string.digits,
    "b": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    "d": "123456789",
    "h": "0123456789abcdef",
    "u": string.ascii_uppercase + string.digits,
}


def signs(kind: str, count: int, seed: int = 7) -> str:
    return "".join(random.Random(f"{kind}{count}{seed}").choices(_SIGNS[kind], k=count))


FORMS = {
    "aws": "AKIA" + signs("b", 16),
    "github": "ghp_" + signs("a", 36),
    "github fine-grained": f"github_pat_{signs('a', 22)}_{signs('a', 59)}",
    "gitlab": "glpat-" + signs("a", 20),
    "slack": f"xoxb-{signs('d', 12)}-{signs('d', 12)}-{signs('a', 24)}",
    "google": "AIza" + signs("a", 35),
    "stripe": "sk_live_" + signs("a", 24),
    "openai": f"sk-{signs('a', 20)}T3BlbkFJ{signs('a', 20)}",
    "openai project": "sk-proj-" + signs("a", 64),
    "anthropic": f"sk-ant-api03-{signs('a', 93)}AA",
    "hugging face": "hf_" + signs("a", 34),
    "npm": "npm_" + signs("a", 36),
    "pypi": "pypi-AgEIcHlwaS5vcmc" + signs("a", 120),
    "jwt": f"eyJ{signs('a', 20)}.eyJ{signs('a', 40)}.{signs('a', 43)}",
    "sendgrid": f"SG.{signs('a', 22)}.{signs('a', 43)}",
    "twilio": "SK" + signs("h", 32),
    "mailgun": "key-" + signs("h", 32),
    "digitalocean": "dop_v1_" + signs("h", 64),
    "shopify": "shpat_" + signs("h", 32),
    "databricks": "dapi" + signs("h", 32),
    "vault": "hvs." + signs("a", 90),
    "new relic": "NRAK-" + signs("u", 27),
    "telegram": f"{signs('d', 10)}:AA{signs('a', 33)}",
    "entra": f"abc8Q~{signs('a', 34)}",
    "age": "AGE-SECRET-KEY-1" + signs("u", 58),
}


@pytest.mark.parametrize("key", FORMS.values(), ids=FORMS)
def test_keys_of_each_form(key: str) -> None:
    assert redacted(f"Use {key}, please", KINDS) == "Use <api_key>, please"
    assert redacted(f"密钥是{key}。", KINDS) == "密钥是<api_key>。"
    assert redacted(f"x{key[:12]}", KINDS) == f"x{key[:12]}"


@pytest.mark.parametrize(
    ("before", "secret", "behind"),
    [
        ('api_key = "', signs("h", 32), '"'),
        ('"client_secret": "', signs("a", 32), '",'),
        ("export SECRET_KEY=", signs("a", 40), " # note"),
        ("auth-token: ", signs("a", 24), ""),
        ("?access_token=", signs("a", 32), "&page=2"),
        ("Authorization: Bearer ", signs("a", 40), "'"),
        ("Authorization: Basic ", signs("a", 32), "=="[2:]),
        (
            "https://hooks.slack.com/",
            f"services/T{signs('u', 9)}/B{signs('u', 9)}/{signs('a', 24)}",
            "",
        ),
        ("AccountKey=", signs("a", 86) + "==", ";Endpoint"),
        ("postgres://app:", "k2Jq9vLw", "@db.example.org/x"),
        ("password: ", "Tr0ub4dor&3x", "."),
        ("DB_PASSWORD='", "x8$kQz!2mN", "'"),
        ("The password is: ", "rY4!uQbn", ""),
    ],
)
def test_secrets_in_their_places(before: str, secret: str, behind: str) -> None:
    assert redacted(before + secret + behind, KINDS) == f"{before}<api_key>{behind}"


@pytest.mark.parametrize(
    "text",
    [
        "password = os.environ['DB_PASSWORD']",
        "password: correct horse battery staple",
        'password = "password123", passwd=changeme123!',
        "api_key: YOUR_API_KEY_HERE_1234, token=${API_TOKEN_2024}, secret: <your-secret-1>",
        "token = tokenizer.next_token2(text), access_token = self.access_token_v2",
        "secret: kubernetes-dashboard-token-2, secret_key: projects/app1/secrets/key2",
        "key: value1234, keyboard: Model100-2020",
        "AKIAIOSFODNN7EXAMPLE",
        "sk-" + "x" * 48,
        "commit " + signs("h", 40),
        "sha256:" + signs("h", 64),
        "data:image/png;base64," + signs("a", 200),
        "ssh-rsa AAAAB3NzaC1yc2E" + signs("a", 200),
        "http://user:pass@host/path, https://user:password@host/",
        "a-very-long-name-of-a-page-on-the-web-2024, VeryLongClassNameOfAProgram2",
        "-" * 80,
    ],
)
def test_no_secrets(text: str) -> None:
    assert redacted(text, KINDS) == text


def test_entropy() -> None:
    assert bits_per_char("aaaa") == 0
    assert bits_per_char("abab") == 1
    assert bits_per_char("abcdefgh") == 3


def test_nearly_all_drawn_values_look_random_and_names_do_not() -> None:
    for kind, count in (("h", 32), ("h", 40), ("a", 20), ("a", 32), ("a", 64)):
        assert sum(looks_random(signs(kind, count, seed)) for seed in range(500)) >= 490
    names = ("generate_session_token_2", "AuthenticationToken2Factory", "organization-id-1234567")
    assert not any(map(looks_random, names))
