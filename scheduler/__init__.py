"""Who, when, and what leaves: people, consent, plans, reminders, outbox, dispatcher, ticker, store."""
