import { readFileSync } from "node:fs";
import { escapeHtml } from "./escape.ts";
import { type MimeBundle, withMetadata } from "./mime-bundle.ts";
import { isObject, method } from "./probe.ts";
import { svgDocument } from "./svg.ts";
import { visibleText } from "./visible.mjs";

export interface ImageOptions {
  /** The width at which the image is shown, in pixels. */
  width?: number;
  /** The height at which the image is shown, in pixels. */
  height?: number;
  /** The text alternative. */
  description?: string;
}

const bytesOf = (text: string) => Buffer.from(text, "latin1");

/** The formats of images that notebooks show, by the bytes that their files have at an offset. */
const FORMATS = [
  { mime: "image/png", name: "PNG", offset: 0, magic: bytesOf("\x89PNG\r\n\x1a\n") },
  { mime: "image/jpeg", name: "JPEG", offset: 0, magic: bytesOf("\xff\xd8\xff") },
  { mime: "image/gif", name: "GIF", offset: 0, magic: bytesOf("GIF8") },
  { mime: "image/webp", name: "WebP", offset: 8, magic: bytesOf("WEBPVP8") },
];

/** The format of an image, judged by its first bytes; undefined if it is none of FORMATS. */
function formatOf(bytes: Uint8Array) {
  return FORMATS.find(({ offset, magic }) =>
    magic.equals(Buffer.from(bytes.subarray(offset, offset + magic.length))),
  );
}

/** Whether a value is the content of an image file: PNG, JPEG, GIF or WebP. */
export const isImage = (value: unknown): value is Uint8Array =>
  value instanceof Uint8Array && formatOf(value) !== undefined;

function checkLength(name: "width" | "height", value: number | undefined): number | undefined {
  if (value === undefined || (Number.isFinite(value) && value > 0)) return value;
  throw new RangeError(`image: the ${name} is ${value}; give a number of pixels above 0.`);
}

/** The given ones of width and height, in the order of the options. */
function sizeOf({ width, height }: ImageOptions): Record<string, number> {
  const size = { width: checkLength("width", width), height: checkLength("height", height) };
  return Object.fromEntries(
    Object.entries(size).flatMap(([name, length]) => (length ? [[name, length]] : [])),
  );
}

/** An HTML element that contains an image. */
function imageElement(
  mime: string,
  bytes: Uint8Array,
  description: string,
  size: Record<string, number>,
): string {
  const source = `data:${mime};base64,${Buffer.from(bytes).toString("base64")}`;
  const attributes = Object.entries(size).map(([side, length]) => ` ${side}="${length}"`);
  return `<img src="${source}" alt="${escapeHtml(description)}"${attributes.join("")}>`;
}

/** The bundle of an image file's content. */
export function imageBundle(bytes: Uint8Array, options: ImageOptions = {}): MimeBundle {
  const format = formatOf(bytes);
  if (!format)
    throw new TypeError(
      `image: these ${bytes.length} bytes are no image; give the content of a PNG, JPEG, GIF or WebP file.`,
    );
  const { mime, name } = format;
  const description = visibleText(options.description ?? `${name} image, ${bytes.length} bytes`);
  const size = sizeOf(options);
  const bundle = { [mime]: bytes, "text/plain": description };
  // Not all clients know WebP.
  const html = mime === "image/webp" ? { "text/html": imageElement(mime, bytes, description, size) } : {};
  return withMetadata({ ...html, ...bundle }, { [mime]: size });
}

/** The bundle of an SVG image with a width and height. */
function svgImageBundle(markup: string, options: ImageOptions): MimeBundle {
  const attributes = Object.entries(sizeOf(options));
  const sized = attributes.reduce(
    (text, [name, length]) =>
      text.replace(/<svg\b[^>]*>/, (tag) =>
        tag
          .replace(new RegExp(`\\s${name}\\s*=\\s*("[^"]*"|'[^']*')`), "")
          .replace("<svg", `<svg ${name}="${length}"`),
      ),
    svgDocument(markup),
  );
  return { "image/svg+xml": sized, "text/plain": visibleText(options.description ?? "Figure") };
}

const DATA_URL = /^data:image\/[a-z+.-]+(?:;charset=[\w-]+)?(;base64)?,(.*)$/is;

/** The bytes of a `data:` URL of an image; undefined if the text is none. */
function dataUrlBytes(text: string): Buffer | undefined {
  const [, base64, data = ""] = DATA_URL.exec(text) ?? [];
  if (!DATA_URL.test(text)) return undefined;
  return base64 ? Buffer.from(data, "base64") : Buffer.from(decodeURIComponent(data));
}

/** The bundle of an image given as bytes, SVG, a `data:` URL or the path of a file. */
export function imageFrom(source: Uint8Array | string, options: ImageOptions): MimeBundle {
  if (typeof source !== "string" && !(source instanceof Uint8Array))
    throw new TypeError(
      `image: ${source === null ? "null" : `a value of type ${typeof source}`} is no image; give bytes, SVG, a data: URL or the path of a file.`,
    );
  const isMarkup = typeof source === "string" && /^\s*</.test(source);
  if (isMarkup) return svgImageBundle(source, options);
  const bytes = typeof source === "string" ? (dataUrlBytes(source) ?? readFileSync(source)) : source;
  const isSvg =
    !formatOf(bytes) && /^\s*(?:<\?xml|<!--|<svg)/.test(Buffer.from(bytes.subarray(0, 100)).toString());
  return isSvg ? svgImageBundle(Buffer.from(bytes).toString(), options) : imageBundle(bytes, options);
}

/** Whether a value is a canvas, of a browser's DOM or of a package such as canvas or @napi-rs/canvas. */
export function isCanvas(value: unknown): value is object {
  if (!isObject(value) || !method(value, "getContext")) return false;
  return method(value, "toBuffer") !== undefined || method(value, "toDataURL") !== undefined;
}

/** The bundle of what a canvas has drawn; undefined if it gives no image, as in jsdom without the package canvas. */
export function canvasBundle(canvas: object): MimeBundle | undefined | Promise<MimeBundle | undefined> {
  const toBundle = (drawn: unknown) => {
    const bytes = typeof drawn === "string" ? dataUrlBytes(drawn) : drawn;
    return isImage(bytes) ? imageBundle(bytes) : undefined;
  };
  const draw = method(canvas, "toBuffer") ?? method(canvas, "toDataURL");
  const drawn = draw?.("image/png");
  return drawn instanceof Promise ? drawn.then(toBundle) : toBundle(drawn);
}
