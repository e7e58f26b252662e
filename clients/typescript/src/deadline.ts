/** The longest that platforms can wait; a longer time would end at once. Some 25 days are as good as for ever. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * The time that an attempt has, and the caller's wish to end it, as one signal. `AbortSignal.any` and `.timeout` would
 * do, if all platforms had them.
 *
 * @internal
 */
export class Deadline {
  readonly #milliseconds: number;
  readonly #callers: AbortSignal | undefined;
  readonly #control = new AbortController();
  readonly #stop = (): void => this.#control.abort(this.#callers?.reason);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Time begins to run.
   *
   * @throws the reason of the caller's signal, if it is aborted already
   */
  constructor(milliseconds: number, callers: AbortSignal | undefined) {
    callers?.throwIfAborted();
    this.#milliseconds = milliseconds;
    this.#callers = callers;
    callers?.addEventListener("abort", this.#stop, { once: true });
    this.restart();
  }

  /** Aborted when the time is over or the caller has had enough, whichever comes first. */
  get signal(): AbortSignal {
    return this.#control.signal;
  }

  /** Whether it was the caller who ended it. */
  get isCalledOff(): boolean {
    return this.#callers?.aborted === true;
  }

  /** Gives the whole time again: something has arrived. */
  restart(): void {
    this.pause();
    const late = (): void => this.#control.abort(new Error(`no answer within ${this.#milliseconds} ms`));
    if (this.#milliseconds <= LONGEST_MS) this.#timer = setTimeout(late, this.#milliseconds);
  }

  /** Stops the clock while nothing is waited for; the caller can still end it. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  /** Nothing will end it any more. */
  end(): void {
    this.pause();
    this.#callers?.removeEventListener("abort", this.#stop);
  }
}
