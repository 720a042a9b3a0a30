"""Answering: language, retrieval, and the text that comes out."""
