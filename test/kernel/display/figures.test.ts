import { expect, test } from "vitest";
import { toBundle } from "../../../kernel/display/bundle.ts";
import { image } from "../../../kernel/display/helpers.ts";
import { metadataOf } from "../../../kernel/display/mime-bundle.ts";

/** An element as DOM libraries make it: its markup is computed. */
class Element {
  readonly #markup: string;
  constructor(markup: string) {
    this.#markup = markup;
  }
  get outerHTML(): string {
    return this.#markup;
  }
}

const png = Buffer.from("\x89PNG\r\n\x1a\nrest", "latin1");
const jpeg = Buffer.from("\xff\xd8\xff\xe0rest", "latin1");
const webp = Buffer.from("RIFF\x08\0\0\0WEBPVP8 ", "latin1");
const chart = {
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  title: "Bars",
  data: { values: [{ x: 1 }] },
  mark: "bar",
  encoding: { x: { field: "x" } },
};

test("an SVG element is an image that stands alone, any other element is HTML", () => {
  const bundle = toBundle(
    new Element('<svg aria-label="two &amp; two"><use xlink:href="#a"/><text>a&nbsp;b</text></svg>'),
  );
  expect(bundle).toEqual({
    "image/svg+xml":
      '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" aria-label="two &amp; two"><use xlink:href="#a"/><text>a&#160;b</text></svg>',
    "text/plain": "two & two",
  });
  const declared = '<svg xmlns="http://www.w3.org/2000/svg"><g></g></svg>';
  expect(toBundle(new Element(declared))).toEqual({ "image/svg+xml": declared, "text/plain": "Figure" });
  expect(toBundle(new Element("<figure><b>1 &lt; 2</b></figure>"))).toEqual({
    "text/html": "<figure><b>1 &lt; 2</b></figure>",
    "text/plain": "1 < 2",
  });
});

test("data that has a property named like an element's is not shown as HTML", () => {
  expect(toBundle(JSON.parse('{ "outerHTML": "<img onerror=1>" }'))).toEqual({
    "text/plain": "{ outerHTML: '<img onerror=1>' }",
  });
});

test("bytes of an image are an image, others are text", () => {
  expect(toBundle(png)).toEqual({ "image/png": png, "text/plain": "PNG image, 12 bytes" });
  const plain = new Uint8Array(jpeg);
  expect(toBundle(plain)).toEqual({ "image/jpeg": plain, "text/plain": "JPEG image, 8 bytes" });
  const shown = toBundle(webp) as Record<string, unknown>;
  expect(shown["image/webp"]).toBe(webp);
  expect(shown["text/html"]).toBe(
    `<img src="data:image/webp;base64,${webp.toString("base64")}" alt="WebP image, 16 bytes">`,
  );
  expect(Object.keys(toBundle(Buffer.from("text")))).toEqual(["text/plain"]);
  expect(Object.keys(toBundle(new Uint8Array(0)))).toEqual(["text/plain"]);
});

test.each([
  ["bytes", { toBuffer: () => png }],
  ["a promise of bytes", { toBuffer: async () => png }],
  ["a data: URL", { toDataURL: () => `data:image/png;base64,${png.toString("base64")}` }],
])("a canvas that gives %s is an image", async (_, drawing) => {
  const bundle = await toBundle({ getContext: () => ({}), ...drawing });
  expect(bundle["image/png"]).toEqual(png);
});

test("a canvas that gives no image is text", async () => {
  for (const toDataURL of [() => null, async () => "data:,"])
    expect(Object.keys(await toBundle({ getContext() {}, toDataURL }))).toEqual(["text/plain"]);
});

test("a builder of charts is shown by its specification", async () => {
  expect(await toBundle({ toSpec: () => chart })).toMatchObject({
    "application/vnd.vegalite.v5+json": chart,
    "text/plain": "Bars",
  });
  expect(await toBundle({ toSpec: () => ({ mark: "bar" }) })).toEqual({
    "text/plain": "{ toSpec: [Function: toSpec] }",
  });
});

test("a text that is an SVG image without scripts is shown as one", () => {
  const drawing = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>\n';
  expect(toBundle(drawing)).toEqual({ "image/svg+xml": drawing, "text/plain": drawing });
  const texts = ["<svg", "see <svg></svg>", "<b></b>", "<svg><script>1</script></svg>"];
  for (const text of [...texts, '<svg onload="f()"></svg>', '<svg><a href="javascript:f()"/></svg>'])
    expect(toBundle(text)).toEqual({ "text/plain": text });
});

test("image has a size and a description", () => {
  const bundle = toBundle(image(png, { width: 30, height: 20, description: "a dot" })) as Record<
    string,
    unknown
  >;
  expect(bundle).toEqual({ "image/png": png, "text/plain": "a dot" });
  expect(metadataOf(bundle)).toEqual({ "image/png": { width: 30, height: 20 } });
  expect(metadataOf(toBundle(image(png)) as Record<string, unknown>)).toBeUndefined();
  const url = `data:image/jpeg;base64,${jpeg.toString("base64")}`;
  expect(toBundle(image(url))).toMatchObject({ "image/jpeg": jpeg });
  expect(toBundle(image("<svg width='9' viewBox='0 0 1 1'></svg>", { width: 40 }))).toMatchObject({
    "image/svg+xml": `<svg width="40" xmlns="http://www.w3.org/2000/svg" viewBox='0 0 1 1'></svg>`,
  });
});

test("image says what is wrong with its source and size", () => {
  expect(() => image(Buffer.from("text"))).toThrow(/4 bytes are no image; give the content of a PNG/);
  expect(() => image(5 as never)).toThrow(/a value of type number is no image; give bytes/);
  expect(() => image(png, { width: -1 })).toThrow(/the width is -1; give a number of pixels/);
  expect(() => image("/no/such.png")).toThrow(/ENOENT.*such\.png/);
});
