"""The one history of the database's schema, for the tables of both packages."""
