"""A labelled sample for redaction: values to plant in real text, and what only looks like one.

Every line is drawn from a seed. The values are made here: random digits until the scheme's check
passes, so that no real person's number is among them but by chance.
"""

import base64
import json
import random
import string
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberFormat

from llm_assets.corpus.personal_data import national_id_checks as checks
from llm_assets.corpus.personal_data.check_digits import passes_luhn, passes_mod_11_10

Draw = random.Random


@dataclass(frozen=True)
class Planted:
    """A paragraph in a language; what of it is a value of a kind, or None where nothing is."""

    kind: str | None
    language: str
    before: str
    value: str
    behind: str

    @property
    def text(self) -> str:
        return self.before + self.value + self.behind


def fill(draw: Draw, shape: str) -> str:
    """Draw a digit for each 9, a capital letter for each A, a hexadecimal digit for each #."""
    signs = {"9": string.digits, "A": string.ascii_uppercase, "#": "0123456789abcdef"}
    return "".join(draw.choice(signs.get(sign, sign)) for sign in shape)


def until(draw: Draw, shape: str, check: Callable[[str], bool]) -> str:
    while True:
        written = fill(draw, shape)
        if check("".join(filter(str.isalnum, written))):
            return written


# ---------------------------------------------------------------- carriers

CARRIERS: dict[str, dict[str, tuple[str, ...]]] = {
    "email": {
        "en": ("Send your comments to {} by Friday.", "Contact: {}", "From: Ada <{}>"),
        "de": ("Fragen bitte an {}, danke!", "E-Mail: {}"),
        "fr": ("Écrivez-nous à {} avant lundi.", "Courriel : {}"),
        "es": ("Escríbame a {} cuando pueda.",),
        "ru": ("Пишите на {} в любое время.",),
        "ja": ("お問い合わせは{}までお願いします。",),
        "zh": ("请发邮件到{}联系我们。",),
        "ar": ("راسلنا على {} في أي وقت",),
    },
    "ip": {
        "en": (
            "The request came from {} at noon.",
            "ping {} timed out",
            "server {} refused the connection",
        ),
        "de": ("Der Rechner {} antwortet nicht.",),
        "fr": ("L'adresse {} a été bloquée.",),
        "zh": ("服务器地址为{}。",),
        "ru": ("Вход с адреса {} отклонён.",),
    },
    "credit_card": {
        "en": ("Please charge {} for the tickets.", "Card: {}, exp 11/27, CVV 123", "cc={};"),
        "de": ("Meine Kreditkarte hat die Nummer {}.",),
        "fr": ("Carte bancaire : {} (expire 09/26)",),
        "es": ("Tarjeta {} a nombre de Ana.",),
        "pt": ("O cartão {} foi recusado.",),
        "ja": ("カード番号は{}です。",),
        "ru": ("Карта {} заблокирована.",),
    },
    "iban": {
        "en": ("Please transfer the rent to {} today.", "IBAN {}"),
        "de": ("Überweisen Sie bitte auf {}.", "IBAN: {}, BIC: COBADEFFXXX"),
        "fr": ("Mon compte est le {}.",),
        "nl": ("Graag overmaken naar {} onder vermelding van huur.",),
        "it": ("Coordinate bancarie: {}",),
        "pl": ("Numer konta: {}.",),
    },
    "phone": {
        "en": ("Call me at {} after six.", "Tel. {}", "Fax: {} (office)"),
        "de": ("Rufen Sie mich unter {} an.", "Tel.: {}"),
        "fr": ("Appelez le {} pour réserver.",),
        "es": ("Llame al {} por la mañana.",),
        "ja": ("電話番号は{}です。",),
        "ko": ("전화번호는 {}입니다.",),
        "ru": ("Звоните по номеру {}.",),
        "tr": ("Telefon: {}",),
        "sv": ("Ring {} efter klockan sex.",),
        "vi": ("Gọi số {} để đặt bàn.",),
    },
}
REGIONS = {
    **{"en": "US", "de": "DE", "fr": "FR", "es": "ES", "ja": "JP", "ko": "KR", "ru": "RU"},
    **{"tr": "TR", "sv": "SE", "vi": "VN"},
}

