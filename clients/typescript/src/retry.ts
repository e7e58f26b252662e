import {
  ConflictError,
  ConnectionError,
  type GuildhallError,
  RateLimitedError,
  ServiceUnavailableError,
  UnexpectedAnswerError,
} from "./errors.js";
import type { RetryOptions } from "./options.js";

/** What proxies answer when the server behind them does not. */
const GATEWAY = new Set([502, 503, 504]);

/**
 * Decides whether and when to try again.
 *
 * @internal
 */
export class RetryPolicy {
  readonly #attempts: number;
  readonly #maxWaitMs: number;
  readonly #baseWaitMs: number;

  constructor(options: RetryOptions = {}) {
    this.#attempts = options.attempts ?? 3;
    this.#maxWaitMs = options.maxWaitMs ?? 20_000;
    this.#baseWaitMs = options.baseWaitMs ?? 250;
  }

  /**
   * How many milliseconds to wait before trying again; `undefined` to give up.
   *
   * @param isRepeatable - whether doing it again does nothing twice
   * @param soFar - how often it was tried again already
   */
  wait(error: GuildhallError, isRepeatable: boolean, soFar: number): number | undefined {
    if (soFar >= this.#attempts || !isWorthIt(error, isRepeatable)) return undefined;
    const wait = error.retryAfter === undefined ? this.#backOff(soFar) : error.retryAfter * 1000;
    return wait <= this.#maxWaitMs ? wait : undefined;
  }

  /** Longer each time, and different for each of the many that were turned away together. */
  #backOff(soFar: number): number {
    const longest = Math.min(this.#baseWaitMs * 2 ** soFar, this.#maxWaitMs);
    return longest * (0.5 + Math.random() / 2);
  }
}

function isWorthIt(error: GuildhallError, isRepeatable: boolean): boolean {
  // The server says that it did nothing.
  if (error instanceof RateLimitedError || error instanceof ServiceUnavailableError) return true;
  if (!isRepeatable) return false;
  if (error instanceof ConnectionError) return true;
  if (error instanceof UnexpectedAnswerError) return GATEWAY.has(error.status);
  // An earlier attempt of the same call, whose answer was lost, is still under way.
  return error instanceof ConflictError && error.reason === "in_progress";
}
