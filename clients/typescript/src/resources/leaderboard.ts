import type { CallOptions } from "../options.js";
import type { Transport } from "../transport.js";
import type { Ranking, RankingFilter } from "../types.js";

/** The ranking of providers. */
export class Leaderboard {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The first ones, best first, and one's own place wherever it is. There are no further parts. */
  async get(query: RankingFilter = {}, options?: CallOptions): Promise<Ranking> {
    return (await this.#transport.get("/api/v1/leaderboard", { query }, options)).data;
  }
}
