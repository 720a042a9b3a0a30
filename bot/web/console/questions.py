"""Questions handed over to the care team, and answering them."""

from __future__ import annotations

from starlette.routing import BaseRoute

from bot.bootstrap import App
from bot.web.templates import Templates


def routes(app: App, templates: Templates) -> list[BaseRoute]:
    """The addresses of this part of the console."""
    return []
