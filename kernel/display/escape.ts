const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** `text` with the five characters that mean something in HTML, or in one of its attributes, escaped. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

/** The text that `escapeHtml` was given. */
export function unescapeHtml(text: string): string {
  const characters = Object.entries(entities);
  return text.replace(
    /&(?:amp|lt|gt|quot|#39);/g,
    (entity) => characters.find((pair) => pair[1] === entity)![0],
  );
}
