"""`tocsin demo`: the real daemon with another clock and another source."""
