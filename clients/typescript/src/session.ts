import { UnauthorizedError } from "./errors.js";
import { abortable } from "./waiting.js";
import type { TokenStore } from "./tokens.js";
import type { Tokens } from "./types.js";

/**
 * The login behind a client's calls. However many calls find their access token expired at the same time, it is
 * refreshed once.
 *
 * @internal
 */
export class Session {
  readonly #store: TokenStore;
  readonly #refresh: (refreshToken: string) => Promise<Tokens>;
  #renewal: Promise<void> | undefined;

  /** @param refresh - asks the server for the successors of a refresh token */
  constructor(store: TokenStore, refresh: (refreshToken: string) => Promise<Tokens>) {
    this.#store = store;
    this.#refresh = refresh;
  }

  async accessToken(): Promise<string | undefined> {
    return (await this.#store.load())?.access_token;
  }

  async begin({ access_token, refresh_token }: Tokens): Promise<void> {
    await this.#store.save({ access_token, refresh_token });
  }

  async end(): Promise<void> {
    await this.#store.save(null);
  }

  /**
   * Sees to it that there is another access token than `refused`. A signal ends the waiting, not the refresh, which
   * others may be waiting for as well.
   */
  async renew(refused: string, signal: AbortSignal | undefined): Promise<void> {
    this.#renewal ??= this.#renew(refused).finally(() => {
      this.#renewal = undefined;
    });
    await abortable(this.#renewal, signal);
  }

  async #renew(refused: string): Promise<void> {
    const before = await this.#store.load();
    // Somebody who shares the store was faster, or has logged out.
    if (before === null || before.access_token !== refused) return;
    let successors: Tokens;
    try {
      successors = await this.#refresh(before.refresh_token);
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
      const now = await this.#store.load();
      // Somebody who shares the store was faster after all.
      if (now !== null && now.refresh_token !== before.refresh_token) return;
      await this.end();
      throw error;
    }
    // A logout or another login in the meantime counts for more.
    const now = await this.#store.load();
    if (now?.refresh_token === before.refresh_token) await this.begin(successors);
  }
}
