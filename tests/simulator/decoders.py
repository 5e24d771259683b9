"""Readers for the two codings that are written as uncompressed blocks, from their RFCs and no more."""


def brotli(data: bytes) -> bytes:
    """RFC 7932 with a 16-bit window and uncompressed meta-blocks only."""
    out, at, bits, shift = bytearray(), 0, 0, 1
    assert data[0] & 1 == 0, "WBITS: window of 16 bits"
    while True:
        bits = int.from_bytes(data[at : at + 3], "little") >> shift
        if bits & 1:
            assert bits & 2, "ISLASTEMPTY"
            assert at + 1 == len(data)
            return bytes(out)
        assert bits >> 1 & 3 == 0, "MNIBBLES: four"
        assert bits >> 19 & 1, "ISUNCOMPRESSED"
        size, at, shift = (bits >> 3 & 0xFFFF) + 1, at + 3, 0
        out += data[at : at + size]
        at += size


def zstd(data: bytes) -> bytes:
    """RFC 8878: one frame, single segment, content size of four bytes, raw blocks only."""
    assert data[:5] == b"\x28\xb5\x2f\xfd\xa0"
    size, out, at, last = int.from_bytes(data[5:9], "little"), bytearray(), 9, 0
    while not last:
        header = int.from_bytes(data[at : at + 3], "little")
        last, kind, length = header & 1, header >> 1 & 3, header >> 3
        assert kind == 0, "Raw_Block"
        out += data[at + 3 : at + 3 + length]
        at += 3 + length
    assert (len(out), at) == (size, len(data))
    return bytes(out)
