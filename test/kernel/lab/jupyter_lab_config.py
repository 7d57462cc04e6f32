"""The JupyterLab configuration for tests: a free port, no browser, and no requests to other hosts."""

import ctypes
import signal

PR_SET_PDEATHSIG = 1  # Terminates the server when the test process ends, even if it crashes.
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

c = get_config()  # noqa: F821
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port = 0
c.ServerApp.allow_root = True
c.ExtensionApp.open_browser = False
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
