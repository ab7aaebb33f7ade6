"""Pure rules: what is owed to whom, and when."""
