"""What several tests need: the Internet guard, the embedded PostgreSQL, databases, the repository on disk."""
