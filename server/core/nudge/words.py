"""The words that tell what stands beside them, in six languages, lower case, as parts of patterns.

A word in a script without letter case has no boundary: Persian, Arabic and Burmese add endings to
it, and Chinese has no spaces. A Latin word has one on both sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


def _pattern(latin: str, others: Iterable[str]) -> str:
    """Return a pattern of Latin words, separated by `|`, and of words of other scripts."""
    return rf"(?:(?<![a-z])(?:{latin})(?![a-z])|{'|'.join(map(re.escape, others))})"


PHONE = _pattern(
    r"phone|telephone|tel|mobile|cell|call|text me|my number|number is|whats ?app|viber|sms",
    (
        *("تلفن", "موبایل", "شماره م", "شماره‌م", "شماره ام", "شماره‌ام", "شمارم", "زنگ بزن"),
        *("واتساپ", "واتس آپ", "هاتف", "جوال", "موبايل", "رقمي", "اتصل", "واتساب"),
        *("ဖုန်း", "телефон", "мой номер", "звони", "мобильн", "тел.", "тел:", "ватсап", "вотсап"),
        *("电话", "手机", "我的号码"),
    ),
)
"""In front of a telephone number."""

IDENTITY = _pattern(
    r"passport|ssn|social security|national id|national code|identity card|id card|id number|nrc",
    (
        *("کد ملی", "کدملی", "شماره ملی", "شناسنامه", "گذرنامه", "پاسپورت"),
        *("رقم الهوية", "رقم هوية", "هويتي", "الرقم الوطني", "الرقم القومي", "جواز السفر"),
        *("رقم جواز", "جوازي", "паспорт", "снилс", "инн", "身份证", "护照", "မှတ်ပုံတင်"),
    ),
)
"""In front of the number of a document."""

MESSENGER = _pattern(
    r"telegram|insta|instagram|snap|snapchat|whats ?app|discord|skype|viber|wechat|threema|kik"
    r"|facebook|fb|twitter|tiktok|tg|ig|vk|qq|signal|jabber|xmpp|line id",
    (
        *("تلگرام", "اینستاگرام", "اینستا", "واتساپ", "روبیکا", "ایتا", "سروش", "سیگنال"),
        *("تيليجرام", "تلجرام", "تليجرام", "تيلغرام", "انستغرام", "انستقرام", "انستا", "سناب"),
        *("واتساب", "فيسبوك", "телеграм", "телега", "телеге", "телегу", "тг", "инстаграм", "инста"),
        *("инсте", "вконтакте", "вк", "ватсап", "скайп", "微信", "扣扣"),
        *("တယ်လီဂရမ်", "ဖေ့စ်ဘုတ်", "အင်စတာ", "ဗိုင်ဘာ"),
    ),
)
"""The names of messengers and social networks."""

ACCOUNT_NAME = _pattern(
    r"id|name|user|username|handle|account|nick",
    ("آیدی", "ایدی", "معرف", "يوزر", "ник", "логин", "юзер", "号", "账号", "အကောင့်"),
)
"""What such a name is called."""

STREET_BEFORE = "|".join(
    (
        *("خیابان", "خیابون", "کوچه", "کوچۀ", "بلوار", "شارع", "улица", "улице", "улицу"),
        *("ул\\.", "проспект", "проспекте", "пр-т", "переулок", "переулке", "пер\\.", "бульвар"),
    )
)
"""What a street is called, in front of its name."""

HOUSE_NUMBER = "|".join(
    (
        *("پلاک", "شماره", "واحد", "رقم", "بناية", "بناء", "عمارة", "مبنى", "منزل", "شقة"),
        *("дом", "д\\.", "кв\\.", "квартира"),
    )
)
"""What stands in front of the number of a house or a flat."""

CHINESE_STREET = "路|街|巷|弄|大道|胡同"
CHINESE_HOUSE = "号|號|弄|栋|室"

BURMESE_STREET = "လမ်း"
BURMESE_NUMBER = "အမှတ်|တိုက်"

ENGLISH_STREET = "street|avenue|road|lane|boulevard|terrace|crescent|square"
ENGLISH_STREET_SHORT = "st|ave|rd|ln|blvd"
"""Followed by a full stop, a comma or the end of the line."""

NO_STREET_NAME = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "to",
        "from",
        "my",
        "your",
        "his",
        "her",
        "our",
        "their",
        "this",
        "that",
        "these",
        "and",
        "or",
        "in",
        "on",
        "at",
        "up",
        "down",
        "per",
        "for",
        "each",
        "every",
        "other",
        "more",
        "less",
        "minute",
        "minutes",
        "min",
        "hour",
        "hours",
        "hr",
        "day",
        "days",
        "week",
        "weeks",
        "month",
        "months",
        "year",
        "years",
        "time",
        "times",
        "km",
        "mile",
        "miles",
        "meter",
        "meters",
        "metre",
        "metres",
        "m",
        "people",
        "person",
        "car",
        "cars",
        "bus",
        "buses",
        "house",
        "houses",
        "block",
        "blocks",
        "lane",
        "lanes",
        "star",
        "side",
        "same",
        "next",
        "long",
        "way",
        "one",
        "two",
        "three",
        "big",
        "small",
        "new",
        "old",
        "busy",
        "different",
        "city",
        "is",
        "was",
        "are",
        "were",
        "with",
        "by",
        "off",
        "down",
        "across",
        "over",
        "under",
    ]
)
"""Words that do not stand between the number of a house and its street."""

AMOUNT = (
    r"%|\$|€|¥|tomans?\b|rials?\b|euros?\b|dollars?\b|kyats?\b|views\b|km\b|people\b|users\b"
    r"|تومان|تومن|ریال|دينار|ريال|جنيه|ليرة|руб|грн|человек|ကျပ်|元|块|人|نفر"
)
"""Behind a number that is an amount: currencies, and what people count."""
