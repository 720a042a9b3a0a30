"""Sealing what identifies a patient, and finding it again.

Names, phones, addresses, texts and tokens are sealed with AES-256-GCM before they reach the database: one byte key
number, 12 bytes nonce, ciphertext with tag. The column's name is authenticated with it, so a sealed phone cannot be
passed off as a name. Look-ups go through an HMAC-SHA256 under a key of its own: plain hashes of phone numbers can be
enumerated in minutes. Sealing keys rotate (the first of the ring seals, all of them open); the look-up key stays.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from scheduler.errors import BadRequestError, KeyMissingError

_NONCE_BYTES = 12
_KEY_BYTES = 32
_SHORTEST = 1 + _NONCE_BYTES + 16
"""Key number, nonce and tag around an empty text."""
_LOOKUP = "lookup"


class KeyRing:
    """The sealing keys, newest first, and the look-up key."""

    def __init__(self, keys: Sequence[tuple[int, bytes]], lookup: bytes) -> None:
        """Take `keys` as (number 1-255, 32 bytes), newest first. Raises BadRequestError for an unusable ring."""
        if not keys:
            raise BadRequestError("The key ring has no sealing key: add one like 1:<base64 of 32 bytes>.")
        if len(lookup) != _KEY_BYTES or any(len(key) != _KEY_BYTES for _, key in keys):
            raise BadRequestError("Each key must be 32 bytes in base64.")
        if len({number for number, _ in keys}) != len(keys) or any(not 0 < number < 256 for number, _ in keys):
            raise BadRequestError("Key numbers must differ and lie between 1 and 255.")
        self._keys = tuple(keys)
        self._lookup = lookup
        self._ciphers = {number: AESGCM(key) for number, key in keys}
        self._current = keys[0][0]
        self._prefix = bytes([self._current])
        self._sealer = self._ciphers[self._current]

    def seal(self, column: str, text: str) -> bytes:
        """Seal `text` for `column` (`table.column`). A lone surrogate, which UTF-8 cannot hold, becomes '?'."""
        nonce = os.urandom(_NONCE_BYTES)
        return self._prefix + nonce + self._sealer.encrypt(nonce, text.encode("utf-8", "replace"), column.encode())

    def open(self, column: str, blob: bytes) -> str:
        """The text sealed for `column`. Raises KeyMissingError if no key of the ring opens it."""
        if len(blob) < _SHORTEST:
            raise KeyMissingError("Sealed data was cut short: nothing opens it.")
        cipher = self._ciphers.get(blob[0])
        if cipher is None:
            raise KeyMissingError(f"Data is sealed with key {blob[0]}, which is not in the key ring.")
        try:
            return cipher.decrypt(blob[1 : 1 + _NONCE_BYTES], blob[1 + _NONCE_BYTES :], column.encode()).decode()
        except InvalidTag as error:
            raise KeyMissingError(
                f"Key {blob[0]} does not open this data: it is another key, or the data was changed."
            ) from error

    def is_current(self, blob: bytes) -> bool:
        """Whether `blob` is sealed with the newest key."""
        return blob[0] == self._current

    def hash(self, kind: str, value: str) -> bytes:
        """32 bytes by which `value` of `kind` can be found again, and from which it cannot be told."""
        return hmac.digest(self._lookup, f"{kind}\0{value}".encode("utf-8", "replace"), "sha256")

    def rotated(self) -> KeyRing:
        """A ring with a fresh sealing key in front. Raises BadRequestError when all 255 numbers are used."""
        number = max(n for n, _ in self._keys) + 1
        return KeyRing([(number, secrets.token_bytes(_KEY_BYTES)), *self._keys], self._lookup)

    def only_current(self) -> KeyRing:
        """The ring without the old sealing keys, for when nothing is sealed with them any more."""
        return KeyRing(self._keys[:1], self._lookup)

    def spec(self) -> str:
        """The ring as text: `2:<base64>,1:<base64>,lookup:<base64>`."""
        parts = [f"{number}:{base64.b64encode(key).decode()}" for number, key in self._keys]
        return ",".join([*parts, f"{_LOOKUP}:{base64.b64encode(self._lookup).decode()}"])

    @classmethod
    def generate(cls) -> KeyRing:
        """A new ring with one sealing key."""
        return cls([(1, secrets.token_bytes(_KEY_BYTES))], secrets.token_bytes(_KEY_BYTES))

    @classmethod
    def parse(cls, spec: str) -> KeyRing:
        """Read what `spec()` wrote; commas or new lines between keys. Raises BadRequestError with what is wrong."""
        keys: list[tuple[int, bytes]] = []
        lookup: bytes | None = None
        for part in spec.replace("\n", ",").split(","):
            if not part.strip():
                continue
            name, _, value = part.strip().partition(":")
            try:
                key = base64.b64decode(value, validate=True)
            except ValueError as error:
                raise BadRequestError(f"Key '{name[:10]}' is not base64.") from error
            if name == _LOOKUP:
                lookup = key
            elif name.isdigit():
                keys.append((int(name), key))
            else:
                raise BadRequestError("A key must look like 1:<base64> or lookup:<base64>.")
        if lookup is None:
            raise BadRequestError("The key ring has no look-up key: add lookup:<base64 of 32 bytes>.")
        return cls(keys, lookup)

    @classmethod
    def load_or_create(cls, path: Path) -> tuple[KeyRing, bool]:
        """The ring in the file `path`, made with mode 0600 if there is none; and whether it was made just now.

        Raises BadRequestError if the file can be read by others or is not a key ring.
        """
        if path.exists():
            if path.stat().st_mode & 0o077:
                raise BadRequestError(f"Others can read the key file {path}: run chmod 600 on it.")
            return cls.parse(path.read_text()), False
        path.parent.mkdir(parents=True, exist_ok=True)
        ring = cls.generate()
        ring.save(path)
        return ring, True

    def save(self, path: Path) -> None:
        """Write the ring to `path` with mode 0600, whole or not at all."""
        temporary = path.with_name(path.name + ".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(self.spec().replace(",", "\n") + "\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
