"""Texts that nobody expects: they must be answered kindly, and must break nothing."""

from __future__ import annotations

NOISE = (
    "",
    "   ",
    "🙏🙏🙏",
    "👍",
    "?",
    "/unknowncommand",
    "/start",
    "/start notatoken",
    "a" * 10_000,
    "दर्द " * 2_000,
    "\u202egnorw si siht\u202c",
    "broken \udcff\udcfe bytes",
    "zero\u200bwidth\u200djoiners",
    "1/2/3/4/5",
    "99999999999999999999",
    "{name} {hospital_phone}",
    "<b>bold</b> & 'quotes' \"too\"",
    "Robert'); DROP TABLE person;--",
    "\x00\x07",
)
