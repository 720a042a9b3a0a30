"""Tests of Saathi, laid out like the code they test."""
