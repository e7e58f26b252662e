import { type AllOptions, rowsOf } from "../lists.js";
import type { CallOptions, CommandOptions } from "../options.js";
import type { Transport } from "../transport.js";
import type {
  Balance,
  MadeDeposit,
  NewDeposit,
  Part,
  Transaction,
  TransactionsFilter,
  TransactionsPage,
} from "../types.js";

/** One's wallet: what is there, what went in and out, paying in. For everybody but administrators. */
export class Payments {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** What one has. */
  async balance(options?: CallOptions): Promise<Balance> {
    return (await this.#transport.get("/api/v1/balance", {}, options)).data.balance;
  }

  /** Pays in. With the built-in sandbox the play money is there at once. */
  async deposit(deposit: NewDeposit, options?: CommandOptions): Promise<MadeDeposit> {
    return (await this.#transport.command("post", "/api/v1/payments/deposits", { body: deposit }, options)).data;
  }

  /** A part of what went in and out, newest first. */
  async transactions(query: TransactionsFilter & Part = {}, options?: CallOptions): Promise<TransactionsPage> {
    return (await this.#transport.get("/api/v1/transactions", { query }, options)).data;
  }

  /** Everything that went in and out and that the filter lets through, newest first. */
  allTransactions(
    filter: TransactionsFilter = {},
    options?: AllOptions,
  ): AsyncGenerator<Transaction, void, undefined> {
    const fetchPart = (part: Part, call: CallOptions) => this.transactions({ ...filter, ...part }, call);
    return rowsOf(fetchPart, (found) => found.transactions, options);
  }
}
