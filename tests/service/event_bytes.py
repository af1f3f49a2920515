"""Write TensorBoard's event files, the slow and obvious way."""

import struct

WALL_TIME = 1_700_000_000.0


def crc32c(content):
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(content):
    crc = crc32c(content)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def record(payload):
    head = struct.pack("<Q", len(payload))
    return b"".join(
        (head, struct.pack("<I", masked(head)), payload, struct.pack("<I", masked(payload)))
    )


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def number(place, value):
    return varint(place << 3) + varint(value)


def double(place, value):
    return varint(place << 3 | 1) + struct.pack("<d", value)


def single(place, value):
    return varint(place << 3 | 5) + struct.pack("<f", value)


def part(place, content):
    return varint(place << 3 | 2) + varint(len(content)) + content


def packed(place, code, values):
    return part(place, struct.pack(f"<{len(values)}{code}", *values))


def plugin(name):
    return part(9, part(1, part(1, name.encode())))


def scalar(tag, value):
    return part(1, part(1, tag.encode()) + single(2, value))


def histogram(tag, limits, counts, least=0.0, most=0.0):
    ends = double(1, least) + double(2, most)
    bins = packed(6, "d", limits) + packed(7, "d", counts)
    return part(1, part(1, tag.encode()) + part(5, ends + bins))


def image(tag):
    return part(1, part(1, tag.encode()) + part(4, number(1, 1) + part(4, b"png")))


def tensor(tag, kind, content, shape=(), name="scalars"):
    sizes = b"".join(part(2, number(1, size)) for size in shape)
    message = number(1, kind) + part(2, sizes) + content
    return part(1, part(1, tag.encode()) + part(8, message) + plugin(name))


def event(step, *values, wall_time=WALL_TIME):
    """Make an event's payload."""
    return double(1, wall_time) + number(2, step) + part(5, b"".join(values))


VERSION = double(1, WALL_TIME) + part(3, b"brain.Event:2")


def write(path, *payloads):
    """Make an event file, its folder too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(map(record, (VERSION, *payloads))))
    return path
