"""Starts a kernel from its kernelspec and talks to it with as little overhead as possible: ZeroMQ sockets and
jupyter_client's signatures, without background threads.
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
RETRY_AFTER = 5
"""Seconds without a reply after which the first request is sent again."""


class NoReply(Exception):
    """The kernel did not send the expected message in time."""


class Message:
    """A message of a kernel: its type, the id of its parent request, and its content."""

    def __init__(self, frames):
        header, parent, _, content = frames[frames.index(DELIMITER) + 2 :][:4]
        self.type = json.loads(header)["msg_type"]
        self.parent = json.loads(parent).get("msg_id")
        self.content = json.loads(content)


class Kernel:
    """A kernel process and the sockets to it. `age()` is the time since its start in seconds."""

    def __init__(self, name, folder=None):
        """Starts the kernel in a folder, by default the working directory."""
        spec = KernelSpecManager().get_kernel_spec(name)
        self.language, self.interrupt_mode = spec.language, spec.interrupt_mode
        self.session = Session(key=os.urandom(16).hex().encode())
        self.file = tempfile.mktemp(".json", "connection-")
        _, ports = write_connection_file(self.file, ip="127.0.0.1", key=self.session.key, transport="tcp")
        argv = [word.replace("{connection_file}", self.file) for word in spec.argv]
        if argv[0] in ("python", "python3"):
            argv[0] = sys.executable  # Like jupyter_client.
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
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            argv,
            cwd=folder,
            env={**os.environ, **spec.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def connect(self, kind, port):
        socket = self.context.socket(kind)
        socket.linger = 0
        socket.reconnect_ivl = 1  # In milliseconds. The default, 100, would distort the start times.
        if kind == zmq.DEALER:
            socket.routing_id = self.session.bsession
        if kind == zmq.SUB:
            socket.subscribe(b"")
            socket.rcvhwm = 0
        socket.connect(f"tcp://127.0.0.1:{port}")
        return socket

    def age(self):
        return time.perf_counter() - self.started

    def alive(self):
        return self.process.poll() is None

    def send(self, kind, content, socket=None):
        """Sends a request and returns its id."""
        return self.session.send(socket or self.shell, kind, content)["header"]["msg_id"]

    def listen(self, sockets, seconds):
        """Yields incoming messages as (socket, message). Raises NoReply if none arrives for this many seconds."""
        poller = zmq.Poller()
        for socket in sockets:
            poller.register(socket, zmq.POLLIN)
        while ready := poller.poll(1000 * seconds):
            for socket, _ in ready:
                yield socket, Message(socket.recv_multipart())
        state = "is running" if self.alive() else "has ended"
        raise NoReply(f"no message from the kernel for {seconds} seconds; it {state}")

    def ask(self, kind, content=None, socket=None, seconds=30):
        """Sends a request and returns the content of its reply."""
        request = self.send(kind, content or {}, socket)
        return self.answer(request, socket, seconds)

    def answer(self, request, socket=None, seconds=30):
        """Waits for the reply to a request and returns its content."""
        socket = socket or self.shell
        for _, message in self.listen([socket], seconds):
            if message.parent == request:
                return message.content

    def execute(self, code, seconds=30, **options):
        """Runs a cell and waits for its reply and idle status. Returns the reply and the published messages."""
        return self.finish(self.send("execute_request", {"code": code, **EXECUTE, **options}), seconds)

    def finish(self, request, seconds=30):
        """Waits for the end of a requested cell. Returns its reply and the messages published from now on."""
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
        """Waits until replies and published messages arrive. Returns the time of the first reply and its content."""
        info = self.first_reply(seconds)
        replied_at = self.age()
        while not self.iopub.poll(10):
            self.send("kernel_info_request", {})
            if self.age() > seconds:
                raise NoReply(f"no published message from the kernel for {seconds} seconds")
        return replied_at, info

    def first_reply(self, seconds):
        """The content of the reply to the first request. The request is repeated, since an early one can get lost."""
        requests = []
        while True:
            requests.append(self.send("kernel_info_request", {}))
            try:
                return next(
                    message.content
                    for _, message in self.listen([self.shell], RETRY_AFTER)
                    if message.parent in requests
                )
            except NoReply:
                if not self.alive() or self.age() > seconds:
                    raise

    def interrupt(self):
        """Interrupts the kernel in the way its kernelspec asks for."""
        if self.interrupt_mode == "message":
            self.send("interrupt_request", {}, self.control)
        else:
            os.killpg(self.process.pid, signal.SIGINT)

    def processes(self):
        """The kernel process and all its descendants."""
        try:
            own = psutil.Process(self.process.pid)
            return [own, *own.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def memory(self):
        """The memory of all its processes in bytes: {"pss", "rss"}."""
        infos = [each.memory_full_info() for each in self.processes()]
        return {"pss": sum(info.pss for info in infos), "rss": sum(info.rss for info in infos)}

    def cpu(self):
        """The CPU seconds of all its processes."""
        times = [each.cpu_times() for each in self.processes()]
        return sum(one.user + one.system for one in times)

    def shut_down(self, seconds=1):
        """Requests a shutdown. Returns whether the kernel ended in time."""
        self.send("shutdown_request", {"restart": False}, self.control)
        try:
            self.process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False

    def end(self):
        """Kills all its processes."""
        for each in self.processes():
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
    """The plain text of published messages."""
    shown = [message.content.get("text") or message.content.get("data", {}).get("text/plain", "") for message in published]
    return "\n".join("".join(each) for each in shown)