NATIONAL_IDS: tuple[tuple[str, str, str, Callable[[str], bool]], ...] = (
    ("en", "My SSN is {}.", "999-99-9999", checks.is_us_ssn),
    ("en", "Social Security No.: {}", "999-99-9999", checks.is_us_ssn),
    ("en", "Her National Insurance number, {}, was wrong.", "AA 99 99 99 A", checks.is_gb_nino),
    ("en", "NI number: {}", "AA999999A", checks.is_gb_nino),
    ("en", "NHS number {} on the form", "999 999 9999", checks.is_gb_nhs),
    ("en", "Aadhaar number {} was linked.", "9999 9999 9999", checks.is_in_aadhaar),
    ("en", "SIN: {} (Canada)", "999 999 999", checks.is_ca_sin),
    ("en", "Her tax file number is {}.", "999 999 999", checks.is_au_tfn),
    ("en", "ID number {} (South Africa)", "9999999999999", checks.is_za_id),
    ("en", "NRIC {} for the visa", "A9999999A", checks.is_sg_nric),
    ("en", "PPS number {} in Dublin", "9999999A", checks.is_ie_pps),
    ("fr", "Numéro de sécurité sociale : {}", "9 99 99 99 999 999 99", checks.is_fr_nir),
    ("fr", "L'assurée {} a répondu.", "9" * 15, checks.is_fr_nir),
    ("fr", "Registre national {} à Bruxelles", "99.99.99-999.99", checks.is_be_nn),
    ("es", "con DNI {} y domicilio en Madrid", "99999999A", checks.is_es_dni),
    ("es", "NIE: {}", "A9999999A", checks.is_es_dni),
    ("es", "RUT {} de Santiago", "99.999.999-9", checks.is_cl_rut),
    ("es", "CUIL {} de Buenos Aires", "99-99999999-9", checks.is_ar_cuil),
    ("es", "La CURP es {}.", "GOTE999999HDFXNR99", checks.is_mx_curp),
    ("it", "Codice fiscale {} del richiedente", "AAAAAA99A99A999A", checks.is_it_codice_fiscale),
    ("de", "Steuer-ID: {}", "99 999 999 999", checks.is_de_steuer_id),
    ("de", "Meine Steueridentifikationsnummer lautet {}.", "9" * 11, checks.is_de_steuer_id),
    ("de", "SV-Nummer {} in Wien, Sozialversicherung", "9999 999999", checks.is_at_svnr),
    ("de", "AHV-Nummer 756{}", ".9999.9999.99", lambda n: checks.is_ch_ahv("756" + n)),
    ("nl", "BSN {} van de aanvrager", "9" * 9, checks.is_nl_bsn),
    ("pl", "PESEL: {}", "9" * 11, checks.is_pl_pesel),
    ("sv", "Personnummer {} saknas.", "999999-9999", checks.is_se_personnummer),
    ("fi", "Henkilötunnus {} puuttuu.", "999999-999A", checks.is_fi_hetu),
    ("da", "CPR-nummer {} er forkert.", "999999-9999", checks.is_dk_cpr),
    ("no", "Fødselsnummer {} er feil.", "9" * 11, checks.is_no_fodselsnummer),
    ("pt", "CPF {} do titular", "999.999.999-99", checks.is_br_cpf),
    ("pt", "CNPJ {} da empresa", "99.999.999/9999-99", checks.is_br_cnpj),
    ("pt", "O meu NIF é {}.", "9" * 9, checks.is_pt_nif),
    ("tr", "T.C. kimlik no: {}", "9" * 11, checks.is_tr_tckn),
    ("ro", "CNP {} al titularului", "9" * 13, checks.is_ro_cnp),
    ("cs", "rodné číslo {} uveďte", "999999/9999", checks.is_cz_rodne_cislo),
    ("hr", "OIB: {}", "9" * 11, passes_mod_11_10),
    ("et", "isikukood {} on vale", "9" * 11, checks.is_baltic_code),
    ("ru", "СНИЛС {} гражданина", "999-999-999 99", checks.is_ru_snils),
    ("ru", "ИНН {} налогоплательщика", "9" * 12, checks.is_ru_inn),
    ("zh", "身份证号码是{}。", "999999199999999999", checks.is_cn_resident_id),
    ("zh", "身分證字號{}", "A999999999", checks.is_tw_id),
    ("ko", "주민등록번호 {} 입니다", "999999-9999999", checks.has_kr_birth_date),
    ("ja", "マイナンバーは{}です。", "999999999999", checks.is_jp_my_number),
    ("hi", "मेरा आधार नंबर {} है।", "9999 9999 9999", checks.is_in_aadhaar),
    ("th", "เลขประจำตัวประชาชน {}", "9-9999-99999-99-9", checks.is_th_id),
)

