"""One flow a file: what it answers, and whether the event was its own."""
