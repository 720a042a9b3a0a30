"""Talking: channels, triage, answers, conversation, staff, web, settings, command line, migrations."""