_ALPHABET = string.ascii_letters + string.digits
_KEY_FORMS = (
    *("AKIA{B16}", "ghp_{a36}", "github_pat_{a22}_{a59}", "glpat-{a20}", "xoxb-{d12}-{d12}-{a24}"),
    *(
        "AIza{a35}",
        "sk_live_{a24}",
        "sk-proj-{a64}",
        "sk-ant-api03-{a93}AA",
        "hf_{a34}",
        "npm_{a36}",
    ),
    *("pypi-AgEIcHlwaS5vcmc{a120}", "SG.{a22}.{a43}", "dop_v1_{h64}", "SK{h32}", "shpat_{h32}"),
    *("hvs.{a90}", "lin_api_{a40}", "gsk_{a52}", "dapi{h32}", "key-{h32}", "{d10}:AA{a33}"),
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ{a30}.{a43}",
)
_KEY_CARRIERS = (
    *("Use the key {} for now.", "export API_KEY={}", '  "key": "{}",', "Authorization: Bearer {}"),
    *("Der Schlüssel lautet {} und gilt bis Mai.", "La clé est {} pour l'instant.", "密钥是{}。"),
    "curl -H 'X-Api-Key: {}' https://api.example.org/v1/items",
)
_ASSIGNMENTS = (
    *('api_key = "{}"', "API_SECRET={}", "client_secret: {}", '"access_token": "{}",'),
    *("secret_key => '{}',", "auth-token: {}", "  apiKey: '{}',", "aws_secret_access_key = {}"),
)
_PASSWORDS = ("password: {}", 'DB_PASSWORD="{}"', "passwd={}", "The password is: {}")


def _signs(draw: Draw, form: str) -> str:
    """Fill in letters and digits for `{a12}`, base 32 for B, digits for d, base 16 for h."""
    kinds = {"a": _ALPHABET, "B": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "d": string.digits[1:]}
    out, rest = "", form
    while "{" in rest:
        head, _, rest = rest.partition("{")
        what, _, rest = rest.partition("}")
        out += head + "".join(draw.choices(kinds.get(what[0], "0123456789abcdef"), k=int(what[1:])))
    return out + rest


def _split(carrier: str, value: str, kind: str | None, language: str) -> Planted:
    before, _, behind = carrier.partition("{}")
    return Planted(kind, language, before, value, behind)


# ---------------------------------------------------------------- values


def _email(draw: Draw, _language: str) -> str:
    names = ("ada", "grace", "m.curie", "jo_lee", "k-9", "Sven.Berg", "o'neil", "li+news", "x7")
    hosts = (
        "example.org",
        "mail.example.co.uk",
        "uni-bonn.example.de",
        "firma.example.ch",
        "a1.io",
    )
    return f"{draw.choice(names)}{draw.choice(['', '', fill(draw, '99')])}@{draw.choice(hosts)}"


def _ip(draw: Draw, _language: str) -> str:
    if draw.random() < 0.3:
        groups = [fill(draw, "####").lstrip("0") or "0" for _ in range(4)]
        head = draw.choice(["2a00:1450", "2606:4700", "2001:4860", "2400:cb00"])
        return (
            f"{head}:{groups[0]}::{groups[1]}"
            if draw.random() < 0.5
            else (f"{head}:{':'.join(groups)}:{groups[0]}:{groups[1]}")
        )
    first = draw.choice([5, 23, 46, 62, 77, 81, 93, 109, 130, 151, 185, 203, 212])
    return f"{first}.{draw.randint(1, 254)}.{draw.randint(30, 254)}.{draw.randint(1, 254)}"


def _card(draw: Draw, _language: str) -> str:
    shape = draw.choice(
        [
            *("4999 9999 9999 9999", "4999999999999999", "5199-9999-9999-9999", "5299999999999999"),
            *("3799 999999 99999", "379999999999999", "6011 9999 9999 9999", "3530999999999999"),
            *(
                "2221 9999 9999 9999",
                "3699 999999 9999",
                "2200 9999 9999 9999",
                "62999999" + "9" * 8,
            ),
        ]
    )
    while True:
        number = fill(draw, shape[:4].replace("9", "N")).replace("N", "9") + fill(draw, shape[4:])
        number = "".join(
            draw.choice(string.digits) if s == "9" and i > 3 else s for i, s in enumerate(number)
        )
        if passes_luhn("".join(filter(str.isdigit, number))):
            return number


