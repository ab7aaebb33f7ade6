"""Ways out: one class each, with one method."""
