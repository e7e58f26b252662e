import type { CallOptions } from "../options.js";
import type { Transport } from "../transport.js";
import type { Health, StateMachine, Status } from "../types.js";

const PUBLIC = { isPublic: true };

/** What the server says about itself. No login is needed. */
export class Meta {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Whether the server is there. */
  async health(options?: CallOptions): Promise<Health> {
    return (await this.#transport.get("/api/v1/health", {}, options, PUBLIC)).data;
  }

  /** Which version is running, and since when. */
  async status(options?: CallOptions): Promise<Status> {
    return (await this.#transport.get("/api/v1/status", {}, options, PUBLIC)).data;
  }

  /** What may be asked of an order, a bid, a milestone and so on, in which state and by whom. */
  async stateMachines(options?: CallOptions): Promise<StateMachine[]> {
    return (await this.#transport.get("/api/v1/meta/state-machines", {}, options, PUBLIC)).data.state_machines;
  }
}
