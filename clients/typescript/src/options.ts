import type { TokenStore } from "./tokens.js";

/** The part of the standard `fetch` that is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** How to talk to a server. */
export interface GuildhallOptions {
  /** Where the server is, without `/api/v1`: `https://guildhall.example.com`. A path is kept. */
  readonly baseUrl: string;
  /** What sends requests; the platform's own `fetch`, if nothing is given. */
  readonly fetch?: Fetch | undefined;
  /** Where the tokens of the login are kept; in memory, if nothing is given. */
  readonly tokens?: TokenStore | undefined;
  /**
   * How long one attempt may take, its answer's body included; with a download, how long each piece of it may.
   * 30,000 milliseconds, if nothing is given; `Infinity` for no limit.
   */
  readonly timeoutMs?: number | undefined;
  /** The same for one attempt of an upload: 300,000 milliseconds, if nothing is given. */
  readonly uploadTimeoutMs?: number | undefined;
  /** When to try again. */
  readonly retry?: RetryOptions | undefined;
}

/**
 * When to try again by itself: after a 429 or 503 always, because then nothing was done; after a failure of the
 * network, or of a proxy, where that cannot do anything twice.
 */
export interface RetryOptions {
  /** Further attempts after the first one; 3, if nothing is given. 0 for none. */
  readonly attempts?: number | undefined;
  /**
   * The longest single wait; 20,000 milliseconds, if nothing is given. If the server's `Retry-After` says more, the
   * error is thrown at once.
   */
  readonly maxWaitMs?: number | undefined;
  /** The first wait where the server names none; doubled each time, and shortened at random. 250 milliseconds. */
  readonly baseWaitMs?: number | undefined;
}

/** What can be said about every single call. */
export interface CallOptions {
  /** Ends the call and its retries; the call then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long one attempt may take, instead of what the client was made with. */
  readonly timeoutMs?: number | undefined;
}

/** What can be said about a command. */
export interface CommandOptions extends CallOptions {
  /**
   * The call's own name for itself: the server does it once, however often it is asked, for 24 hours. Made anew for
   * each call, if nothing is given; all attempts of one call use the same. Give one of your own to go on after a
   * restart of your program: 1 to 255 printable ASCII characters.
   */
  readonly idempotencyKey?: string | undefined;
}

/** What can be said about a change. */
export interface UpdateOptions extends CommandOptions {
  /** The `ETag` that must still be the present one, instead of the one of the object that was handed over; or `*`. */
  readonly ifMatch?: string | undefined;
}
