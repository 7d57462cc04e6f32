import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { repositoryRoot } from "../../src/files/repository.ts";

/* Builds and runs the image of the Dockerfile without a registry, with the Node of this machine. */

/** Why this machine cannot build the image; undefined if it can. */
export function imageProblem(): string | undefined {
  const missing = ["buildah", "mmdebstrap", "unshare", "ip"].find((name) => spawnSync(name, ["-V"]).error);
  if (missing !== undefined) return `${missing} is not installed`;
  if (process.getuid?.() !== 0) return "building without a registry needs root";
  return existsSync(NPM) ? undefined : `npm is not in ${NPM}`;
}

const NPM = path.join(path.dirname(process.execPath), "../lib/node_modules/npm");
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** An image that was built. */
export interface Image {
  /** Runs a command in a new container with no other network than its own, and a folder of this machine as run store. */
  run(store: string, ...command: string[]): { status: number | null; text: string };
  remove(): void;
}

/** Builds the image with all its files in a new folder. Throws with the last lines of what was printed. */
export function buildImage(folder: string): Image {
  mkdirSync(folder, { recursive: true });
  const storage = path.join(folder, "storage.conf");
  const places = `runroot = "${folder}/run"\ngraphroot = "${folder}/graph"`;
  writeFileSync(storage, `[storage]\ndriver = "vfs"\n${places}\n`);
  const env = {
    ...process.env,
    BUILDAH_ISOLATION: "chroot",
    STORAGE_DRIVER: "vfs",
    CONTAINERS_STORAGE_CONF: storage,
  };
  const call = (program: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(program, args, {
      env,
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    });
    if (status === 0) return stdout.trim();
    throw new Error(`${program} ${args[0]} failed: ${`${stdout}${stderr}`.slice(-2000)}`);
  };
  const base = path.join(folder, "base.tar");
  call("mmdebstrap", "--variant=minbase", "--include=ca-certificates", "bookworm", base);
  const made = call("buildah", "from", "scratch");
  call("buildah", "add", made, base, "/");
  rmSync(base);
  call("buildah", "copy", made, process.execPath, "/usr/bin/node");
  call("buildah", "copy", made, NPM, "/usr/lib/node_modules/npm");
  call(
    "buildah",
    "copy",
    made,
    path.join(path.dirname(process.execPath), "../include/node"),
    "/usr/include/node",
  );
  // The certificates of a network whose proxy signs what it passes on.
  call("buildah", "copy", made, CERTIFICATES, CERTIFICATES);
  call("buildah", "config", "--env", `NODE_EXTRA_CA_CERTS=${CERTIFICATES}`, made);
  const links = ["npm", "npx"].map(
    (name) => `ln -s ../lib/node_modules/npm/bin/${name}-cli.js /usr/bin/${name}`,
  );
  call("buildah", "run", made, "sh", "-c", links.join("; "));
  call("buildah", "commit", "--rm", made, "allroads-base");
  call("buildah", "bud", "--build-arg", "BASE=localhost/allroads-base", "-t", "allroads", repositoryRoot());
  return {
    run(store, ...command) {
      const container = call("buildah", "from", "allroads");
      try {
        const script = 'ip link set lo up && exec buildah run --volume "$0:/runs" "$@"';
        const args = ["--net", "sh", "-c", script, store, container, "--", ...command];
        const { status, stdout, stderr } = spawnSync("unshare", args, { env, encoding: "utf8" });
        return { status, text: `${stdout}${stderr}` };
      } finally {
        call("buildah", "rm", container);
      }
    },
    remove() {
      execFileSync("buildah", ["rmi", "--all", "--force"], { env, stdio: "ignore" });
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