_BBAN = {
    **{
        "DE": "9" * 18,
        "FR": "9999999999999999999A999",
        "GB": "AAAA99999999999999",
        "NL": "AAAA9999999999",
    },
    **{
        "ES": "9" * 20,
        "IT": "A9999999999999999999999",
        "PL": "9" * 24,
        "CH": "9" * 17,
        "AT": "9" * 16,
    },
    **{
        "BE": "9" * 12,
        "SE": "9" * 20,
        "NO": "9" * 11,
        "FI": "9" * 14,
        "PT": "9" * 21,
        "TR": "9" * 22,
    },
}


def _iban(draw: Draw, _language: str) -> str:
    country = draw.choice(sorted(_BBAN))
    bban = fill(draw, _BBAN[country])
    digits = "".join(str(int(sign, 36)) for sign in bban + country + "00")
    number = f"{country}{98 - int(digits) % 97:02}{bban}"
    if draw.random() < 0.5:
        return number
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def _phone(draw: Draw, language: str) -> str:
    region = (
        REGIONS[language] if draw.random() < 0.6 else draw.choice(["GB", "CH", "BR", "IN", "AU"])
    )
    example = phonenumbers.example_number_for_type(region, draw.choice([0, 1]))
    digits = str(example.national_number)
    while True:
        other = phonenumbers.parse(f"+{example.country_code}{digits[:-5]}{fill(draw, '99999')}")
        if phonenumbers.is_valid_number(other):
            break
    at_home = region == REGIONS[language] and draw.random() < 0.5
    styles = [PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.E164]
    style = PhoneNumberFormat.NATIONAL if at_home else draw.choice(styles)
    return phonenumbers.format_number(other, style)


_DRAWN = {"email": _email, "ip": _ip, "credit_card": _card, "iban": _iban, "phone": _phone}


def _in_carrier(draw: Draw, kind: str) -> Planted:
    language = draw.choice(sorted(CARRIERS[kind]))
    carrier = draw.choice(CARRIERS[kind][language])
    return _split(carrier, _DRAWN[kind](draw, language), kind, language)


def _national_id(draw: Draw) -> Planted:
    language, carrier, shape, check = draw.choice(NATIONAL_IDS)

    def issued(number: str) -> bool:
        try:
            return check(number)
        except (ValueError, IndexError):
            return False

    value = until(draw, shape, issued)
    if carrier.endswith("756{}"):
        carrier, value = carrier.replace("756", ""), "756" + value
    return _split(carrier, value, "national_id", language)


def _api_key(draw: Draw) -> Planted:
    way = draw.random()
    if way < 0.55:
        return _split(
            draw.choice(_KEY_CARRIERS), _signs(draw, draw.choice(_KEY_FORMS)), "api_key", "en"
        )
    if way < 0.8:
        value = _signs(draw, draw.choice(["{a32}", "{h32}", "{a40}", "{a24}", "{h64}", "{a20}"]))
        return _split(draw.choice(_ASSIGNMENTS), value, "api_key", "en")
    if way < 0.9:
        value = _signs(draw, "{a7}") + draw.choice("!#-+") + _signs(draw, "{a3}{d1}") + "aB"
        return _split(draw.choice(_PASSWORDS), value, "api_key", "en")
    carrier = "postgresql://app:{}@db.example.org:5432/main"
    return _split(carrier, _signs(draw, "{a16}{d2}"), "api_key", "en")


def _private_key(draw: Draw) -> Planted:
    name = draw.choice(
        ["RSA PRIVATE", "EC PRIVATE", "OPENSSH PRIVATE", "PRIVATE", "ENCRYPTED PRIVATE"]
    )
    body = base64.b64encode(draw.randbytes(draw.choice([121, 318, 609, 1190]))).decode()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    block = [f"-----BEGIN {name} KEY-----", *lines, f"-----END {name} KEY-----"]
    if draw.random() < 0.15:
        block = ["-----BEGIN PGP PRIVATE KEY BLOCK-----", "Version: GnuPG v2", "", *lines, "=aB3d"]
        block.append("-----END PGP PRIVATE KEY BLOCK-----")
    way = draw.random()
    if way < 0.2:
        return Planted("private_key", "en", '{"key": "', json.dumps("\n".join(block))[1:-1], '"}')
    if way < 0.4:
        return Planted("private_key", "en", "key: |\n    ", "\n    ".join(block), "\n")
    if way < 0.5:
        return Planted("private_key", "en", "> ", "\n> ".join(block[:-1]), "\n\nand so on")
    return Planted("private_key", "en", "Here it is:\n", "\n".join(block), "\nKeep it safe.")


