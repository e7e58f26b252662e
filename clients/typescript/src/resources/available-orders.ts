import { type AllOptions, rowsOf } from "../lists.js";
import type { CallOptions } from "../options.js";
import type { Transport } from "../transport.js";
import type { AvailableOrder, AvailableOrdersFilter, AvailableOrdersPage, Part } from "../types.js";

/** What one can bid on. For providers. */
export class AvailableOrders {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** A part of what one can bid on, newest first, with a summary of everything that the filter lets through. */
  async list(query: AvailableOrdersFilter & Part = {}, options?: CallOptions): Promise<AvailableOrdersPage> {
    return (await this.#transport.get("/api/v1/available-orders", { query }, options)).data;
  }

  /** All that one can bid on and that the filter lets through, newest first. */
  all(filter: AvailableOrdersFilter = {}, options?: AllOptions): AsyncGenerator<AvailableOrder, void, undefined> {
    return rowsOf((part, call) => this.list({ ...filter, ...part }, call), (found) => found.orders, options);
  }
}
