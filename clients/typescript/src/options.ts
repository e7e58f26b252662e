import type { TokenStore } from "./tokens.js";

/** The part of the standard `fetch` that is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** How to talk to a server. */
export interface GuildhallOptions {
  /** Where the server is, without `/api/v1`: `https://guildhall.example.com`. A path is kept. */
  readonly baseUrl: string;
  /** What sends requests; the platform's own `fetch`, if nothing is given. */
  readonly fetch?: Fetch;
  /** Where the tokens of the login are kept; in memory, if nothing is given. */
  readonly tokens?: TokenStore;
  /** How long one attempt may take, its answer's body included. 30,000 milliseconds, if nothing is given. */
  readonly timeoutMs?: number;
  /** When to try again. */
  readonly retry?: RetryOptions;
}

/**
 * When to try again by itself: after a 429 or 503 always, because then nothing was done; after a failure of the
 * network, or of a proxy, where that cannot do anything twice.
 */
export interface RetryOptions {
  /** Further attempts after the first one; 3, if nothing is given. 0 for none. */
  readonly attempts?: number;
  /**
   * The longest single wait; 20,000 milliseconds, if nothing is given. If the server's `Retry-After` says more, the
   * error is thrown at once.
   */
  readonly maxWaitMs?: number;
  /** The first wait where the server names none; doubled each time, and shortened at random. 250 milliseconds. */
  readonly baseWaitMs?: number;
}

/** What can be said about every single call. */
export interface CallOptions {
  /** Ends the call and its retries; the call then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** How long one attempt may take, instead of what the client was made with. */
  readonly timeoutMs?: number;
}

/** What can be said about a command. */
export interface CommandOptions extends CallOptions {
  /**
   * The call's own name for itself: the server does it once, however often it is asked, for 24 hours. Made anew for
   * each call, if nothing is given; all attempts of one call use the same. Give one of your own to go on after a
   * restart of your program: 1 to 255 printable ASCII characters.
   */
  readonly idempotencyKey?: string;
}

/** What can be said about a change. */
export interface UpdateOptions extends CommandOptions {
  /** The `ETag` that must still be the present one, instead of the one of the object that was handed over; or `*`. */
  readonly ifMatch?: string;
}