# ---------------------------------------------------------------- what only looks so


def _isbn13(draw: Draw) -> str:
    digits = "978" + fill(draw, "9" * 9)
    check = -sum(int(d) * (1 + 2 * (i % 2)) for i, d in enumerate(digits)) % 10
    return f"{digits[:3]}-{digits[3]}-{digits[4:8]}-{digits[8:]}-{check}"


def _base64(draw: Draw, size: int) -> str:
    return base64.b64encode(draw.randbytes(size)).decode()


def _two(draw: Draw) -> int:
    return draw.randint(10, 12)


NOTHING: tuple[tuple[str, Callable[[Draw], str]], ...] = (
    ("Order number {} was shipped.", lambda d: fill(d, "9" * d.choice([8, 10, 12, 16]))),
    ("Bestellung Nr. {} ist unterwegs.", lambda d: fill(d, "9" * d.choice([9, 10, 11]))),
    ("ticket {} is closed", lambda d: fill(d, "9" * 11)),
    ("Item {} on page 3", lambda d: fill(d, "4999999999999999")),
    ("ISBN {}", _isbn13),
    ("EAN {} on the box", lambda d: fill(d, "4999999999999")),
    (
        "Version {} fixes this.",
        lambda d: f"{d.randint(1, 9)}.{d.randint(0, 20)}.{d.randint(0, 99)}.{d.randint(0, 300)}",
    ),
    ("see section {} of the standard", lambda d: fill(d, "9.9.9.9")),
    ("OID {} is registered", lambda d: fill(d, "1.3.6.1.4.1.99999.99")),
    (
        "built on {}",
        lambda d: f"{d.randint(1990, 2026)}-{_two(d)}-{_two(d)} {_two(d)}:{_two(d)}:00",
    ),
    ("[{}] started", lambda d: f"{d.randint(1990, 2026)}{_two(d)}{_two(d)}{_two(d)}{_two(d)}00"),
    ("timestamp {} in milliseconds", lambda d: fill(d, "1699999999999")),
    ("sha1 {}", lambda d: fill(d, "#" * 40)),
    ("sha256:{}", lambda d: fill(d, "#" * 64)),
    ("md5 checksum {} matches", lambda d: fill(d, "#" * 32)),
    ("commit {} broke it", lambda d: fill(d, "#" * d.choice([7, 12, 40]))),
    ("id {} in the log", lambda d: str(uuid.UUID(int=d.getrandbits(128)))),
    ("<img src='data:image/png;base64,{}'>", lambda d: _base64(d, 300)),
    (
        "gateway {} on the local network",
        lambda d: d.choice(["10.", "192.168.", "172.16."]) + fill(d, "9.9")[:3] + ".7",
    ),
    ("the documentation uses {}", lambda d: "192.0.2." + str(d.randint(1, 254))),
    ("::1 and {} are local", lambda d: "fe80::" + fill(d, "####:####")),
    ("MAC {}", lambda d: fill(d, "##:##:##:##:##:##")),
    ("{} and 12:30:45", lambda d: fill(d, "29:99:99")),
    ("| {} |", lambda d: " | ".join(fill(d, "999.9") for _ in range(8))),
    ("{}", lambda d: " ".join(fill(d, "9999") for _ in range(9))),
    ("{} EUR in total", lambda d: fill(d, "999,999,999.99")),
    ("coordinates {} north", lambda d: fill(d, "99.999999, 99.999999")),
    ("between {} people", lambda d: fill(d, "999-999")),
    ("part {} fits both", lambda d: fill(d, "999-99-9999")),
    ("model {} has a longer arm", lambda d: fill(d, "AA999999A")),
    ("code {} is printed on the back", lambda d: fill(d, "99999999A")),
    ("account {} is not an IBAN", lambda d: "DE00" + fill(d, "9" * 18)),
    ("UPS tracking 1Z{}", lambda d: fill(d, "999AA99999999999")),
    ("doi:10.{}", lambda d: fill(d, "9999/s99999-999-99999-9")),
    ("arXiv:{}", lambda d: fill(d, "2999.99999v9")),
    ("https://example.org/status/{}", lambda d: fill(d, "4999999999999999")),
    ("https://example.org/?id={}&p=2", lambda d: fill(d, "5199999999999999")),
    ("the handle @{} is taken", lambda d: fill(d, "user9999")),
    ("icon@{} is missing", lambda d: d.choice(["2x.png", "3x.jpg"])),
    ("npm install pkg@{}", lambda d: fill(d, "9.9.9")),
    ("git@{}", lambda d: "localhost:repo.git"),
    (
        "password = {}",
        lambda d: d.choice(
            ["getpass.getpass()", "os.environ['DB_PASSWORD']", "None", "user.password"]
        ),
    ),
    (
        "api_key: {}",
        lambda d: d.choice(
            ["${API_KEY}", "YOUR_API_KEY_HERE", "<your-api-key>", "config.get('key')"]
        ),
    ),
    (
        "token = {}",
        lambda d: d.choice(
            ["tokenizer.next_token()", "self.access_token", "generate_session_token"]
        ),
    ),
    (
        "secret: {}",
        lambda d: d.choice(
            ["my-database-credentials", "kubernetes-dashboard-token", "projects/app/secrets"]
        ),
    ),
    ("AWS says {} in its manual", lambda d: "AKIAIOSFODNN7EXAMPLE"),
    ("ssh-rsa {} ada", lambda d: "AAAAB3NzaC1yc2E" + _base64(d, 180)),
    ("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", lambda d: _base64(d, 48)),
    ("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", lambda d: _base64(d, 48)),
    ("the file starts with {}, then base 64", lambda d: "-----BEGIN PRIVATE KEY-----"),
    (
        "The counter stood at {}.",
        lambda d: d.choice(["41", "51", "62", "37"]) + fill(d, "9" * 14),
    ),
    ('{"n": {}}'.replace("{}}", "{} }"), lambda d: fill(d, "4999999999999999")),
    ("Zamówienie {} wysłano.", lambda d: fill(d, "9" * 11)),
    ("referencia {} del catálogo", lambda d: fill(d, "99999999A")),
    ("artikel {} är slut", lambda d: fill(d, "999999-9999")),
    ("factura {} emisă ieri", lambda d: fill(d, "9" * 13)),
    ("fatura {} ödendi", lambda d: fill(d, "9" * 11)),
    ("lot {} was recalled", lambda d: fill(d, "999999-999A")),
    ("The cache key is {} today", lambda d: fill(d, "#" * 32)),
    ("blob {} was uploaded", lambda d: _base64(d, 30)),
    (
        "session_key_name = {}",
        lambda d: d.choice(["user_session_2024", "PrimaryKeyOfTable1", "sort_key_v2_columns"]),
    ),
    ("Seriennummer {} am Gehäuse", lambda d: fill(d, "9" * d.choice([9, 11, 13]))),
    ("注文番号は{}です。", lambda d: fill(d, "9" * 12)),
    ("документ № {}", lambda d: fill(d, "9" * d.choice([10, 12]))),
    ("fr. {} cases in 2019-2020", lambda d: fill(d, "9 999 999")),
    ("scores {} after extra time", lambda d: fill(d, "9-9 9-9 9-9 9-9")),
)
_LANGUAGE_OF_NOTHING = {
    **{"Zam": "pl", "referencia": "es", "artikel": "sv", "factura {} emis": "ro", "fatura": "tr"},
    **{"Bestell": "de", "Serienn": "de", "注文番号は{}": "ja", "документ": "ru"},
}


def _nothing(draw: Draw) -> Planted:
    carrier, value = draw.choice(NOTHING)
    language = next((v for k, v in _LANGUAGE_OF_NOTHING.items() if carrier.startswith(k)), "en")
    return _split(carrier, value(draw), None, language)


def draw_sample(seed: int, each: int) -> list[Planted]:
    """Draw so many paragraphs of each kind, and four times as many without a value."""
    draw = random.Random(seed)
    planted = [_in_carrier(draw, kind) for kind in _DRAWN for _ in range(each)]
    for make in (_national_id, _api_key, _private_key):
        planted += [make(draw) for _ in range(each)]
    return planted + [_nothing(draw) for _ in range(4 * each)]
