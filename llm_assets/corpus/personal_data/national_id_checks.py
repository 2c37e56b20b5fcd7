"""What the states say of the numbers they give their people: structure, dates, check digits.

Each function takes the letters and digits of a number, in capitals and without separators, in one
of the shapes that `pii_national_ids.py` lists for it.
"""

from typing import Final

from llm_assets.corpus.personal_data.check_digits import (
    is_day,
    passes_ean,
    passes_luhn,
    passes_mod_11_10,
    passes_verhoeff,
    weighted_sum,
)

_FALLING: Final = range(10, 0, -1)


def is_us_ssn(number: str) -> bool:
    """Social Security Administration: areas, groups and serials never given out."""
    area, group, serial = number[:3], number[3:5], number[5:]
    if area[0] == "9":  # the revenue service's ITIN
        return int(group) >= 50
    return area not in ("000", "666") and group != "00" and serial != "0000"


def is_gb_nino(number: str) -> bool:
    """HM Revenue and Customs, manual NIM39110: prefixes never given out, suffix A to D."""
    return (
        not set(number[:2]) & set("DFIQUV")
        and number[1] != "O"
        and number[:2] not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")
        and number[-1] in "ABCD"
    )


def is_gb_nhs(number: str) -> bool:
    """National Health Service: modulus 11."""
    return weighted_sum(number, (*_FALLING[:9], 1)) % 11 == 0 and len(set(number)) > 1


def is_fr_nir(number: str) -> bool:
    """INSEE: sex, year, month, place, key of 97; Corsica's 2A and 2B count as 19 and 18."""
    place = {"2A": "19", "2B": "18"}.get(number[5:7], number[5:7])
    if number[0] not in "123478" or not place.isdigit():
        return False
    month = int(number[3:5])
    is_month = 1 <= month <= 12 or month == 20 or 30 <= month <= 42 or month >= 50
    return is_month and 97 - int(number[:5] + place + number[7:13]) % 97 == int(number[13:])


_SPANISH_LETTERS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"


def is_es_dni(number: str) -> bool:
    """Ministry of the Interior: a letter for the remainder modulo 23; X, Y, Z for foreigners."""
    first = {"X": "0", "Y": "1", "Z": "2"}.get(number[0], number[0])
    if not first.isdigit():
        return False
    return _SPANISH_LETTERS[int(first + number[1:-1]) % 23] == number[-1]


_ITALIAN_ODD: Final = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21),
            *(2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        ),
        strict=True,
    )
)


def is_it_codice_fiscale(number: str) -> bool:
    """Decree of 23 December 1976: month letter, day (women: + 40), check letter."""
    if number[8] not in "ABCDEHLMPRST" or not 1 <= int(number[9:11]) % 40 <= 31:
        return False
    odd = sum(_ITALIAN_ODD[sign] for sign in number[:15:2])
    even = sum(int(sign) if sign.isdigit() else ord(sign) - ord("A") for sign in number[1:15:2])
    return (odd + even) % 26 == ord(number[15]) - ord("A")


def is_de_steuer_id(number: str) -> bool:
    """Federal Central Tax Office: of the first ten digits one stands there twice or three times."""
    counts = sorted(number[:10].count(digit) for digit in set(number[:10]))
    return number[0] != "0" and counts[-2:] in ([1, 2], [1, 3]) and passes_mod_11_10(number)


def is_nl_bsn(number: str) -> bool:
    """The eleven test, its last weight negative."""
    return weighted_sum(number, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0 and int(number) > 0


def is_pl_pesel(number: str) -> bool:
    """Birth date with the century in the month; weights 1, 3, 7, 9."""
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
    return is_day(int(number[2:4]) % 20, number[4:6]) and weighted_sum(number, weights) % 10 == 0


def is_se_personnummer(number: str) -> bool:
    """Birth date (60 added to the day of a coordination number), Luhn's digit."""
    number = number[-10:]
    return is_day(number[2:4], int(number[4:6]) % 60) and passes_luhn(number)


def is_fi_hetu(number: str) -> bool:
    """Birth date, maybe a letter for the century, a sign for the remainder modulo 31."""
    digits = number[:6] + number[-4:-1]
    if not digits.isdigit() or number[6:-4] not in ("", *"ABCDEFUVWXY"):
        return False
    return (
        is_day(number[2:4], number[:2])
        and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(digits) % 31] == number[-1]
        and int(digits[6:]) > 1
    )


