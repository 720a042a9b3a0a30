"""Saathi on Telegram, over real HTTP against the fake Bot API server; and that server's own contract."""
