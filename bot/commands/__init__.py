"""The sub-commands of `saathi`, one file a group; each is a few lines over a use case."""
