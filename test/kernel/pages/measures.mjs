/* What a page looks like in the browser. */

/** The sizes of the texts of the visible drawings of figures with layouts as the reader sees them, in pixels. */
export const textSizes = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("figure:has(> .wide) svg text")]
      .filter((text) => text.checkVisibility() && text.textContent)
      .map((text) => Number.parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a),
  );

/** The width of a page with what juts out of the screen, in pixels. */
export const pageWidth = (page) => page.evaluate(() => document.documentElement.scrollWidth);

/** A computed style of the first element that a selector finds. */
export const styleOf = (page, selector, property) =>
  page.evaluate(
    ([selector, property]) => getComputedStyle(document.querySelector(selector))[property],
    [selector, property],
  );
