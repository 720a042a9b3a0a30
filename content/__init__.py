"""The words: journeys, answers, warning signs and replies, with their schema and checks. Knows nobody."""
