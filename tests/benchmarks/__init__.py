"""How fast it is: ratios to a bare limit and to what others use, measured side by side in one run (`make bench`)."""
