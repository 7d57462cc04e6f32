import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { notebookNames, readNotebooks } from "../../../kernel/headless/notebooks.mjs";
import { updateWelcome, withNotebooks } from "../../../kernel/lab/welcome.mjs";
import { paths } from "../../../kernel/setup/paths.mjs";
import { useTemporaryFolder } from "../setup/temporary-folder.ts";

const folder = useTemporaryFolder();
const page = (list: string) =>
  `# Start\n\n<!-- notebooks: written by \`npm run lab\` -->\n${list}\n<!-- end of notebooks -->\n\nMore.\n`;

test("the list of notebooks is written between its two marks, with titles as they are", () => {
  const title = (text: string) => ({ cells: [{ cell_type: "markdown", source: `# ${text}` }] });
  folder.put("b c.ipynb", JSON.stringify(title("Does $a$ [b] hold?")));
  folder.put("a.ipynb", JSON.stringify(title("First")));
  folder.put("README.md", page("old"));
  expect(updateWelcome(folder.at())).toBe(true);
  const list = "\n- [a](a.ipynb): First\n- [b c](b%20c.ipynb): Does \\$a\\$ \\[b\\] hold?\n";
  expect(readFileSync(folder.at("README.md"), "utf8")).toBe(page(list));
});

test("a page without the marks stays as it is, and a folder may have none", () => {
  expect(withNotebooks("# Start\n", [{ name: "a", title: "A" }])).toBe("# Start\n");
  expect(updateWelcome(folder.at("none"))).toBe(false);
});

test("the committed page lists the notebooks: npm run lab brings it up to date", () => {
  const committed = readFileSync(path.join(paths.notebooks, "README.md"), "utf8");
  const { items } = readNotebooks(paths.notebooks, notebookNames(paths.notebooks));
  expect(items.length).toBeGreaterThan(0);
  expect(committed).toBe(withNotebooks(committed, items));
});
