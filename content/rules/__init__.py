"""The rules of `saathi content check`, one small function each, and the word lists they use."""
