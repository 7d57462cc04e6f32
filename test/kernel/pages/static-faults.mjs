import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseElements } from "./html-elements.mjs";

const INLINE = /^(data|blob):/i;
const FOREIGN = /^([a-z][a-z0-9+.-]*:|\/)/i;
const quoted = (address) => (address.length > 80 ? `${address.slice(0, 80)}…` : address);

/** The addresses that an element loads when the page is opened. */
function loadedAddresses({ name, attributes, text }) {
  const loading = ["src", "data", "poster", "xlink:href"];
  if (["link", "use", "image"].includes(name)) loading.push("href");
  const candidates = (attributes.srcset ?? "").split(",").map((each) => each.trim().split(/\s/)[0]);
  const styles = `${attributes.style ?? ""}${name === "style" ? text : ""}`;
  const inStyles = styles.matchAll(/(?:@import\s+(?:url\()?|url\()\s*["']?([^"')\s;]*)/gi);
  const presented = Object.values(attributes).flatMap((value) => [
    ...value.matchAll(/^url\(["']?([^"')]*)/g),
  ]);
  return [
    ...loading.map((attribute) => attributes[attribute]),
    ...candidates,
    ...[...inStyles, ...presented].map((found) => found[1]),
  ].filter((address) => address?.trim());
}

/** The accessible name of an element, or "". */
function accessibleName(element, byId) {
  const { attributes, inside, text } = element;
  const labelled = (attributes["aria-labelledby"] ?? "").split(/\s+/).map((id) => byId.get(id)?.text ?? "");
  const title = inside.find(({ name }) => name === "title")?.text;
  const content = ["a", "summary", "button"].includes(element.name)
    ? `${text}${inside.map((each) => each.attributes.alt ?? "").join("")}`
    : "";
  const given = [labelled.join(" "), attributes["aria-label"], attributes.alt, title, content];
  return given.find((name) => name?.trim()) ?? "";
}

const needsName = ({ name, attributes }) =>
  ["img", "summary", "button"].includes(name) ||
  (name === "a" && "href" in attributes) ||
  ["img", "region"].includes(attributes.role);

/** Faults of the document as a whole. */
function documentFaults(elements) {
  const of = (name) => elements.filter((element) => element.name === name);
  const meta = (key, value) => of("meta").find(({ attributes }) => attributes[key]?.toLowerCase() === value);
  const policy = meta("http-equiv", "content-security-policy")?.attributes.content ?? "";
  const faults = [];
  if (!of("html")[0]?.attributes.lang) faults.push("has no language");
  if (!of("title")[0]?.text.trim()) faults.push("has no title");
  if (!meta("name", "viewport")) faults.push("has no viewport for phones");
  if (of("h1").length !== 1) faults.push(`has ${of("h1").length} headings of level 1`);
  if (!/default-src 'none'/.test(policy))
    faults.push("has no Content-Security-Policy with default-src 'none'");
  if (/unsafe-eval|script-src[^;]*unsafe-inline/.test(policy)) faults.push("allows unsafe scripts");
  const isAllowed = (text) =>
    policy.includes(`'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  for (const { attributes, text } of of("script"))
    if (!/json$/.test(attributes.type ?? "") && text.trim() && !isAllowed(text))
      faults.push("has a script inside the page that its policy does not name");
  for (const { name, attributes } of elements)
    for (const attribute of Object.keys(attributes).filter((each) => each.startsWith("on")))
      faults.push(`has a script in ${attribute} of <${name}>`);
  return faults;
}

/** Duplicate ids, missing labels, and elements without an accessible name. */
function nameFaults(elements, byId) {
  const ids = elements.map(({ attributes }) => attributes.id).filter((id) => id !== undefined);
  const duplicates = [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];
  const faults = duplicates.map((id) => `has the id "${id}" more than once`);
  for (const { attributes } of elements)
    for (const reference of ["aria-labelledby", "aria-describedby", "aria-controls"])
      for (const id of (attributes[reference] ?? "").split(/\s+/).filter(Boolean))
        if (!byId.has(id)) faults.push(`has ${reference}="${id}", which does not exist`);
  for (const element of elements.filter(needsName))
    if (!accessibleName(element, byId))
      faults.push(
        `has a <${element.name}> without an accessible name: ${quoted(JSON.stringify(element.attributes))}`,
      );
  return faults;
}

/** Addresses outside the folder, and addresses that do not exist. */
function addressFaults(page, elements, folder, anchorsOf) {
  const faults = [];
  const exists = (address) => {
    const [place, anchor] = address.split("#");
    const file = decodeURIComponent(place.split("?")[0]);
    const target = file ? path.normalize(path.join(path.dirname(page), file)) : page;
    if (!existsSync(path.join(folder, target))) return false;
    if (!anchor || !/\.html?$/.test(target)) return true;
    return [anchor, decodeURIComponent(anchor)].some((id) => anchorsOf(target).has(id));
  };
  for (const element of elements) {
    for (const address of loadedAddresses(element)) {
      if (INLINE.test(address)) continue;
      if (FOREIGN.test(address)) faults.push(`loads ${quoted(address)}, which is outside the folder`);
      else if (!exists(address)) faults.push(`loads ${quoted(address)}, which does not exist`);
    }
    const { href } = element.name === "a" ? element.attributes : {};
    if (href === undefined || /^(https?|mailto):/i.test(href)) continue;
    if (FOREIGN.test(href)) faults.push(`links to ${quoted(href)}, which is outside the folder`);
    else if (!exists(href)) faults.push(`links to ${quoted(href)}, which does not exist`);
  }
  return faults;
}

/** The HTML pages of a folder. */
export const pagesIn = (folder) =>
  readdirSync(folder)
    .filter((name) => /\.html?$/.test(name))
    .sort();

/**
 * The faults of the HTML pages of a folder that can be found without a browser, one line each, starting with the page.
 *
 * @param {string} folder
 * @returns {string[]}
 */
export function staticFaults(folder) {
  const parsed = new Map(
    pagesIn(folder).map((page) => [page, parseElements(readFileSync(path.join(folder, page), "utf8"))]),
  );
  const anchorsOf = (page) => new Set((parsed.get(page) ?? []).map(({ attributes }) => attributes.id));
  return [...parsed].flatMap(([page, elements]) => {
    const byId = new Map(elements.map((element) => [element.attributes.id, element]));
    const faults = [
      ...documentFaults(elements),
      ...nameFaults(elements, byId),
      ...addressFaults(page, elements, folder, anchorsOf),
    ];
    return faults.map((fault) => `${page} ${fault}`);
  });
}
