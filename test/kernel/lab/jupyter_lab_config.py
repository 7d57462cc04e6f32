"""JupyterLab for tests: on a free port, without a browser of its own, asking nothing of other hosts."""

import ctypes
import signal

SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG: whatever becomes of the tests, the server ends with them.
ctypes.CDLL(None).prctl(SET_DEATH_SIGNAL, signal.SIGTERM)

c = get_config()  # noqa: F821
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port = 0
c.ServerApp.allow_root = True
c.ExtensionApp.open_browser = False
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
