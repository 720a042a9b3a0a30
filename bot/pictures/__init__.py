"""Pictures: those patients send for the care team, and the one of their own answers that we draw for them."""
