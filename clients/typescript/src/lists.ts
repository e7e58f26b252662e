import type { CallOptions } from "./options.js";
import type { Pagination, Part } from "./types.js";

/** What can be said about going through a whole list. */
export interface AllOptions extends CallOptions {
  /** How many rows to fetch at a time, 1 to 100; 100, if nothing is given. */
  readonly pageSize?: number | undefined;
}

/**
 * The rows of a list from the first to the last, fetched a part at a time while they are asked for. It goes by cursor:
 * rows that are added meanwhile neither repeat nor hide others.
 *
 * @internal
 */
export async function* rowsOf<P extends { pagination: Pagination }, R>(
  fetchPart: (part: Part, options: CallOptions) => Promise<P>,
  rows: (part: P) => readonly R[],
  { pageSize = 100, ...options }: AllOptions = {},
): AsyncGenerator<R, void, undefined> {
  let part: Part = { limit: pageSize };
  for (;;) {
    const found = await fetchPart(part, options);
    yield* rows(found);
    const cursor = found.pagination.next_cursor;
    if (cursor === null) return;
    part = { limit: pageSize, cursor };
  }
}
