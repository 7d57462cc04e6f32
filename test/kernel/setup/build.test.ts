import { expect, test } from "vitest";
import { dropTsExtensions } from "../../../kernel/setup/build.mjs";

test("only relative imports of declarations lose their extension", () => {
  const declaration = `import { a } from "./a.ts";
export * from '../b/c.ts';
import "./side.ts";
type D = import("./d.ts").D;
import e from "package/e.ts";
export declare const text = "./a.ts";
`;
  expect(dropTsExtensions(declaration)).toBe(`import { a } from "./a";
export * from '../b/c';
import "./side";
type D = import("./d").D;
import e from "package/e.ts";
export declare const text = "./a.ts";
`);
});
