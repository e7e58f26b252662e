import type { CallOptions } from "../options.js";
import type { Transport } from "../transport.js";
import type { UserRecord, UserRecordChange } from "../types.js";

/** One's own account. What others see of oneself is the {@link OwnProfile}. */
export class Users {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** One's own record. */
  async record(options?: CallOptions): Promise<UserRecord> {
    return (await this.#transport.get("/api/v1/users/profile", {}, options)).data.user;
  }

  /** Changes what is named. Another e-mail address needs `current_password`. */
  async updateRecord(change: UserRecordChange, options?: CallOptions): Promise<UserRecord> {
    return (await this.#transport.send("patch", "/api/v1/users/profile", { body: change }, options)).data.user;
  }

  /**
   * Closes one's account. All its logins end.
   *
   * @throws {@link ConflictError} while contracts are running (`contracts_running`) or money is left (`money_left`)
   */
  async deactivate(options?: CallOptions): Promise<void> {
    await this.#transport.send("post", "/api/v1/users/deactivate", {}, options);
    await this.#transport.session.end();
  }
}
