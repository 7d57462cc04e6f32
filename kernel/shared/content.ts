// biome-ignore lint/suspicious/noExplicitAny: a content's shape depends on the message's type
export type Content = Record<string, any>;

/** Whether a JSON value is an object. */
export const isObject = (value: unknown): value is Content =>
  typeof value === "object" && value !== null && !Array.isArray(value);
