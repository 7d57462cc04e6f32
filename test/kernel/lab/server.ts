import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pythonEnvironment } from "../../../kernel/setup/checks.mjs";
import { paths } from "../../../kernel/setup/paths.mjs";

/** A running JupyterLab server. */
export interface Lab {
  /** The URL, with a slash at the end. */
  address: string;
  token: string;
  /** Stops the server and its kernels. */
  stop(): Promise<void>;
}

/** Settings that differ from JupyterLab's defaults: no news, all cells rendered, a long timeout for completion. */
const SETTINGS = {
  "completer-extension/manager": { providerTimeout: 60_000 },
  "apputils-extension/notification": { fetchNews: "false", checkForUpdates: false },
  "notebook-extension/tracker": { windowingMode: "none" },
};

function writeSettings(folder: string): void {
  for (const [plugin, settings] of Object.entries(SETTINGS)) {
    const file = join(folder, "@jupyterlab", `${plugin}.jupyterlab-settings`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(settings));
  }
}

/** Jupyter's environment variables with a home folder of their own, so that no user files are read or written. */
export function jupyterAt(home: string, kernels: string) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(JUPYTER|JPY_|XDG_|IPYTHON)/.test(name),
  );
  const at = (...parts: string[]) => join(home, ...parts);
  return {
    ...pythonEnvironment(Object.fromEntries(inherited)),
    HOME: home,
    JUPYTER_PATH: kernels,
    JUPYTER_PLATFORM_DIRS: "1",
    JUPYTER_CONFIG_DIR: at("config"),
    JUPYTER_DATA_DIR: at("data"),
    JUPYTER_RUNTIME_DIR: at("runtime"),
    JUPYTERLAB_SETTINGS_DIR: at("settings"),
    JUPYTERLAB_WORKSPACES_DIR: at("workspaces"),
  };
}

/** The URL in the file that a server writes once it listens; undefined before. */
function addressIn(runtime: string): string | undefined {
  try {
    const file = readdirSync(runtime).find((name) => /^jpserver-\d+\.json$/.test(name));
    return file && JSON.parse(readFileSync(join(runtime, file), "utf8")).url;
  } catch {
    return undefined;
  }
}

/** Starts JupyterLab from `.venv` on a folder, with the environment of `jupyterAt`. Throws its output if it ends. */
export async function startLab(folder: string, env: ReturnType<typeof jupyterAt>): Promise<Lab> {
  const token = randomUUID();
  writeSettings(env.JUPYTERLAB_SETTINGS_DIR);
  const config = join(import.meta.dirname, "jupyter_lab_config.py");
  const args = ["-m", "jupyterlab", `--config=${config}`, `--ServerApp.root_dir=${folder}`];
  const server = spawn(paths.python, [...args, `--IdentityProvider.token=${token}`], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  let running = true;
  server.stderr.on("data", (text) => {
    stderr += text;
  });
  server.once("error", ({ message }) => {
    stderr += message;
  });
  const ended = new Promise<void>((done) =>
    server.once("close", () => {
      running = false;
      done();
    }),
  );
  const stop = async () => {
    server.kill("SIGTERM");
    const force = setTimeout(() => server.kill("SIGKILL"), 20_000);
    await ended;
    clearTimeout(force);
  };
  for (;;) {
    const address = addressIn(env.JUPYTER_RUNTIME_DIR);
    if (address) return { address, token, stop };
    if (!running) throw new Error(`JupyterLab ended before it listened:\n${stderr}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
