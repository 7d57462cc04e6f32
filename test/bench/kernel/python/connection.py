"""A kernel that was started as its kernelspec says, and a client that speaks to it with as little in between as can be:
ZeroMQ's sockets, jupyter_client's signatures, nothing that runs in the background.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import psutil
import zmq
from jupyter_client.connect import write_connection_file
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.session import Session

DELIMITER = b"<IDS|MSG>"
EXECUTE = {
    "silent": False,
    "store_history": True,
    "user_expressions": {},
    "allow_stdin": False,
    "stop_on_error": True,
}
AGAIN = 5
"""Seconds without a reply after which a first request is sent once more."""


class Silence(Exception):
    """The kernel did not say in time what was waited for."""


class Message:
    """What a kernel sent: its type, the id of the request that it belongs to, and its content."""

    def __init__(self, frames):
        header, parent, _, content = frames[frames.index(DELIMITER) + 2 :][:4]
        self.type = json.loads(header)["msg_type"]
        self.parent = json.loads(parent).get("msg_id")
        self.content = json.loads(content)


class Kernel:
    """A kernel and the sockets to it. `age()` is the time in seconds since it was started."""

    def __init__(self, name):
        spec = KernelSpecManager().get_kernel_spec(name)
        self.language, self.interrupt_mode = spec.language, spec.interrupt_mode
        self.session = Session(key=os.urandom(16).hex().encode())
        self.file = tempfile.mktemp(".json", "connection-")
        _, ports = write_connection_file(self.file, ip="127.0.0.1", key=self.session.key, transport="tcp")
        argv = [word.replace("{connection_file}", self.file) for word in spec.argv]
        if argv[0] in ("python", "python3"):
            argv[0] = sys.executable  # As jupyter_client does.
        self.context = zmq.Context()
        self.shell, self.control, self.stdin, self.iopub, self.hb = (
            self.connect(kind, ports[f"{channel}_port"])
            for channel, kind in (
                ("shell", zmq.DEALER),
                ("control", zmq.DEALER),
                ("stdin", zmq.DEALER),
                ("iopub", zmq.SUB),
                ("hb", zmq.REQ),
            )
        )
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            argv,
            env={**os.environ, **spec.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def connect(self, kind, port):
        socket = self.context.socket(kind)
        socket.linger = 0
        socket.reconnect_ivl = 1  # Milliseconds: a tenth of a second unless told, which would blur the start.
        if kind == zmq.DEALER:
            socket.routing_id = self.session.bsession
        if kind == zmq.SUB:
            socket.subscribe(b"")
            socket.rcvhwm = 0
        socket.connect(f"tcp://127.0.0.1:{port}")
        return socket

    def age(self):
        return time.perf_counter() - self.began

    def alive(self):
        return self.process.poll() is None

    def send(self, kind, content, socket=None):
        """Sends a request; returns its id."""
        return self.session.send(socket or self.shell, kind, content)["header"]["msg_id"]

    def listen(self, sockets, seconds):
        """The messages that come in, as (socket, message), until nothing has come for so long."""
        poller = zmq.Poller()
        for socket in sockets:
            poller.register(socket, zmq.POLLIN)
        while ready := poller.poll(1000 * seconds):
            for socket, _ in ready:
                yield socket, Message(socket.recv_multipart())
        what = "said nothing" if self.alive() else "ended"
        raise Silence(f"the kernel {what} for {seconds} seconds")

    def ask(self, kind, content=None, socket=None, seconds=30):
        """The content of the reply to a request; with an execution also all that was published for it."""
        request = self.send(kind, content or {}, socket)
        return self.answer(request, socket, seconds)

    def answer(self, request, socket=None, seconds=30):
        """The content of the reply to a request that was sent, as soon as it has come."""
        socket = socket or self.shell
        for _, message in self.listen([socket], seconds):
            if message.parent == request:
                return message.content

    def execute(self, code, seconds=30, **options):
        """Runs a cell: its reply and what was published for it, once its idle status is here too."""
        return self.finish(self.send("execute_request", {"code": code, **EXECUTE, **options}), seconds)

    def finish(self, request, seconds=30):
        """The end of a cell that was sent: its reply, and what is published for it from now on."""
        reply, idle, published = None, False, []
        for socket, message in self.listen([self.shell, self.iopub], seconds):
            if message.parent != request:
                continue
            if socket is self.shell:
                reply = message.content
            elif message.type == "status":
                idle = message.content["execution_state"] == "idle"
            else:
                published.append(message)
            if reply is not None and idle:
                return reply, published

    def ready(self, seconds=60):
        """Waits for the first reply and until published messages arrive: when the reply came, and its content."""
        info = self.first_reply(seconds)
        came = self.age()
        while not self.iopub.poll(10):
            self.send("kernel_info_request", {})
            if self.age() > seconds:
                raise Silence(f"the kernel published nothing for {seconds} seconds")
        return came, info

    def first_reply(self, seconds):
        """The content of the reply to a first request, which is sent again where none comes: it may have been lost."""
        requests = []
        while True:
            requests.append(self.send("kernel_info_request", {}))
            try:
                return next(
                    message.content
                    for _, message in self.listen([self.shell], AGAIN)
                    if message.parent in requests
                )
            except Silence:
                if not self.alive() or self.age() > seconds:
                    raise

    def interrupt(self):
        """Interrupts it as its kernelspec says."""
        if self.interrupt_mode == "message":
            self.send("interrupt_request", {}, self.control)
        else:
            os.killpg(self.process.pid, signal.SIGINT)

    def family(self):
        """Its process and all that it started."""
        try:
            own = psutil.Process(self.process.pid)
            return [own, *own.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def memory(self):
        """Bytes that its processes hold: {"pss", "rss"}, sums over all of them."""
        infos = [each.memory_full_info() for each in self.family()]
        return {"pss": sum(info.pss for info in infos), "rss": sum(info.rss for info in infos)}

    def cpu(self):
        """Seconds that its processes have computed."""
        times = [each.cpu_times() for each in self.family()]
        return sum(one.user + one.system for one in times)

    def shut_down(self, seconds=1):
        """Asks it to end; whether it did in this time."""
        self.send("shutdown_request", {"restart": False}, self.control)
        try:
            self.process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False

    def end(self):
        """Ends it and all that it started."""
        for each in self.family():
            try:
                each.kill()
            except psutil.NoSuchProcess:
                pass
        self.process.wait()
        self.context.destroy(linger=0)
        if os.path.exists(self.file):
            os.remove(self.file)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def texts(published):
    """All that published messages show as plain text."""
    shown = [message.content.get("text") or message.content.get("data", {}).get("text/plain", "") for message in published]
    return "\n".join("".join(each) for each in shown)
