"""Whose request it is where a proxy stands between: the address that guessing is counted by."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from aiohttp import web


def client_address(request: web.Request, trusted: Sequence[str]) -> str:
    """The nearest address on the way here that is no proxy of ours; what those beyond it claim is not believed."""
    hops = [hop.strip() for line in request.headers.getall("X-Forwarded-For", ()) for hop in line.split(",")]
    return nearest_stranger(request.remote or "", hops, trusted)


def nearest_stranger(peer: str, hops: Sequence[str], trusted: Sequence[str]) -> str:
    """The last of ``hops`` and then ``peer`` that is not in ``trusted``, read from our end.

    >>> ours = ["10.0.0.0/8"]
    >>> nearest_stranger("10.0.0.1", ["6.6.6.6", "192.0.2.7", "10.0.0.2"], ours)
    '192.0.2.7'
    >>> nearest_stranger("192.0.2.7", ["6.6.6.6"], ours)
    '192.0.2.7'
    """
    address = peer
    for hop in reversed(hops):
        if not _within(address, trusted) or not _is_address(hop):
            break
        address = hop
    return address


def _within(address: str, networks: Sequence[str]) -> bool:
    return _is_address(address) and any(ip_address(address) in ip_network(each) for each in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