def is_dk_cpr(number: str) -> bool:
    """Birth date alone: since 2007 numbers are given that break the old check digit."""
    return is_day(number[2:4], number[:2])


def is_no_fodselsnummer(number: str) -> bool:
    """Birth date (40 added to the day or the month of temporary numbers), two check digits."""
    return (
        is_day(int(number[2:4]) % 40, int(number[:2]) % 40)
        and weighted_sum(number, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11 == 0
        and weighted_sum(number, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0
    )


def is_is_kennitala(number: str) -> bool:
    """Birth date, a check digit, the century's digit."""
    return (
        is_day(number[2:4], number[:2])
        and weighted_sum(number, (3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0
        and number[-1] in "089"
    )


def is_br_cpf(number: str) -> bool:
    """Federal Revenue: two check digits; eleven equal digits are none."""
    return len(set(number)) > 1 and all(
        weighted_sum(number, range(end + 1, 1, -1)) * 10 % 11 % 10 == int(number[end])
        for end in (9, 10)
    )


def is_br_cnpj(number: str) -> bool:
    """Federal Revenue: two check digits."""
    weights = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    return len(set(number)) > 1 and all(
        weighted_sum(number[:end], weights[13 - end :]) * 10 % 11 % 10 == int(number[end])
        for end in (12, 13)
    )


_CHINESE_PROVINCES: Final = frozenset(
    f"{region}{province}"
    for region, provinces in enumerate(("12345", "123", "1234567", "123456", "01234", "12345"), 1)
    for province in provinces
) | {"71", "81", "82", "83"}


def is_cn_resident_id(number: str) -> bool:
    """GB 11643-1999: province, birth date, ISO/IEC 7064 MOD 11-2."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return (
        number[:2] in _CHINESE_PROVINCES
        and "1880" <= number[6:10] <= "2100"
        and is_day(number[10:12], number[12:14])
        and "10X98765432"[weighted_sum(number[:17], weights) % 11] == number[17]
    )


def has_kr_birth_date(number: str) -> bool:
    """Birth date and sex: numbers given since October 2020 have no check digit."""
    return is_day(number[2:4], number[4:6]) and number[6] in "12345678"


def is_kr_rrn(number: str) -> bool:
    """Birth date and the check digit of numbers given until October 2020."""
    check = 11 - weighted_sum(number, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11
    return has_kr_birth_date(number) and check % 10 == int(number[12])


def is_jp_my_number(number: str) -> bool:
    """Ordinance 85 of 2014, article 5."""
    rest = weighted_sum(number, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest <= 1 else 11 - rest) == int(number[11])


def is_tw_id(number: str) -> bool:
    """A letter for the place, 1 or 2 for the sex (8 or 9 for foreigners), modulus 10."""
    letter = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(number[0]) + 10
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    return number[1] in "1289" and weighted_sum(f"{letter}{number[1:]}", weights) % 10 == 0


def is_hk_id(number: str) -> bool:
    """One or two letters, modulus 11."""
    letters = [ord(sign) - ord("A") + 10 for sign in number[:-7]]
    high, low = letters if len(letters) == 2 else [36, *letters]
    total = high * 9 + low * 8 + weighted_sum(number[-7:-1], range(7, 1, -1))
    return "0A987654321"[total % 11] == number[-1]


def is_sg_nric(number: str) -> bool:
    """A check letter, other ones for foreigners (F, G) than for citizens (S, T)."""
    if number[0] not in "STFG":
        return False
    rest = weighted_sum(number[1:8], (2, 7, 6, 5, 4, 3, 2)) + 4 * (number[0] in "TG")
    letters = "JZIHGFEDCBA" if number[0] in "ST" else "XWUTRQPNMLK"
    return letters[rest % 11] == number[8]


def is_in_aadhaar(number: str) -> bool:
    """Verhoeff's digit; not 0 or 1 first, and no palindrome."""
    return number[0] not in "01" and number != number[::-1] and passes_verhoeff(number)


def is_ca_sin(number: str) -> bool:
    """Luhn's digit; not 0 or 8 first."""
    return number[0] not in "08" and passes_luhn(number)


def is_au_tfn(number: str) -> bool:
    """Taxation Office: modulus 11."""
    return weighted_sum(number, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0 and int(number) > 0


def is_ch_ahv(number: str) -> bool:
    """Switzerland's country code 756 and the check digit of an EAN."""
    return number.startswith("756") and passes_ean(number)


def is_be_nn(number: str) -> bool:
    """Birth date as far as known, the complement modulo 97, with a 2 before it since 2000."""
    if not (int(number[2:4]) % 20 <= 12 and int(number[4:6]) <= 31):
        return False
    return int(number[9:]) in (97 - int(number[:9]) % 97, 97 - int("2" + number[:9]) % 97)


def is_at_svnr(number: str) -> bool:
    """Birth date at the end, the check digit fourth."""
    check = weighted_sum(number, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11
    return number[0] != "0" and is_day(number[6:8], number[4:6]) and check == int(number[3])


def is_pt_nif(number: str) -> bool:
    """Modulus 11; persons' numbers begin with 1, 2, 3 or 45."""
    check = 11 - weighted_sum(number, (9, 8, 7, 6, 5, 4, 3, 2)) % 11
    is_person = number[0] in "123" or number.startswith("45")
    return is_person and (0 if check > 9 else check) == int(number[8])


def is_ie_pps(number: str) -> bool:
    """A check letter; since 2013 a second letter that counts nine times."""
    second = ord(number[8]) - ord("A") + 1 if number[8:] else 0
    if second > 23:
        return False
    second = 0 if number[8:] == "W" else second
    rest = weighted_sum(number[:7], (8, 7, 6, 5, 4, 3, 2)) + 9 * second
    return "WABCDEFGHIJKLMNOPQRSTUV"[rest % 23] == number[7]


def is_tr_tckn(number: str) -> bool:
    """Two check digits over odd and even places."""
    digits = [int(digit) for digit in number]
    tenth = (7 * sum(digits[:9:2]) - sum(digits[1:8:2])) % 10
    return digits[0] > 0 and tenth == digits[9] and sum(digits[:10]) % 10 == digits[10]


def is_ro_cnp(number: str) -> bool:
    """Sex and century, birth date, county, check digit."""
    check = weighted_sum(number, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return (
        number[0] != "0"
        and is_day(number[3:5], number[5:7])
        and 1 <= int(number[7:9]) <= 52
        and (1 if check == 10 else check) == int(number[12])
    )


def is_bg_egn(number: str) -> bool:
    """Birth date with the century in the month, check digit."""
    check = weighted_sum(number, (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10
    return is_day(int(number[2:4]) % 20, number[4:6]) and check == int(number[9])


def is_cz_rodne_cislo(number: str) -> bool:
    """Birth date (women: 50 added to the month; 20 where numbers ran out), divisible by 11."""
    return is_day(int(number[2:4]) % 50 % 20, number[4:6]) and int(number[:9]) % 11 % 10 == int(
        number[9]
    )


def is_jmbg(number: str) -> bool:
    """Birth date, region, modulus 11: all states that were Yugoslavia."""
    check = 11 - weighted_sum(number, (7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return is_day(number[2:4], number[:2]) and (0 if check > 9 else check) == int(number[12])


def is_baltic_code(number: str) -> bool:
    """Estonia and Lithuania: sex and century, birth date, check digit in two tries."""
    check = weighted_sum(number, (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if check == 10:
        check = weighted_sum(number, (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    return number[0] in "12345678" and is_day(number[3:5], number[5:7]) and check == int(number[10])


def is_lv_code(number: str) -> bool:
    """Birth date and check digit; numbers given since 2017 begin with 32 and have neither."""
    if number.startswith("32"):
        return True
    check = 1 + weighted_sum(number, (10, 5, 8, 4, 2, 1, 6, 3, 7, 9))
    return is_day(number[2:4], number[:2]) and check % 11 % 10 == int(number[10])


def is_hu_taj(number: str) -> bool:
    """Weights 3 and 7."""
    return weighted_sum(number, (3, 7, 3, 7, 3, 7, 3, 7)) % 10 == int(number[8]) and int(number) > 0


def is_gr_amka(number: str) -> bool:
    """Birth date, Luhn's digit."""
    return is_day(number[2:4], number[:2]) and passes_luhn(number)


def is_ru_snils(number: str) -> bool:
    """Pension Fund: the sum modulo 101."""
    return weighted_sum(number, range(9, 0, -1)) % 101 % 100 == int(number[9:]) and int(number) > 0


def is_ru_inn(number: str) -> bool:
    """A person's twelve digits, the last two of them checks."""
    weights = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
    return all(
        weighted_sum(number[:end], weights[11 - end :]) % 11 % 10 == int(number[end])
        for end in (10, 11)
    )


def is_ua_rnokpp(number: str) -> bool:
    """Tax number of a person, its first weight negative."""
    check = weighted_sum(number, (-1, 5, 7, 9, 4, 6, 10, 5, 7)) % 11 % 10
    return check == int(number[9])


def is_kz_iin(number: str) -> bool:
    """Birth date, century and sex, check digit in two tries."""
    check = weighted_sum(number, range(1, 12)) % 11
    if check == 10:
        check = weighted_sum(number, (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)) % 11
    return is_day(number[2:4], number[4:6]) and number[6] in "0123456" and check == int(number[11])


_CURP_SIGNS: Final = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ"  # Ñ is replaced by X


def is_mx_curp(number: str) -> bool:
    """Birth date, sex (H, M or X), check digit."""
    total = sum((18 - at) * _CURP_SIGNS.index(sign) for at, sign in enumerate(number[:17]))
    return (
        is_day(number[6:8], number[8:10]) and number[10] in "HMX" and -total % 10 == int(number[17])
    )


def is_cl_rut(number: str) -> bool:
    """Modulus 11, K for ten."""
    total = sum(int(digit) * (2 + at % 6) for at, digit in enumerate(reversed(number[:-1])))
    return "0K987654321"[total % 11] == number[-1]


def is_ar_cuil(number: str) -> bool:
    """A person's prefix, modulus 11."""
    check = 11 - weighted_sum(number, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return number[:2] in ("20", "23", "24", "27") and "012345678990"[check] == number[10]


def is_za_id(number: str) -> bool:
    """Birth date, citizenship, Luhn's digit."""
    return is_day(number[2:4], number[4:6]) and number[10] in "012" and passes_luhn(number)


def is_il_id(number: str) -> bool:
    """Luhn's digit."""
    return passes_luhn(number) and int(number) > 0


def is_th_id(number: str) -> bool:
    """Modulus 11."""
    check = (11 - weighted_sum(number, range(13, 1, -1)) % 11) % 10
    return number[0] != "0" and check == int(number[12])


def is_id_nik(number: str) -> bool:
    """Place, birth date (women: 40 added to the day), serial number."""
    return number[0] in "123456789" and is_day(number[8:10], int(number[6:8]) % 40)


_NO_MALAYSIAN_PLACE: Final = frozenset(
    {"00", "17", "18", "19", "20", "69", "70", "73", "80", "81", "94", "95", "96", "97"}
)


def is_my_nric(number: str) -> bool:
    """Birth date, place of birth."""
    return is_day(number[2:4], number[4:6]) and number[6:8] not in _NO_MALAYSIAN_PLACE
