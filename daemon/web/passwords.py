"""Password hashes (argon2id), checked off the event loop, and a brake on guessing."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from daemon.clock import Clock

MAX_PASSWORD: Final = 1024  # characters; nobody types more, and hashing is work

_WINDOW: Final = 300.0  # seconds
_PER_NAME: Final = 5  # failures of one name from one address
_PER_ADDRESS: Final = 30  # failures from one address
_REMEMBERED: Final = 10_000  # names and addresses; the oldest is forgotten first


def hash_password(password: str) -> str:
    """What goes into the configuration as ``password_hash``.

    Raises ``ValueError`` for a password that is empty or too long.
    """
    if not 1 <= len(password) <= MAX_PASSWORD:
        raise ValueError(f"expected a password of 1 to {MAX_PASSWORD} characters")
    return PasswordHasher().hash(password)


def verify_password(password_hash: str, password: str) -> bool:
    """Whether ``password`` is the one that was hashed. Takes some 50 ms on purpose."""
    try:
        return PasswordHasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


class Doorkeeper:
    """Checks passwords; guessing soon has to wait."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        self._at_once = asyncio.Semaphore(2)  # argon2 takes 64 MiB each

    def wait(self, address: str, name: str) -> int:
        """Seconds before ``name`` may be tried again from ``address``; 0: now."""
        return max(self._wait((address, name), _PER_NAME), self._wait((address, ""), _PER_ADDRESS))

    async def check(self, address: str, name: str, password: str, password_hash: str | None) -> bool:
        """Whether the password is right; ``password_hash`` None: no such user, which takes as long."""
        known = password_hash if password_hash is not None else _nobody()
        async with self._at_once:
            right = await asyncio.to_thread(verify_password, known, password[: MAX_PASSWORD + 1])
        if right and password_hash is not None:
            self._failures.pop((address, name), None)
            return True
        for key in ((address, name), (address, "")):
            self._failures.setdefault(key, deque(maxlen=_PER_ADDRESS)).append(self._clock.monotonic())
            self._failures.move_to_end(key)
        while len(self._failures) > _REMEMBERED:
            self._failures.popitem(last=False)
        return False

    def _wait(self, key: tuple[str, str], allowed: int) -> int:
        failures = self._failures.get(key, deque())
        now = self._clock.monotonic()
        while failures and now - failures[0] >= _WINDOW:
            failures.popleft()
        return 0 if len(failures) < allowed else int(_WINDOW - (now - failures[-allowed])) + 1


@cache
def _nobody() -> str:
    return hash_password("nobody has this password")
