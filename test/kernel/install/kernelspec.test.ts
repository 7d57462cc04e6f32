import { expect, test } from "vitest";
import { kernelspecText } from "../../../kernel/install/kernelspec.mjs";

test("the kernelspec has the fields that Jupyter requires", () => {
  const text = kernelspecText({ node: "node", program: "start.cjs", displayName: "T", env: { A: "1" } });
  expect(JSON.parse(text)).toMatchObject({
    argv: ["node", ...Array(4).fill(expect.stringMatching(/^--/)), "start.cjs", "{connection_file}"],
    display_name: "T",
    env: { A: "1" },
    kernel_protocol_version: "5.4",
  });
});
