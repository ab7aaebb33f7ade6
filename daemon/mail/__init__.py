"""Answers to our mails: read from a mailbox, verified, done, and answered."""
