"""Staff: who they are, what they may do, and what they do to a patient's follow-up."""
