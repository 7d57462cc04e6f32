/** The kernel's mark on a square of 64: two roads that become one, on a rounded plate. Polygons, [x, y]. */
export const plate = { size: 64, radius: 12, colour: "#1f4e79" };

export const roads = [
  {
    colour: "#ffffff",
    points: [
      [10, 8],
      [22, 8],
      [38, 34],
      [38, 58],
      [26, 58],
      [26, 36],
    ],
  },
  {
    colour: "#f2b134",
    points: [
      [54, 8],
      [42, 8],
      [34, 21],
      [40, 31],
    ],
  },
];

/** The mark as an SVG image. */
export function svgLogo() {
  const polygons = roads.map(
    ({ colour, points }) =>
      `  <polygon fill="${colour}" points="${points.map((point) => point.join(",")).join(" ")}"/>`,
  );
  const { size, radius, colour } = plate;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}">`,
    `  <rect width="${size}" height="${size}" rx="${radius}" fill="${colour}"/>`,
    ...polygons,
    "</svg>",
    "",
  ].join("\n");
}
