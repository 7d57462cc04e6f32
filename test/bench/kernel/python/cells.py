"""Runs cells that users of TypeScript kernels write, each after what it needs, and checks what is shown."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from connection import NoReply, texts
from features import start_kernel

TIMEOUT = 30
"""Seconds without a message after which a cell counts as failed."""

PLOT = """import * as Plot from "@observablehq/plot";
import { JSDOM } from "jsdom";
Plot.plot({ document: new JSDOM("").window.document, marks: [Plot.dot([[1, 2], [3, 4]])] })"""

JSX = """import React from "react";
import { renderToString } from "react-dom/server";
renderToString(<b>{40 + 2}</b>)"""

CHILD = """import { execSync } from "node:child_process";
execSync("echo from-$((40 + 2))", { stdio: "inherit" });"""

USING = "{ using held = { [Symbol.dispose]() { console.log(`closed ${40 + 2}`) } }; }"

SQLITE = """import Database from "better-sqlite3";
new Database(":memory:").prepare("select 40 + 2 as found").get().found"""

PNG = """import sharp from "sharp";
await sharp({ create: { width: 4, height: 4, channels: 3, background: "red" } }).png().toBuffer()"""


class Server:
    """A web server whose answer to all requests is a JSON object."""

    def __enter__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}/"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"name": "Ada"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def succeed(kernel, *codes):
    """Runs cells. Returns what the last one publishes, or None if one fails."""
    published = None
    for code in codes:
        reply, published = kernel.execute(code, TIMEOUT)
        if reply["status"] != "ok":
            return None
    return published


def shows(text, *codes):
    """Whether the cells run, and the last one shows or prints a text."""

    def check(kernel, _):
        published = succeed(kernel, *codes)
        return published is not None and text in texts(published)

    return check


def shows_data(matches, *codes):
    """Whether the cells run, and the last one shows data that match, as a MIME type and its value."""

    def check(kernel, _):
        published = succeed(kernel, *codes) or []
        bundles = [message.content.get("data", {}) for message in published]
        return any(matches(kind, str(value)) for bundle in bundles for kind, value in bundle.items())

    return check


def is_figure(kind, value):
    return kind.startswith("image/") or (kind == "text/html" and "<svg" in value)


def fetches(kernel, url):
    return shows("Ada", f'(await (await fetch("{url}")).json()).name')(kernel, url)


def survives_rejection(kernel, _):
    succeed(kernel, 'Promise.reject(new Error("unhandled"));')
    time.sleep(1)
    return kernel.alive() and shows("42", "40 + 2")(kernel, _)


def refuses(kernel, _):
    reply, published = kernel.execute("const text: string = 5; console.log(`ran ${40 + 2}`)", TIMEOUT)
    return reply["status"] == "error" and "ran 42" not in texts(published)


CELLS = {
    "esm": shows("42", 'const { default: chalk } = await import("chalk");', "chalk.bold(`${40 + 2}`)"),
    "untyped": shows("42", 'import lodash from "lodash";', "lodash.sum([40, 2])"),
    "parameters": shows("42", "function half(x) { return x / 2 }", "half(84)"),
    "json": fetches,
    "again": shows("42", "const again = 1", 'const again = "four"', "again.length + 38"),
    "local": shows("Bea", 'import { mk } from "./mk";', 'mk("Bea").name'),
    "figure": shows_data(is_figure, PLOT),
    "jsx": shows("<b>42</b>", JSX),
    "child": shows("from-42", CHILD),
    "using": shows("closed 42", USING),
    "enum": shows("42", "enum Colour { Red = 40 }", "Colour.Red + 2"),
    "native": shows("42", SQLITE),
    "rejection": survives_rejection,
    "image": shows_data(lambda kind, _: kind == "image/png", PNG),
    "mistyped": refuses,
}


def find(name, folder):
    """Runs all cells in a folder: whether each does what it should. After a failure the kernel is restarted."""
    found, kernel = {}, None
    with Server() as url:
        try:
            for cell, holds in CELLS.items():
                if kernel is None:
                    kernel = start_kernel(name, folder)
                try:
                    found[cell] = bool(holds(kernel, url))
                except NoReply:
                    found[cell] = False
                if not found[cell] or not kernel.alive():
                    kernel.end()
                    kernel = None
            return found
        finally:
            if kernel is not None:
                kernel.end()
