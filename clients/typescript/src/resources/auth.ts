import { UnauthorizedError } from "../errors.js";
import type { CallOptions } from "../options.js";
import type { Transport } from "../transport.js";
import type { AccountSummary, Credentials, Me, Message, NewAccount, PasswordChange, Registration } from "../types.js";

/** Opening an account, logging in and out, passwords. */
export class Auth {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Opens an account and logs in to it. It is not tried again when the network fails, because the account may be open.
   *
   * @throws {@link ValidationError} on `email` when another account has the address
   */
  async register(registration: Registration, options?: CallOptions): Promise<NewAccount> {
    const call = { body: registration };
    const { data } = await this.#transport.send("post", "/api/v1/auth/register", call, options, { isPublic: true });
    await this.#transport.session.begin(data);
    return data.user;
  }

  /**
   * Logs in; from now on the client's calls are made as this person.
   *
   * @throws {@link UnauthorizedError} for a wrong address and for a wrong password alike
   */
  async login(credentials: Credentials, options?: CallOptions): Promise<AccountSummary> {
    const call = { body: credentials };
    const { data } = await this.#transport.send("post", "/api/v1/auth/login", call, options, { isPublic: true });
    await this.#transport.session.begin(data);
    return data.user;
  }

  /**
   * Ends the login, here and on the server. A login that has ended already is no error. When the server cannot be
   * reached the tokens are kept, so that it can be tried again.
   */
  async logout(options?: CallOptions): Promise<void> {
    try {
      await this.#transport.send("post", "/api/v1/auth/logout", {}, options);
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
    }
    await this.#transport.session.end();
  }

  /** Who one is, with the figures that one's orders and reviews add up to. */
  async me(options?: CallOptions): Promise<Me> {
    return (await this.#transport.get("/api/v1/auth/me", {}, options)).data.user;
  }

  /** Sets another password. All other logins of the account end. */
  async changePassword(change: PasswordChange, options?: CallOptions): Promise<Message> {
    return (await this.#transport.send("post", "/api/v1/auth/change-password", { body: change }, options)).data;
  }
}
