import { expect, test } from "vitest";
import { meaningOf, notebookNames, notebookTitle, registrationNames } from "../../src/experiments/names.ts";
import { registered } from "../../src/experiments/programme.ts";
import { UsageError } from "../../src/files/usage-error.ts";

test("registrations are those of the registered experiments, and of notebooks", () => {
  const known = new Set([...registered.map(({ id }) => id), ...notebookNames()]);
  expect(registrationNames().filter((name) => !known.has(name))).toEqual([]);
  const names = registrationNames();
  expect(registered.filter(({ id }) => !names.includes(id))).toEqual([]);
});

test("a name stands for the notebooks that begin with it, or else for the experiment of this id", () => {
  expect(meaningOf("14", ["01-replication"])).toEqual({ numbers: ["14"] });
  expect(meaningOf("notebooks/14-verdicts.ipynb", [])).toEqual({ numbers: ["14"] });
  expect(meaningOf("01-replication", ["01-replication"])).toEqual({ id: "01-replication" });
  expect(() => meaningOf("01-replicatoin", ["01-replication"])).toThrow(
    new UsageError('There is no notebook or experiment "01-replicatoin": did you mean "01-replication"?'),
  );
  expect(() => meaningOf("", [])).toThrow(UsageError);
});

test("a notebook's title is its first heading, which asks a question", () => {
  expect(notebookTitle("01-main-comparison")).toBe("Does online preference fine-tuning beat offline?");
});
