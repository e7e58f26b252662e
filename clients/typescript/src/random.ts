/**
 * A name that nobody else will ever think of: a version 4 UUID.
 *
 * Not `crypto.randomUUID()`: browsers have that only on pages that came over https, which a server at home may do
 * without.
 *
 * @internal
 */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const digits = Array.from(bytes, (byte, place) => marked(byte, place).toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The bits that say which version and which variant of a UUID it is. */
function marked(byte: number, place: number): number {
  if (place === 6) return (byte & 0x0f) | 0x40;
  if (place === 8) return (byte & 0x3f) | 0x80;
  return byte;
}
