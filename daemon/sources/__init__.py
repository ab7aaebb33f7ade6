"""Ways in: bytes to mentions, acknowledged after the commit."""
