"""Numbers that states give their people: which shapes count where.

A number whose shape and check digits leave little room for chance counts anywhere; others count in
texts of the country's language, or only beside a word that names them.
"""

from collections.abc import Iterator
from typing import Final

from llm_assets.corpus.personal_data import national_id_checks as checks
from llm_assets.corpus.personal_data.check_digits import passes_mod_11_10
from llm_assets.corpus.personal_data.pii_kinds import Span
from llm_assets.corpus.personal_data.pii_numbers import NumberRule, Shapes, find_numbers

_9, _10, _11, _12, _13 = ("9" * count for count in (9, 10, 11, 12, 13))
_SIX_FOUR: Final = "999999-9999"

_TAX_NUMBER: Final = r"tax(?:payer)?[ -](?:id|no|number|file)|TIN\b"
_IDENTITY: Final = r"national[ -]id|identity (?:no|number|card)|id (?:no|number|card)"


NATIONAL_IDS: Final[tuple[NumberRule, ...]] = (
    NumberRule(
        "United States: social security number",
        checks.is_us_ssn,
        in_context=("999-99-9999", "999 99 9999", _9),
        words=rf"ssn|itin|soc(?:ial|\.)?[ -]sec(?:urity|\.)?|ss ?#|s\.s\.n|{_TAX_NUMBER}"
        r"|seguro social",
    ),
    NumberRule(
        "United Kingdom: national insurance number",
        checks.is_gb_nino,
        in_context=("AA999999A", "AA 99 99 99 A", "AA 999999 A", "AA-99-99-99-A"),
        words=r"nino\b|national insurance|ni (?:no|number|contribution)|insurance (?:no|number)",
    ),
    NumberRule(
        "United Kingdom: NHS number",
        checks.is_gb_nhs,
        in_context=("999 999 9999", "999-999-9999", _10),
        words=r"nhs\b|health service (?:no|number)",
    ),
    NumberRule(
        "Ireland: personal public service number",
        checks.is_ie_pps,
        in_context=("9999999A", "9999999AA"),
        words=r"ppsn?\b|personal public service|uimhir phearsanta",
    ),
    NumberRule(
        "France: numéro de sécurité sociale",
        checks.is_fr_nir,
        sure=(
            *("9 99 99 99 999 999 99", "9 99 99 9A 999 999 99"),
            *("9" * 15, "9999999999999 99", "999999A99999999", "999999A999999 99"),
        ),
    ),
    NumberRule(
        "Spain: DNI, NIE",
        checks.is_es_dni,
        at_home=(
            *("99999999A", "99999999-A", "99.999.999-A", "99.999.999A", "99.999.999 A"),
            *("A9999999A", "A-9999999-A", "A-9999999A", "99999999 A"),
        ),
        languages=frozenset({"es", "ca", "gl", "eu"}),
        words=r"dni\b|nie\b|nif\b|documento (?:nacional )?de identidad|identi(?:dad|ty|té|tat)",
    ),
    NumberRule("Italy: codice fiscale", checks.is_it_codice_fiscale, sure=("AAAAAA99A99A999A",)),
    NumberRule(
        "Germany: Steuer-Identifikationsnummer",
        checks.is_de_steuer_id,
        in_context=("99 999 999 999", _11),
        words=r"steuer|id-?nr|identifikationsnummer|tin\b|tax[ -]id",
    ),
    NumberRule(
        "Austria: Sozialversicherungsnummer",
        checks.is_at_svnr,
        in_context=("9999 999999", _10),
        words=r"sv-?n(?:r|ummer)|sozialversicherung|versicherungsnummer",
    ),
    NumberRule(
        "Switzerland: AHV number",
        checks.is_ch_ahv,
        sure=("999.9999.9999.99",),
        in_context=(_13, "999 9999 9999 99"),
        words=r"ahv|avs\b|sozialversicherung|navs|assurance sociale",
    ),
    NumberRule(
        "Netherlands: burgerservicenummer",
        checks.is_nl_bsn,
        in_context=(_9, "9999.99.999", "9999 99 999", "999 999 999"),
        words=r"bsn|burgerservice|sofi-?n|sofinummer",
    ),
    NumberRule(
        "Belgium: rijksregisternummer",
        checks.is_be_nn,
        sure=("99.99.99-999.99",),
        in_context=(_11, "999999-999-99", "999999 999 99"),
        words=r"rijksregister|registre national|insz|niss\b|nationaal nummer|numéro national",
    ),
    NumberRule(
        "Portugal: NIF",
        checks.is_pt_nif,
        in_context=(_9, "999 999 999"),
        words=r"nif\b|contribuinte|identificação fiscal",
    ),
    NumberRule(
        "Poland: PESEL",
        checks.is_pl_pesel,
        at_home=(_11,),
        languages=frozenset({"pl"}),
        words=r"pesel",
    ),
    NumberRule(
        "Czechia, Slovakia: rodné číslo",
        checks.is_cz_rodne_cislo,
        at_home=("999999/9999",),
        in_context=(_10,),
        languages=frozenset({"cs", "sk"}),
        words=r"rodn[éáeý]|r\. ?č\.|birth number|rč\b",
    ),
    NumberRule(
        "Hungary: TAJ",
        checks.is_hu_taj,
        in_context=("999 999 999", "999-999-999", _9),
        words=r"taj\b|taj-sz|társadalombiztosítás",
    ),
    NumberRule(
        "Romania: cod numeric personal",
        checks.is_ro_cnp,
        at_home=(_13,),
        languages=frozenset({"ro"}),
        words=r"cnp\b|cod(?:ul)? numeric",
    ),
    NumberRule(
        "Bulgaria: EGN",
        checks.is_bg_egn,
        in_context=(_10,),
        words=r"егн|egn\b|единен граждански",
    ),
    NumberRule("Greece: AMKA", checks.is_gr_amka, in_context=(_11,), words=r"α\.?μ\.?κ\.?α|amka\b"),
    NumberRule(
        "Croatia: OIB",
        passes_mod_11_10,
        in_context=(_11,),
        words=r"oib\b|osobni identifikacijski",
    ),
    NumberRule(
        "Serbia, Slovenia and neighbours: JMBG, EMŠO",
        checks.is_jmbg,
        in_context=(_13,),
        words=r"jmbg|emšo|emso\b|јмбг|ембг|matični broj|матични број|матичен број",
    ),
    NumberRule(
        "Estonia, Lithuania: personal code",
        checks.is_baltic_code,
        at_home=(_11,),
        languages=frozenset({"et", "lt"}),
        words=r"isikukood|asmens kod|personal (?:identification )?code",
    ),
    NumberRule(
        "Latvia: personas kods",
        checks.is_lv_code,
        at_home=("999999-99999",),
        in_context=(_11,),
        languages=frozenset({"lv"}),
        words=r"personas kod|personal code",
    ),
    NumberRule(
        "Sweden: personnummer",
        checks.is_se_personnummer,
        at_home=(_SIX_FOUR, "999999+9999", "99999999-9999"),
        in_context=(_10, _12),
        languages=frozenset({"sv"}),
        words=r"person(?:al )?(?:nummer|nr|number)|pers\. ?nr|personal identity|samordningsnummer",
    ),
    NumberRule(
        "Finland: henkilötunnus",
        checks.is_fi_hetu,
        sure=("999999-999A", "999999+999A", "999999A999A"),
        at_home=(_SIX_FOUR, "999999+9999", "999999A9999"),
        languages=frozenset({"fi"}),
        words=r"henkilö(?:tunnu|numero)|hetu\b|sotu\b|personbeteckning|personal identity",
    ),
    NumberRule(
        "Denmark: CPR-nummer",
        checks.is_dk_cpr,
        in_context=(_SIX_FOUR, _10),
        words=r"cpr|personnummer|civil registration",
    ),
    NumberRule(
        "Norway: fødselsnummer",
        checks.is_no_fodselsnummer,
        at_home=(_11, "999999 99999"),
        languages=frozenset({"no", "nb", "nn"}),
        words=r"fødsels|personn|d-nummer|national identity",
    ),
    NumberRule(
        "Iceland: kennitala",
        checks.is_is_kennitala,
        at_home=(_SIX_FOUR,),
        in_context=(_10,),
        languages=frozenset({"is"}),
        words=r"kennitala|kt\.",
    ),
    NumberRule(
        "Russia: SNILS",
        checks.is_ru_snils,
        sure=("999-999-999 99", "999-999-999-99"),
        in_context=(_11,),
        words=r"снилс|snils",
    ),
    NumberRule(
        "Russia: INN of a person", checks.is_ru_inn, in_context=(_12,), words=r"инн\b|inn\b"
    ),
    NumberRule(
        "Ukraine: RNOKPP",
        checks.is_ua_rnokpp,
        in_context=(_10,),
        words=r"рнокпп|іпн\b|ідентифікаційн|податков|rnokpp",
    ),
    NumberRule("Kazakhstan: IIN", checks.is_kz_iin, in_context=(_12,), words=r"иин\b|жсн\b|iin\b"),
    NumberRule(
        "Turkey: T.C. kimlik numarası",
        checks.is_tr_tckn,
        at_home=(_11,),
        languages=frozenset({"tr"}),
        words=r"kimlik|t\.?c\.? ?(?:no|kimlik)|tckn",
    ),
    NumberRule(
        "Israel: mispar zehut",
        checks.is_il_id,
        in_context=(_9,),
        words=r"ת\.?ז\.?(?!\w)|ת[\"״]ז|תעודת זהות|מספר זהות|teudat zehut|israeli id",
    ),
    NumberRule(
        "Brazil: CPF",
        checks.is_br_cpf,
        sure=("999.999.999-99",),
        in_context=(_11, "999999999-99", "999 999 999 99"),
        words=r"cpf|cadastro de pessoas?|contribuinte",
    ),
    NumberRule(
        "Brazil: CNPJ",
        checks.is_br_cnpj,
        sure=("99.999.999/9999-99",),
        in_context=("9" * 14, "99999999/9999-99"),
        words=r"cnpj|cadastro nacional",
    ),
    NumberRule(
        "Argentina: CUIL, CUIT of a person",
        checks.is_ar_cuil,
        at_home=("99-99999999-9",),
        in_context=(_11,),
        languages=frozenset({"es"}),
        words=r"cui[lt]\b",
    ),
    NumberRule(
        "Chile: RUT",
        checks.is_cl_rut,
        at_home=("99.999.999-9", "9.999.999-9", "99.999.999-A", "9.999.999-A"),
        in_context=("99999999-9", "9999999-9", "99999999-A", "9999999-A"),
        languages=frozenset({"es"}),
        words=r"ru[tn]\b|r\.u\.[tn]",
    ),
    NumberRule(
        "Mexico: CURP", checks.is_mx_curp, sure=("AAAA999999AAAAAA99", "AAAA999999AAAAAAA9")
    ),
    NumberRule(
        "Canada: social insurance number",
        checks.is_ca_sin,
        in_context=("999-999-999", "999 999 999", _9),
        words=r"sin\b|social insurance|assurance sociale|nas\b",
    ),
    NumberRule(
        "Australia: tax file number",
        checks.is_au_tfn,
        in_context=("999 999 999", "999-999-999", _9),
        words=r"tfn\b|tax file",
    ),
    NumberRule(
        "South Africa: identity number",
        checks.is_za_id,
        in_context=(_13, "999999 9999 999", "999999 9999 99 9"),
        words=rf"south african id|rsa id|id ?(?:no|number|nommer)|sa id|identiteit|{_IDENTITY}",
    ),
    NumberRule(
        "China: resident identity number",
        checks.is_cn_resident_id,
        sure=("9" * 18, "9" * 17 + "A"),
    ),
    NumberRule(
        "Taiwan: national identification number",
        checks.is_tw_id,
        at_home=("A999999999",),
        languages=frozenset({"zh"}),
        words=rf"身[分份]證|統一編號|居留證|{_IDENTITY}",
    ),
    NumberRule(
        "Hong Kong: identity card",
        checks.is_hk_id,
        at_home=("A999999(9)", "AA999999(9)", "A999999(A)", "AA999999(A)"),
        in_context=("A9999999", "AA9999999", "A999999A", "AA999999A"),
        languages=frozenset({"zh", "yue"}),
        words=rf"hkid|身[分份]證|{_IDENTITY}",
    ),
    NumberRule(
        "Japan: individual number",
        checks.is_jp_my_number,
        in_context=(_12, "9999 9999 9999", "9999-9999-9999"),
        words=r"マイナンバー|個人番号|my ?number",
    ),
    NumberRule("Korea: resident registration number", checks.is_kr_rrn, sure=("999999-9999999",)),
    NumberRule(
        "Korea: resident registration number without check digit",
        checks.has_kr_birth_date,
        at_home=("999999-9999999",),
        in_context=(_13,),
        languages=frozenset({"ko"}),
        words=r"주민(?:등록)?번호|주민등록|외국인등록|resident registration",
    ),
    NumberRule(
        "India: Aadhaar",
        checks.is_in_aadhaar,
        in_context=("9999 9999 9999", "9999-9999-9999", _12),
        words=r"aadh?aa?r|uidai|uid\b|आधार|আধার|ஆதார்|ఆధార్|આધાર|ಆಧಾರ್|ആധാർ|ਆਧਾਰ",
    ),
    NumberRule(
        "Thailand: citizen number",
        checks.is_th_id,
        sure=("9-9999-99999-99-9",),
        in_context=(_13, "9 9999 99999 99 9"),
        words=rf"บัตรประชาชน|ประจำตัวประชาชน|thai id|{_IDENTITY}",
    ),
    NumberRule(
        "Indonesia: NIK",
        checks.is_id_nik,
        in_context=("9" * 16,),
        words=r"nik\b|ktp\b|nomor induk",
    ),
    NumberRule(
        "Malaysia: MyKad",
        checks.is_my_nric,
        at_home=("999999-99-9999",),
        in_context=(_12,),
        languages=frozenset({"ms"}),
        words=r"mykad|nric|kad pengenalan|no\.? ?k/?p\b|i/?c (?:no|number)",
    ),
    NumberRule(
        "Singapore: NRIC, FIN",
        checks.is_sg_nric,
        in_context=("A9999999A",),
        words=rf"nric|fin\b|singapore id|{_IDENTITY}",
    ),
)
_SHAPES: Final = Shapes(NATIONAL_IDS)


def find_national_ids(line: str, language: str | None) -> Iterator[Span]:
    """Find numbers of persons in any of the countries' schemes."""
    return find_numbers(line, language, _SHAPES)
