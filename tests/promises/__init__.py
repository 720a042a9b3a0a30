"""Each promise of the design has a test named after it."""
