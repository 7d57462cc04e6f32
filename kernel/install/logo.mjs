import { deflateSync } from "node:zlib";
import { crc32Of } from "./crc32.mjs";
import { plate, roads } from "./shape.mjs";

/** Each pixel is looked at in so many places along each side. */
const SAMPLES = 4;

function inPolygon(points, x, y) {
  let inside = false;
  for (let at = 0, before = points.length - 1; at < points.length; before = at++) {
    const [ax, ay] = points[at];
    const [bx, by] = points[before];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

function inPlate(x, y) {
  const { size, radius } = plate;
  const outside = (value) => Math.max(radius - value, value - (size - radius), 0);
  return Math.hypot(outside(x), outside(y)) <= radius;
}

const channels = (colour) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));

/** The colour at a place of the mark, red, green, blue and opacity. */
function colourAt(x, y) {
  if (!inPlate(x, y)) return [0, 0, 0, 0];
  const road = roads.findLast(({ points }) => inPolygon(points, x, y));
  return [...channels(road?.colour ?? plate.colour), 255];
}

/** A pixel's colour: the mean of its samples, where each counts as much as it is opaque. */
function pixel(column, row, scale) {
  const sum = [0, 0, 0, 0];
  for (let dy = 0; dy < SAMPLES; dy++)
    for (let dx = 0; dx < SAMPLES; dx++) {
      const colour = colourAt((column + (dx + 0.5) / SAMPLES) * scale, (row + (dy + 0.5) / SAMPLES) * scale);
      const weight = colour[3] / 255;
      for (let at = 0; at < 3; at++) sum[at] += colour[at] * weight;
      sum[3] += weight;
    }
  const opacity = sum[3] / SAMPLES ** 2;
  return [...sum.slice(0, 3).map((value) => Math.round(value / (sum[3] || 1))), Math.round(255 * opacity)];
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32Of(body));
  return Buffer.concat([length, body, check]);
}

/** The mark as a PNG image of `size` by `size` pixels. */
export function pngLogo(size) {
  const scale = plate.size / size;
  const rows = Array.from({ length: size }, (_, row) => [
    0,
    ...Array.from({ length: size }, (_, column) => pixel(column, row, scale)).flat(),
  ]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.from(rows.flat()))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
