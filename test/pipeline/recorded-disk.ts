import {
  lstatSync,
  type MakeDirectoryOptions,
  mkdirSync,
  type RmOptions,
  readdirSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { fileSystem } from "../../src/files/file-system.ts";

/*
 * A model of a disk that remembers what was flushed. It follows the calls of `fileSystem`, and makes folders as they
 * could look after the process was killed, or the machine lost power, at any of these calls.
 */

interface FileNode {
  content: Buffer;
  flushed: Buffer;
}

interface FolderNode {
  names: Map<string, DiskNode>;
  flushed: Map<string, DiskNode>;
}

type DiskNode = FileNode | FolderNode;

const newFolder = (): FolderNode => ({ names: new Map(), flushed: new Map() });
const isFolder = (node: DiskNode): node is FolderNode => "names" in node;

/** What survives: all that was written; only what was flushed; or all names, but only flushed content. */
export type Crash = "kill" | "power loss" | "power loss that keeps names";

/** A recording of the changes below a folder. */
export interface Recording {
  /** The number of changes so far. */
  readonly length: number;
  /** Writes into `target` what is left of the folder after a crash before change number `change`. */
  restore(target: string, change: number, crash: Crash): void;
  stop(): void;
}

type Change = (disk: FolderNode) => void;

/** Records the changes that this process makes with `fileSystem` below `root`, until `stop`. */
export function recordChanges(root: string): Recording {
  const changes: Change[] = [];
  const original = { ...fileSystem };
  const handles = new Map<number, { name: string[]; position: number }>();
  const within = (name: unknown): string[] | undefined => {
    const relative = path.relative(root, String(name));
    return relative.startsWith("..") ? undefined : relative.split("/").filter(Boolean);
  };
  const remove = (name: string) => {
    if (lstatSync(name, { throwIfNoEntry: false })?.isDirectory())
      for (const child of readdirSync(name)) remove(path.join(name, child));
    const parts = within(name)!;
    changes.push((disk) => parentOf(disk, parts).names.delete(parts.at(-1)!));
  };
  const follow: Partial<typeof fileSystem> = {
    mkdirSync: ((name: string, options: MakeDirectoryOptions) => {
      const made = original.mkdirSync(name, options);
      const parts = within(name)!;
      for (const index of parts.keys()) {
        const folder = parts.slice(0, index + 1);
        changes.push((disk) => {
          const { names } = parentOf(disk, folder);
          if (!names.has(folder.at(-1)!)) names.set(folder.at(-1)!, newFolder());
        });
      }
      return made;
    }) as typeof mkdirSync,
    openSync(name, flags, mode) {
      const handle = original.openSync(name, flags, mode);
      const parts = within(name)!;
      handles.set(handle, { name: parts, position: 0 });
      if (flags === "wx") {
        const node = { content: Buffer.alloc(0), flushed: Buffer.alloc(0) };
        // A new node for each replay.
        changes.push((disk) => parentOf(disk, parts).names.set(parts.at(-1)!, { ...node }));
      }
      return handle;
    },
    writeSync: ((handle: number, bytes: Uint8Array, from?: number, count?: number) => {
      const offset = from ?? 0;
      const length = count ?? bytes.length - offset;
      const written = original.writeSync(handle, bytes, offset, length);
      const open = handles.get(handle)!;
      const { name, position } = open;
      const part = Buffer.from(bytes.subarray(offset, offset + written));
      open.position += written;
      changes.push((disk) => {
        const node = nodeAt(disk, name) as FileNode;
        node.content = Buffer.concat([node.content.subarray(0, position), part]);
      });
      return written;
    }) as typeof fileSystem.writeSync,
    fsyncSync(handle) {
      const { name } = handles.get(handle)!;
      changes.push((disk) => {
        const node = nodeAt(disk, name);
        if (isFolder(node)) node.flushed = new Map(node.names);
        else node.flushed = node.content;
      });
    },
    renameSync(from, to) {
      original.renameSync(from, to);
      const [source, target] = [within(from)!, within(to)!];
      changes.push((disk) => {
        const node = nodeAt(disk, source);
        parentOf(disk, source).names.delete(source.at(-1)!);
        parentOf(disk, target).names.set(target.at(-1)!, node);
      });
    },
    rmSync(name, options?: RmOptions) {
      if (lstatSync(name, { throwIfNoEntry: false }) !== undefined) remove(String(name));
      original.rmSync(name, options);
    },
    rmdirSync: ((name: string) => {
      original.rmdirSync(name);
      remove(name);
    }) as typeof fileSystem.rmdirSync,
  };
  Object.assign(fileSystem, follow);
  return {
    get length() {
      return changes.length;
    },
    restore(target, change, crash) {
      const disk = newFolder();
      for (const apply of changes.slice(0, change)) apply(disk);
      writeOut(target, disk, crash);
    },
    stop: () => void Object.assign(fileSystem, original),
  };
}

function nodeAt(disk: FolderNode, parts: readonly string[]): DiskNode {
  return parts.reduce((node: DiskNode, name) => (node as FolderNode).names.get(name)!, disk);
}

function parentOf(disk: FolderNode, parts: readonly string[]): FolderNode {
  return nodeAt(disk, parts.slice(0, -1)) as FolderNode;
}

function writeOut(target: string, node: DiskNode, crash: Crash): void {
  if (isFolder(node)) {
    mkdirSync(target, { recursive: true });
    for (const [name, child] of crash === "power loss" ? node.flushed : node.names)
      writeOut(path.join(target, name), child, crash);
  } else writeFileSync(target, crash === "kill" ? node.content : node.flushed);
}
