"""A mailbox for answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.dovecot import PostOffice, post_office


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A mailbox on a real IMAP server."""
    with post_office() as running:
        yield running
