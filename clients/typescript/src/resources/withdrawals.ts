import { type AllOptions, rowsOf } from "../lists.js";
import type { CallOptions, CommandOptions } from "../options.js";
import { idOf } from "../references.js";
import type { Transport } from "../transport.js";
import type { NewWithdrawal, Part, Reference, Withdrawal, WithdrawalsFilter, WithdrawalsPage } from "../types.js";

/** Taking money out of one's wallet. For everybody but administrators. */
export class Withdrawals {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** A part of one's withdrawals, newest first. */
  async list(query: WithdrawalsFilter & Part = {}, options?: CallOptions): Promise<WithdrawalsPage> {
    return (await this.#transport.get("/api/v1/withdrawals", { query }, options)).data;
  }

  /** All of one's withdrawals that the filter lets through, newest first. */
  all(filter: WithdrawalsFilter = {}, options?: AllOptions): AsyncGenerator<Withdrawal, void, undefined> {
    return rowsOf((part, call) => this.list({ ...filter, ...part }, call), (found) => found.withdrawals, options);
  }

  /** One of one's withdrawals. */
  async get(withdrawal: Reference, options?: CallOptions): Promise<Withdrawal> {
    const call = { path: { id: idOf(withdrawal) } };
    return (await this.#transport.get("/api/v1/withdrawals/{id}", call, options)).data.withdrawal;
  }

  /**
   * Asks for money to be paid out. It is set aside at once.
   *
   * @throws {@link UnprocessableEntityError} when it is more than is available
   */
  async request(withdrawal: NewWithdrawal, options?: CommandOptions): Promise<Withdrawal> {
    const call = { body: withdrawal };
    return (await this.#transport.command("post", "/api/v1/withdrawals", call, options)).data.withdrawal;
  }

  /** Takes the request back, and the money with it, while nobody has answered it. */
  async cancel(withdrawal: Reference, options?: CommandOptions): Promise<Withdrawal> {
    const call = { path: { id: idOf(withdrawal) } };
    return (await this.#transport.command("post", "/api/v1/withdrawals/{id}/cancel", call, options)).data.withdrawal;
  }
}
