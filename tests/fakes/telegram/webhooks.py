"""setWebhook, deleteWebhook, getWebhookInfo."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.telegram.delivery import Courier, Webhook
from tests.fakes.telegram.errors import bad_request
from tests.fakes.telegram.fields import Fields

PORTS = frozenset((80, 88, 443, 8443))
MOST_CONNECTIONS = 100
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


def checked(fields: Fields, sites: Mapping[str, str]) -> Webhook | None:
    """What setWebhook asks for; None: no webhook any more. Raises ApiError as Telegram does.

    `sites` says which address of this machine stands behind a public one, such as `https://saathi.example.org`.
    """
    url = fields.text("url").strip()
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme != "https":
        raise bad_request("bad webhook: an HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    target = sites.get(f"https://{parts.netloc}")
    if target is None:
        raise bad_request("bad webhook: Failed to resolve host: Name or service not known")
    secret = fields.text("secret_token")
    if fields.has("secret_token") and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    most = min(max(fields.number("max_connections", 40), 1), MOST_CONNECTIONS)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return Webhook(url, target.rstrip("/") + path, secret, most)


def info(courier: Courier) -> dict[str, Any]:
    """The Bot API's WebhookInfo."""
    webhook, updates = courier.webhook, courier.updates
    updates.expire()
    told: dict[str, Any] = {
        "url": webhook.url if webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(updates.waiting),
    }
    if webhook:
        told |= {"max_connections": webhook.max_connections, "ip_address": "192.0.2.1"}
        if webhook.error_at is not None:
            told |= {"last_error_date": int(webhook.error_at), "last_error_message": webhook.error}
    if updates.allowed is not None:
        told["allowed_updates"] = sorted(updates.allowed)
    return told
