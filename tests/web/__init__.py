"""Tests of the pages: over HTTP without a network, and in a real browser."""
