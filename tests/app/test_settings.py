from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot import settings
from bot.settings import Settings, SettingsError
from scheduler.crypto import KeyRing

SECRET = "postgresql://user:hunter2@host/name"


def problems(monkeypatch: pytest.MonkeyPatch, **environ: str) -> list[str]:
    """What the start says about these variables."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        settings.load()
    return caught.value.problems


def test_no_settings_at_all_are_enough() -> None:
    """Without any setting it is SQLite in ./data, on this machine only."""
    found = settings.load()
    assert (found.host, found.port, found.timezone) == ("127.0.0.1", 8000, "Asia/Kolkata")
    assert found.database == "sqlite+aiosqlite:///data/saathi.db"
    assert found.on_sqlite


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "eighty", "SAATHI_PORT must be a whole number from 1 to 65535, or 0 for any free port."),
        ("PORT", "70000", "SAATHI_PORT must be a whole number from 1 to 65535, or 0 for any free port."),
        ("TIMEZONE", "Asia/Lucknow", "SAATHI_TIMEZONE must be a time zone name such as Asia/Kolkata."),
        ("TIMEZONE", "../../etc/passwd", "SAATHI_TIMEZONE must be a time zone name such as Asia/Kolkata."),
        (
            "PUBLIC_URL",
            "saathi.example.org",
            "SAATHI_PUBLIC_URL must be an address such as https://saathi.example.org.",
        ),
        ("CLINIC_FILE", "/nowhere/clinic.yaml", "SAATHI_CLINIC_FILE must be a YAML file that exists."),
        ("REQUIRE_SIGNED_CONTENT", "perhaps", "SAATHI_REQUIRE_SIGNED_CONTENT must be true or false."),
        ("LOG_LEVEL", "loud", "SAATHI_LOG_LEVEL must be one of debug, info, warning, error."),
        ("LOG_FORMAT", "xml", "SAATHI_LOG_FORMAT must be console or json."),
        ("PROT", "9000", "SAATHI_PROT is not a setting: did you mean SAATHI_PORT?"),
    ],
)
def test_a_wrong_setting_is_one_plain_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    """Each wrong setting says its name and what it must be."""
    assert problems(monkeypatch, **{f"SAATHI_{name}": value}) == [sentence]


def test_every_wrong_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to start five times to find five mistakes."""
    found = problems(monkeypatch, SAATHI_PORT="x", SAATHI_TIMEZONE="x", SAATHI_HOTS="x")
    assert len(found) == 3


@pytest.mark.parametrize(
    "url",
    [
        "mysql://user:hunter2@host/name",
        "hunter2",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://user:hunter2@host:x/n",
    ],
)
def test_a_wrong_database_is_refused_without_its_password(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """The sentence about a database address never repeats it."""
    (found,) = problems(monkeypatch, SAATHI_DATABASE_URL=url)
    assert found.startswith("SAATHI_DATABASE_URL must be an address such as")
    assert "hunter2" not in found


@pytest.mark.parametrize(
    ("given", "used"),
    [
        (SECRET, "postgresql+asyncpg://user:hunter2@host/name"),
        ("postgres://host/name", "postgresql+asyncpg://host/name"),
        ("postgresql+psycopg2://host/name", "postgresql+asyncpg://host/name"),
        ("sqlite:////srv/saathi.db", "sqlite+aiosqlite:////srv/saathi.db"),
    ],
)
def test_a_plain_database_address_gets_its_driver(monkeypatch: pytest.MonkeyPatch, given: str, used: str) -> None:
    """People write postgresql://; the driver is our business."""
    monkeypatch.setenv("SAATHI_DATABASE_URL", given)
    assert settings.load().database == used


def test_keys_that_cannot_be_used_are_refused_without_showing_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says what is wrong with the ring, and no key stands in it."""
    ring = KeyRing.generate().spec()
    (found,) = problems(monkeypatch, SAATHI_ENCRYPTION_KEYS=ring.split(",", maxsplit=1)[0])
    assert found.startswith("SAATHI_ENCRYPTION_KEYS cannot be used: The key ring has no look-up key")
    assert ring[2:20] not in found


def test_secrets_do_not_show_in_the_settings_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printing the settings shows neither a password nor a key."""
    ring = KeyRing.generate().spec()
    monkeypatch.setenv("SAATHI_DATABASE_URL", SECRET)
    monkeypatch.setenv("SAATHI_ENCRYPTION_KEYS", ring)
    shown = repr(settings.load())
    assert "hunter2" not in shown
    assert ring not in shown


def test_every_setting_is_documented_with_its_default() -> None:
    """docs/settings.md has one row for each setting, and no row for anything else."""
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `SAATHI_(\w+)` \| (.*?) \|", page, flags=re.MULTILINE))
    assert set(rows) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, str | int | Path) and field.default != "":
            assert rows[name.upper()] == f"`{str(field.default).lower() if field.default is False else field.default}`"
