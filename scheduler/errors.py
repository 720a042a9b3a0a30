"""Every error of the scheduler, with one root. The message is a sentence staff can act on."""

from __future__ import annotations


class SaathiError(Exception):
    """Something went wrong that Saathi can name."""


class BadRequestError(SaathiError, ValueError):
    """What was asked for cannot be done as given; the sentence says what to change."""


class NotFoundError(SaathiError, LookupError):
    """What was named does not exist."""


class KeyMissingError(SaathiError, LookupError):
    """Data was sealed with a key that is not in the key ring."""
