/** MIME type → data: text, JSON, or bytes (sent as base64). */
export type MimeBundle = Record<string, unknown>;

/** How clients should show the data of some MIME types, such as the size of an image. */
export type BundleMetadata = Record<string, Record<string, unknown>>;

const metadataKey = Symbol.for("allroads.display.metadata");

/** A bundle with metadata. It is not among the data. */
export function withMetadata(bundle: MimeBundle, metadata: BundleMetadata): MimeBundle {
  const entries = Object.entries(metadata).filter(([, properties]) => Object.keys(properties).length > 0);
  if (entries.length === 0) return bundle;
  return Object.defineProperty(bundle, metadataKey, { value: Object.fromEntries(entries) });
}

/** The metadata of a bundle; undefined if it has none. */
export const metadataOf = (bundle: MimeBundle): BundleMetadata | undefined =>
  (bundle as Record<symbol, BundleMetadata | undefined>)[metadataKey];
