import { type KeyEnvOptions, keyEnv as openKeyEnv } from "./key-env/task.ts";
import { ring as openRing, type RingOptions } from "./ring.ts";
import { openTldr, tldrIdentity } from "./tldr/open.ts";

/*
 * The tasks that come with the library. To add one, write its file, and here how it is opened and an export under its
 * name, the `name` of its spec: `open` makes the task from the other fields of the spec, and `identity` (default: the
 * spec as it is) is what of a spec determines results. A stage's id has a digest of the code behind its task's export, not of
 * the others.
 */

interface WithOptions<Options> {
  readonly options: Partial<Options>;
}

const keyEnv = { open: ({ options }: WithOptions<KeyEnvOptions>) => openKeyEnv(options) };
const ring = { open: ({ options }: WithOptions<RingOptions>) => openRing(options) };
const tldr = { open: openTldr, identity: tldrIdentity };

export { keyEnv as "key-env", ring, tldr };
