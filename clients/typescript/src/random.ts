/** A name that nobody else will ever think of. */
export function uuid(): string {
  return crypto.randomUUID();
}
