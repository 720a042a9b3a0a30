"""One file a change. A file that has landed is never edited."""
