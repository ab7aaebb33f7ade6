"""Whether the daemon is alive and ready, as its parts say.

Alive: restarting would not help. Ready: every part works, so mentions are taken and alerts go out.
"""

from __future__ import annotations

from typing import Any

import msgspec

VITAL = frozenset({"store"})  # without it the daemon is of no use; everything else may come back by itself


class Check(msgspec.Struct, frozen=True):
    """What one part says of itself."""

    ok: bool
    detail: str


class Health:
    """Named checks. A part that has said nothing yet is not ready, but not dead either."""

    def __init__(self, *names: str) -> None:
        """``names``: the parts that must have reported before the daemon is ready."""
        self._starting = Check(ok=False, detail="starting")
        self._checks: dict[str, Check] = dict.fromkeys(names, self._starting)

    def set(self, name: str, ok: bool, detail: str) -> None:  # noqa: FBT001 - reads as a sentence: set("mqtt", True, …)
        """Record what the part ``name`` says of itself; ``detail`` is one line for people."""
        self._checks[name] = Check(ok=ok, detail=detail)

    @property
    def checks(self) -> dict[str, Check]:
        """The last word of every part."""
        return dict(self._checks)

    @property
    def alive(self) -> bool:
        """No vital part has failed."""
        return all(check.ok or check is self._starting for name, check in self._checks.items() if name in VITAL)

    @property
    def is_ready(self) -> bool:
        """Every part has reported, and works."""
        return all(check.ok for check in self._checks.values())

    def live(self) -> dict[str, Any]:
        """The body of /healthz."""
        return self._view(ok=self.alive)

    def ready(self) -> dict[str, Any]:
        """The body of /readyz."""
        return self._view(ok=self.is_ready)

    def _view(self, *, ok: bool) -> dict[str, Any]:
        checks = {name: {"ok": check.ok, "detail": check.detail} for name, check in self._checks.items()}
        return {"status": "ok" if ok else "failing", "checks": checks}
