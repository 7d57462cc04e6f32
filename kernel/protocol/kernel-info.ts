import type { Content } from "../shared/content.ts";
import { protocolVersion } from "./sockets.ts";

/** The content of a `kernel_info_reply`. */
export function kernelInfo(versions: { kernel: string; typescript: string }): Content {
  return {
    status: "ok",
    protocol_version: protocolVersion,
    implementation: "allroads-kernel",
    implementation_version: versions.kernel,
    language_info: {
      name: "typescript",
      version: versions.typescript,
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      codemirror_mode: { name: "javascript", typescript: true },
      nbconvert_exporter: "script",
    },
    banner: `Allroads kernel ${versions.kernel}: TypeScript ${versions.typescript} on Node ${process.versions.node}`,
    debugger: true,
    supported_features: ["debugger", "kernel subshells"],
    help_links: [
      { text: "TypeScript", url: "https://www.typescriptlang.org/docs/" },
      { text: "Node.js", url: "https://nodejs.org/docs/latest/api/" },
    ],
  };
}
