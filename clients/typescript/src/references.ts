import type { Answer } from "./answer.js";
import type { UpdateOptions } from "./options.js";
import type { Reference, Versioned, VersionedReference } from "./types.js";

/**
 * What paths and bodies name an object by.
 *
 * @internal
 */
export function idOf(reference: Reference): string {
  return typeof reference === "string" ? reference : reference.id;
}

/**
 * With the version of the object that is to be changed, unless the caller names another one.
 *
 * @internal
 */
export function conditional(reference: VersionedReference, options: UpdateOptions | undefined): UpdateOptions {
  const etag = typeof reference === "string" ? undefined : reference.etag;
  return { ...options, ifMatch: options?.ifMatch ?? etag };
}

/**
 * The object with its version.
 *
 * @internal
 */
export function versioned<T extends object>(object: T, { etag }: Pick<Answer<unknown>, "etag">): Versioned<T> {
  return { ...object, etag };
}

/**
 * What a change has led to. An answer that the server had given before, so that this was the second attempt, has no
 * version: then the object is read anew.
 *
 * @internal
 */
export async function changed<T extends object>(
  object: T,
  answer: Pick<Answer<unknown>, "etag">,
  readAnew: () => Promise<Versioned<T>>,
): Promise<Versioned<T>> {
  return answer.etag === undefined ? readAnew() : versioned(object, answer);
}
