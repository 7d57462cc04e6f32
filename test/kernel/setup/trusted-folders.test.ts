import { chmodSync, chownSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { checkFolders } from "../../../kernel/setup/trusted-folders.mjs";
import { refusal } from "../../refusal.ts";
import { useTemporaryFolder } from "./temporary-folder.ts";

const folder = useTemporaryFolder();

/** The owner of the temporary folder, in a private group, on a machine without other groups. */
const owner = () => {
  const { uid, gid } = statSync(folder.at());
  return { uid, gid, name: "ada", groups: `staff:x:${gid + 1}:bob\nada:x:${gid}:` };
};
const check = (user = owner()) => checkFolders(folder.context().paths, user);
const refused = (user = owner()) => refusal(() => check(user), 1);

const NAMES = [
  ".allroads",
  ".allroads/pip",
  ".allroads/tensorflow-cpu-2.21.0",
  ".allroads/nvidia",
  ".venv",
  ".venv/bin",
  "node_modules",
  "src/dist",
  "kernel/dist",
];

beforeEach(() => {
  for (const name of NAMES) mkdirSync(folder.at(name), { recursive: true, mode: 0o755 });
});

test("folders that only their owner can write to are accepted, and missing ones", () => {
  check();
  rmSync(folder.at(".allroads"), { recursive: true });
  rmSync(folder.at(".venv"), { recursive: true });
  check();
});

test.each(NAMES)("%s must not be writable by other users", (name) => {
  for (const mode of [0o777, 0o757, 0o1777]) {
    chmodSync(folder.at(name), mode);
    expect(refused()).toBe(
      `Other users can change the programs in ${folder.at(name)} (its mode is ${mode.toString(8)}): run chmod -R go-w "${folder.at(name)}" if you trust what is in it, or else delete it, then run the same command again.`,
    );
  }
});

test("a folder may be writable by a group only if the user is its only member", () => {
  chmodSync(folder.at(".venv"), 0o775);
  const { gid } = owner();
  check();
  check({ ...owner(), groups: `ada:x:${gid}:ada` });
  for (const groups of ["", `ada:x:${gid}:bob`, `ada:x:${gid}:ada,bob`, `users:x:${gid}:`])
    expect(refused({ ...owner(), groups })).toMatch(/^Other users can change the programs in .*\.venv \(/);
  expect(refused({ ...owner(), gid: gid + 1 })).toMatch(/^Other users can change/);
});

test.each([".allroads", ".venv", "node_modules"])("%s must not be a link, and none is followed", (name) => {
  rmSync(folder.at(name), { recursive: true });
  mkdirSync(folder.at("elsewhere"));
  symlinkSync(folder.at("elsewhere"), folder.at(name));
  expect(refused()).toMatch(
    new RegExp(`/${name} is a link, and set-up installs programs in a folder of this name`),
  );
  rmSync(folder.at(name));
  writeFileSync(folder.at(name), "");
  expect(refused()).toMatch(/ is not a folder, and set-up installs programs/);
});

test("the folders must belong to the user, to root or to the owner of the repository", () => {
  const stranger = { ...owner(), uid: owner().uid + 1 };
  check(stranger);
  // Only root can give a folder to another user; another user sees a repository of root's instead.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(folder.at(".allroads"), 12345, owner().gid);
  const paths = isRoot ? folder.context().paths : { ...folder.context().paths, root: "/" };
  expect(refusal(() => checkFolders(paths, stranger), 1)).toMatch(
    /\.allroads belongs to another user \(uid \d+\), who could change the programs in it: delete it/,
  );
});

test("the repository itself must not be writable by everybody", () => {
  chmodSync(folder.at(), 0o757);
  expect(refused()).toMatch(/^All users of this machine can replace the programs in .*: run chmod o-w "/);
});
