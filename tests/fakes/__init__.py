"""What stands in for a provider, and what breaks on purpose."""
