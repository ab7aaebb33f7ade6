"""Where a webhook may lead: public addresses only, unless its settings say otherwise.

The address is judged where the socket is made, after the name was resolved: a name cannot lead
elsewhere between the look and the leap.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class ForbiddenAddress(OSError):
    """The URL leads to an address that a webhook may not reach."""


def is_public(text: str) -> bool:
    """Whether an IP address belongs to the public internet; an IPv4 address inside an IPv6 one counts as itself.

    >>> [is_public(text) for text in ("93.184.215.14", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1")]
    [True, False, False, False]
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return address.is_global and not address.is_multicast


def public_socket(target: tuple[Any, Any, Any, Any, tuple[Any, ...]]) -> socket.socket:
    """A socket for one resolved address, as `aiohttp.TCPConnector` asks for it.

    Raises ``ForbiddenAddress``.
    """
    family, kind, protocol, _, address = target
    if not is_public(str(address[0])):
        raise ForbiddenAddress(f"{address[0]} is not a public address")
    return socket.socket(family, kind, protocol)
