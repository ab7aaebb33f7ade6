"""The configuration: its shape, its loading, and what ships with it."""
