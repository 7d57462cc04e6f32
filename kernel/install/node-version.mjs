/**
 * Whether this project runs on a version of Node: 20.19 or later within 20, or 22.12 or later.
 *
 * @param {string} version for example "22.12.0"
 */
export function isSupportedNode(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 23;
}
