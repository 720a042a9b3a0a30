"""Every setting, read from environment variables with the prefix `SAATHI_` and checked once at the start.

docs/settings.md lists them; a test keeps the two together. A wrong setting becomes one plain sentence, which never
repeats a value that may be secret.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from scheduler.crypto import KeyRing

PREFIX = "SAATHI_"
KEY_FILE = "keys"
"""Name of the key file inside DATA_DIR."""


_TOKEN = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{10,100}")
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
"""Bot API, setWebhook: secret_token."""


class SettingsError(Exception):
    """Settings the start cannot go on with: `problems` holds one plain sentence each."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the sentences; the message is all of them, one a line."""
        self.problems = problems
        super().__init__("\n".join(problems))


class Settings(BaseSettings):
    """What the person who runs Saathi may choose. Descriptions say what a value means and how it must look."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    host: str = Field(
        default="127.0.0.1", description="The address to listen on; 0.0.0.0 is every address of the machine."
    )
    port: int = Field(
        default=8000, ge=0, le=65535, description="a whole number from 1 to 65535, or 0 for any free port"
    )
    public_url: str = Field(default="", description="an address such as https://saathi.example.org")
    data_dir: Path = Field(default=Path("data"), description="a folder that may be written to")
    database_url: SecretStr = Field(
        default=SecretStr(""),
        description="an address such as postgresql://user:password@host/name or sqlite:///path/to/saathi.db",
    )
    timezone: str = Field(default="Asia/Kolkata", description="a time zone name such as Asia/Kolkata")
    encryption_keys: SecretStr = Field(default=SecretStr(""), description="a key ring as in the key file")
    telegram_token: SecretStr = Field(
        default=SecretStr(""), description="a bot token as BotFather gives it, like 123456:ABC-DEF"
    )
    telegram_api_url: str = Field(
        default="https://api.telegram.org", description="an address such as https://api.telegram.org"
    )
    telegram_webhook_secret: SecretStr = Field(
        default=SecretStr(""), description="1 to 256 letters, digits, - or _; without it Saathi asks Telegram for news"
    )
    clinic_file: Path | None = Field(default=None, description="a YAML file that exists")
    require_signed_content: bool = Field(default=False, description="true or false")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="one of debug, info, warning, error"
    )
    log_format: Literal["console", "json"] = Field(default="console", description="console or json")

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (LookupError, ValueError, OSError) as error:
            raise ValueError("no such zone") from error
        return value

    @field_validator("telegram_token")
    @classmethod
    def _looks_like_a_token(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not _TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("not a token")
        return value

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _allowed_by_telegram(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not _WEBHOOK_SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("not a secret Telegram takes")
        return value

    @field_validator("public_url", "telegram_api_url")
    @classmethod
    def _looks_like_an_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("not an address")
        return value.rstrip("/")

    @field_validator("clinic_file")
    @classmethod
    def _exists(cls, value: Path | None) -> Path | None:
        if value and not value.is_file():
            raise ValueError("no such file")
        return value

    @field_validator("database_url")
    @classmethod
    def _async_driver(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        return SecretStr(_with_async_driver(text)) if text else value

    @field_validator("encryption_keys")
    @classmethod
    def _usable_keys(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            KeyRing.parse(value.get_secret_value())
        return value

    @property
    def database(self) -> str:
        """The database's address with its driver; the default is a SQLite file in DATA_DIR. May hold a password."""
        default = URL.create("sqlite+aiosqlite", database=str(self.data_dir / "saathi.db"))
        return self.database_url.get_secret_value() or default.render_as_string()

    @property
    def on_sqlite(self) -> bool:
        """Whether the database is SQLite, which serves one process."""
        return make_url(self.database).get_backend_name() == "sqlite"

    @property
    def key_file(self) -> Path:
        """Where the keys are kept unless ENCRYPTION_KEYS is set."""
        return self.data_dir / KEY_FILE


def cache_folder() -> Path | None:
    """Where this user's programs keep what they can make again (XDG Base Directory); None if nobody can say.

    It is made by whoever writes there first.
    """
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        return (given if given.is_absolute() else Path.home() / ".cache") / "saathi"
    except RuntimeError:  # a user without a home
        return None


def _with_async_driver(url: str) -> str:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ValueError("not a database address") from error
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
    driver = drivers.get(parsed.drivername.partition("+")[0])
    if driver is None:
        raise ValueError("neither SQLite nor PostgreSQL")
    if driver.startswith("sqlite") and parsed.database in {None, "", ":memory:"}:
        raise ValueError("a database in memory forgets everything")
    return parsed.set(drivername=driver).render_as_string(hide_password=False)


def load(environ: Mapping[str, str] = os.environ, **chosen: Any) -> Settings:
    """The settings of this environment; `chosen` (field names) goes before it.

    Raises SettingsError with all problems at once.
    """
    problems = _misspelt(environ)
    try:
        settings = Settings(**chosen)
    except ValidationError as error:
        raise SettingsError(problems + [_sentence(dict(e)) for e in error.errors(include_url=False)]) from None
    if problems:
        raise SettingsError(problems)
    return settings


def _sentence(error: dict[str, Any]) -> str:
    field = str(error["loc"][0]) if error["loc"] else ""
    name = PREFIX + field.upper()
    if field not in Settings.model_fields:
        return f"{name} is not a setting."
    if field == "encryption_keys":
        # The sentences of KeyRing name what is wrong, never a key.
        return f"{name} cannot be used: {error['ctx']['error']}"
    return f"{name} must be {Settings.model_fields[field].description}."


def _misspelt(environ: Mapping[str, str]) -> list[str]:
    """One sentence for each variable that is nearly a setting; a typing slip would otherwise pass unseen."""
    known = [PREFIX + field.upper() for field in Settings.model_fields]
    sentences = []
    for name in sorted(environ):
        if not name.upper().startswith(PREFIX) or name.upper() in known:
            continue
        near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.85)
        if near:
            sentences.append(f"{name} is not a setting: did you mean {near[0]}?")
    return sentences
