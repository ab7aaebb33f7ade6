"""Pictures made small: a screenshot has few colours, so a palette does."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

_HEAD = b"\x89PNG\r\n\x1a\n"
_COLOURS = 256


def small(png: bytes) -> bytes:
    """The picture with at most 256 colours: the most frequent ones, each other by the nearest of them."""
    pixels = _pixels(png)
    height, width, _ = pixels.shape
    packed = pixels.astype(np.uint32)
    keys = (packed[..., 0] << 16 | packed[..., 1] << 8 | packed[..., 2]).ravel()
    colours, index, counts = np.unique(keys, return_inverse=True, return_counts=True)
    kept = colours[np.argsort(-counts, kind="stable")[:_COLOURS]]
    nearest = np.array([_nearest(colour, kept) for colour in colours], dtype=np.uint8)
    rows = np.zeros((height, width + 1), dtype=np.uint8)  # each begins with its filter: none
    rows[:, 1:] = nearest[index].reshape(height, width)
    palette = b"".join(int(colour).to_bytes(3, "big") for colour in kept)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    body = zlib.compress(rows.tobytes(), 9)
    return _HEAD + _chunk(b"IHDR", header) + _chunk(b"PLTE", palette) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _nearest(colour: int, kept: npt.NDArray[np.uint32]) -> int:
    parts = [(kept >> shift & 255).astype(int) - (int(colour) >> shift & 255) for shift in (16, 8, 0)]
    return int(np.argmin(sum(part * part for part in parts)))


def _pixels(png: bytes) -> npt.NDArray[np.uint8]:
    """A PNG of 8-bit red, green and blue, perhaps with alpha, as rows of pixels."""
    place, data, header = len(_HEAD), b"", b""
    while place < len(png):
        length, kind = struct.unpack(">I4s", png[place : place + 8])
        content = png[place + 8 : place + 8 + length]
        header = content if kind == b"IHDR" else header
        data += content if kind == b"IDAT" else b""
        place += length + 12
    width, height, depth, colour = struct.unpack(">IIBB", header[:10])
    channels = {2: 3, 6: 4}[colour]
    assert depth == 8
    raw = np.frombuffer(zlib.decompress(data), dtype=np.uint8).reshape(height, width * channels + 1)
    lines = np.zeros((height, width * channels), dtype=np.uint8)
    above = np.zeros(width * channels, dtype=np.uint8)
    for n in range(height):
        above = lines[n] = _unfiltered(int(raw[n, 0]), raw[n, 1:], above, channels)
    return lines.reshape(height, width, channels)[..., :3]


def _unfiltered(
    kind: int, line: npt.NDArray[np.uint8], above: npt.NDArray[np.uint8], step: int
) -> npt.NDArray[np.uint8]:
    """One line as it was before its filter (PNG specification, section 9)."""
    if kind == 0:
        return line
    if kind == 2:
        return line + above
    if kind == 1:
        columns = line.reshape(-1, step).astype(np.uint32)
        return (np.cumsum(columns, axis=0) & 255).astype(np.uint8).ravel()
    out, up = bytearray(line), bytes(above)
    for n in range(len(out)):
        left = out[n - step] if n >= step else 0
        corner = up[n - step] if n >= step else 0
        guess = (left + up[n]) // 2 if kind == 3 else _paeth(left, up[n], corner)
        out[n] = out[n] + guess & 255
    return np.frombuffer(bytes(out), dtype=np.uint8)


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
