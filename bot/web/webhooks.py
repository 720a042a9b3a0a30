"""Where providers bring events: verified, stored, and only then acknowledged."""

from __future__ import annotations

from starlette.routing import BaseRoute

from bot.bootstrap import App


def routes(app: App) -> list[BaseRoute]:
    """One address for each channel that is set up."""
    return []
