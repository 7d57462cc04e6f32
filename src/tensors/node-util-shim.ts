import util from "node:util";

/*
 * tfjs-node 4.22 calls `util.isNullOrUndefined` and `util.isArray`, which Node removed in version 23. This adds them
 * to `util` if they are missing. Import it before tfjs.
 */

const helpers = util as unknown as Record<string, unknown>;
helpers.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
helpers.isArray ??= Array.isArray;
