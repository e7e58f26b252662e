import type { Tokens } from "./types.js";

/** A value, or the promise of one. */
export type Awaitable<T> = T | PromiseLike<T>;

/**
 * Where the two tokens of a login are kept. Both methods may be slow.
 *
 * Several clients may share one place (the tabs of a browser, say): each reads it before every call, and none
 * refreshes a token that another one has refreshed already.
 */
export interface TokenStore {
  /** The present tokens; `null` when nobody is logged in. */
  load(): Awaitable<Tokens | null>;
  /** Keeps new tokens after a login or a refresh; `null` when the login has ended. */
  save(tokens: Tokens | null): Awaitable<void>;
}

/** Keeps the tokens in memory: they are gone with the program. */
export class MemoryTokenStore implements TokenStore {
  #tokens: Tokens | null;

  /** @param tokens - those of a login that goes on, if there is one */
  constructor(tokens: Tokens | null = null) {
    this.#tokens = tokens;
  }

  load(): Tokens | null {
    return this.#tokens;
  }

  save(tokens: Tokens | null): void {
    this.#tokens = tokens;
  }
}
