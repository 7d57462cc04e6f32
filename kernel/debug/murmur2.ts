const factor = 0x5bd1e995;

const mixed = (word: number): number => {
  const product = Math.imul(word, factor);
  return Math.imul(product ^ (product >>> 24), factor);
};

/** MurmurHash2 (Appleby, 32 bits, little endian) of a text's UTF-8: by it Jupyter's clients name cells. */
export function murmur2(text: string, seed: number): number {
  const bytes = Buffer.from(text, "utf8");
  const whole = bytes.length - (bytes.length % 4);
  let hash = seed ^ bytes.length;
  for (let at = 0; at < whole; at += 4) hash = Math.imul(hash, factor) ^ mixed(bytes.readInt32LE(at));
  if (whole < bytes.length) hash = Math.imul(hash ^ bytes.readUIntLE(whole, bytes.length - whole), factor);
  hash = Math.imul(hash ^ (hash >>> 13), factor);
  return (hash ^ (hash >>> 15)) >>> 0;
}
