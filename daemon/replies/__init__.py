"""What to say in public, and whether it is fit to be said."""
