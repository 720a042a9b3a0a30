"""HTTP: the start page, health and metrics, and the demo page. What knows cookies, headers and templates lives here."""
