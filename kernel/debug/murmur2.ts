const factor = 0x5bd1e995;

const mix = (word: number): number => {
  const product = Math.imul(word, factor);
  return Math.imul(product ^ (product >>> 24), factor);
};

/** The 32-bit MurmurHash2 (Appleby, little endian) of a text in UTF-8. Jupyter's clients name cells by it. */
export function murmur2(text: string, seed: number): number {
  const bytes = Buffer.from(text, "utf8");
  const wholeLength = bytes.length - (bytes.length % 4);
  let hash = seed ^ bytes.length;
  for (let index = 0; index < wholeLength; index += 4)
    hash = Math.imul(hash, factor) ^ mix(bytes.readInt32LE(index));
  if (wholeLength < bytes.length)
    hash = Math.imul(hash ^ bytes.readUIntLE(wholeLength, bytes.length - wholeLength), factor);
  hash = Math.imul(hash ^ (hash >>> 13), factor);
  return (hash ^ (hash >>> 15)) >>> 0;
}
