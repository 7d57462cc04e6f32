/**
 * Counts the pixels of some colours in a screenshot of an element.
 *
 * @param {import("playwright-core").Locator} locator
 * @param {string[]} colours as in "#1f77b4"
 * @returns {Promise<number[]>} one number for each colour
 */
export async function countPixels(locator, colours) {
  const screenshot = await locator.screenshot();
  const pixels = await locator.page().evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes]));
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    const hex = (byte) => byte.toString(16).padStart(2, "0");
    return Array.from({ length: data.length / 4 }, (_, at) =>
      ["#", ...Array.from(data.slice(4 * at, 4 * at + 3), hex)].join(""),
    );
  }, screenshot.toString("base64"));
  return colours.map((colour) => pixels.filter((pixel) => pixel === colour).length);
}
