"""The web part, served, as in the tests of the pages."""

from __future__ import annotations

from tests.web.conftest import empty_database, empty_store, site

__all__ = ["empty_database", "empty_store", "site"]
