"""Settings, start, command line, logs, metrics, health."""
