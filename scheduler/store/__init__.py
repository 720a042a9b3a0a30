"""The database behind one door: tables, types, transactions."""
