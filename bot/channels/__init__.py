"""One folder a channel, holding all of it. Nothing outside a channel's folder names its fields, limits or codes."""
