"""The commands of `tocsin`, one module each."""
