import { z } from "zod";
import { parseYaml, readData, validated } from "../files/data-files.ts";
import type { Preset } from "../results/presets.ts";
import { seedsFields } from "./form-parts.ts";
import type { ExactRegistration, Registration } from "./registration.ts";
import { fromSealed } from "./sealed-forms.ts";
import { fromTestForm, isTestForm } from "./test-form.ts";

/**
 * A registration in data/predictions, for example `readRegistration("06-h4-data")`. Throws an error that names the file
 * and each field that is missing, unknown or of the wrong type.
 */
export function readRegistration(id: string): Registration {
  const yaml = readData(fileOf(id));
  const known = read.get(id);
  if (known?.yaml === yaml) return known.registration;
  const registration = parseRegistration(yaml, fileOf(id));
  read.set(id, { yaml, registration });
  return registration;
}

/** What was read last under each id: a page asks for all registrations, to correct for the family of their hypotheses. */
const read = new Map<string, { readonly yaml: string; readonly registration: Registration }>();

/** A registration from YAML text; `file` names it in errors. */
export function parseRegistration(yaml: string, file = "the registration"): Registration {
  const found = parseAny(yaml, file);
  if ("claim" in found) return found;
  throw new Error(`${file} registers exact values: read it with readExactRegistration.`);
}

/** A registration of exact values, for example `readExactRegistration("00-theory")`. Throws like `readRegistration`. */
export function readExactRegistration(id: string): ExactRegistration {
  return parseExactRegistration(readData(fileOf(id)), fileOf(id));
}

/** A registration of exact values from YAML text; `file` names it in errors. */
export function parseExactRegistration(yaml: string, file = "the registration"): ExactRegistration {
  const found = parseAny(yaml, file);
  if (!("claim" in found)) return found;
  throw new Error(`${file} registers estimates: read it with readRegistration.`);
}

/** A registration of either kind, in any of the forms. */
export function parseAny(yaml: string, file: string): Registration | ExactRegistration {
  const value = parseYaml(yaml, file);
  return isTestForm(value) ? fromTestForm(value, file) : fromSealed(value, file);
}

/** The test seeds that a notebook registers for a preset. Throws if it registers none. */
export function testSeeds(id: string, preset: Preset): readonly number[] {
  const file = fileOf(id);
  const { seeds } = validated(seedsForm, parseYaml(readData(file), file), file);
  const found = seeds.test[preset];
  if (found === undefined) throw new Error(`${file} registers no seeds for the preset ${preset}.`);
  return found;
}

const seedsForm = z.looseObject({ seeds: z.looseObject(seedsFields) });
const fileOf = (id: string) => `data/predictions/${id}.yaml`;
