"""Pure detectors: of meaning in a text, and of crises in counts."""
