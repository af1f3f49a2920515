"""The bound: aiohttp reads the body and answers 200, and nothing else.

python benches/bare_server.py PORT
"""

import sys

from aiohttp import web


async def read(request: web.Request) -> web.Response:
    await request.read()
    return web.json_response({})


def main(port: int) -> None:
    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_post("/{path:.*}", read)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]))
