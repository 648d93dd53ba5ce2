"""The check digits of cards, accounts and identity numbers.

Source: python-stdnum (`luhn`, `iban`, `cn.ric`); persian-tools (`verifyIranianNationalId`).
"""

from __future__ import annotations

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def is_luhn(digits: str) -> bool:
    """Check the number of a card: ISO/IEC 7812, Luhn's formula."""
    plain = sum(int(digit) for digit in digits[::-2])
    return (plain + sum(_DOUBLED[int(digit)] for digit in digits[-2::-2])) % 10 == 0


def is_iban(account: str) -> bool:
    """Check an account number of ASCII letters and digits: ISO 13616, modulo 97."""
    moved = account[4:] + account[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def is_iranian_identity(digits: str) -> bool:
    """Check ten digits as an Iranian national code."""
    if len(set(digits)) == 1 or not int(digits[3:9]):
        return False
    rest = sum(int(digit) * (10 - at) for at, digit in enumerate(digits[:9])) % 11
    return int(digits[9]) == (rest if rest < 2 else 11 - rest)


def is_chinese_identity(number: str) -> bool:
    """Check seventeen digits and a digit or `x` as a Chinese resident identity number."""
    last = (1 - 2 * int(number[:-1], 13)) % 11
    return number[-1] == ("x" if last == 10 else str(last))
