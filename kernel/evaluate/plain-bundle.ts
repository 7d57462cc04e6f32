import { wireData } from "../display/jupyter.ts";
import { type MimeBundle, metadataOf, withMetadata } from "../display/mime-bundle.ts";
import { bare, getOwnPropertyDescriptor, ownKeys, parse, stringify } from "./intrinsics.ts";

/** A copy of a bundle that has only texts; undefined if it has anything else. */
function textBundle(bundle: MimeBundle): MimeBundle | undefined {
  const copy: MimeBundle = bare({});
  const names = ownKeys(bundle);
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!;
    const property = getOwnPropertyDescriptor(bundle, name);
    if (typeof name !== "string" || typeof property?.value !== "string" || !property.enumerable)
      return undefined;
    copy[name] = property.value;
  }
  return copy;
}

/**
 * A bundle as plain JSON values without a prototype, so that it can be cloned to the other thread. Texts, which most
 * bundles consist of, need no built-in function that a cell could have replaced. The copy has the bundle's metadata.
 *
 * @throws if a value cannot be converted to JSON
 */
export function plainBundle(bundle: MimeBundle): MimeBundle {
  const data = textBundle(bundle) ?? bare(parse(stringify(wireData(bundle))));
  const metadata = metadataOf(bundle);
  return metadata ? withMetadata(data, metadata) : data;
}
