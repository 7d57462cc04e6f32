/* Sliders: parameters of Vega-Lite that a reader moves, over numbers that are all in the figure. */

/** A slider, which stops at one of `places`: between two of them at the nearer one. */
export interface Slider {
  /** The name of its parameter, such as "epochs". */
  readonly name: string;
  /** What it sets, with its unit; written beside it. */
  readonly label: string;
  readonly places: readonly number[];
  /** Where it is at first, one of `places`. */
  readonly start: number;
  /** By default the largest step with which it can stop at every place. */
  readonly step?: number;
}

/** The parameter that has the place at which a slider stands. */
export const placeOf = ({ name }: Slider): string => `${name}Place`;

/** The parameters of sliders: what is moved, and the place that it means. Throws if a slider starts elsewhere. */
export function sliderParams(sliders: readonly Slider[]): object[] {
  return sliders.flatMap((slider) => {
    const { name, label, start, step } = slider;
    const places = [...new Set(slider.places)].sort((a, b) => a - b);
    const [first, last] = [places.at(0), places.at(-1)];
    if (first === undefined || last === undefined || !places.includes(start))
      throw new Error(
        `The slider "${label}" starts at ${start}, which is none of its places ${places.join(", ")}.`,
      );
    const moved = {
      name,
      value: start,
      bind: { input: "range", name: `${label} `, min: first, max: last, step: step ?? commonStep(places) },
    };
    return [moved, { name: placeOf(slider), expr: nearest(name, places) }];
  });
}

/** The largest step by which a slider that starts at the first place reaches all of them. */
function commonStep(places: readonly number[]): number {
  const digits = Math.max(...places.map((place) => (String(place).split(".")[1] ?? "").length));
  const unit = 10 ** digits;
  const gaps = places.slice(1).map((place, at) => Math.round(unit * (place - places[at]!)));
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  return (gaps.reduce(divisor, 0) || unit) / unit;
}

/** An expression for the place nearest to a parameter; halfway between two, the upper one. */
function nearest(name: string, places: readonly number[]): string {
  const [first, ...others] = places;
  const choices = others.map((place, at) => `${name} < ${(places[at]! + place) / 2} ? ${places[at]} : `);
  return `${choices.join("")}${others.at(-1) ?? first}`;
}
