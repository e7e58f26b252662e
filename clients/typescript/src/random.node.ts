// Node 18 has no global `crypto`; package.json chooses this file for Node.
import { randomUUID } from "node:crypto";

/**
 * A name that nobody else will ever think of: a version 4 UUID.
 *
 * @internal
 */
export function uuid(): string {
  return randomUUID();
}
