"""The tables of talking: what came in, where each chat stands, what was found out."""
