import type { CallOptions } from "../options.js";
import { idOf } from "../references.js";
import type { Transport } from "../transport.js";
import type { PublicProfile, Reference } from "../types.js";

/** What others say of themselves. */
export class Profiles {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Somebody's profile. */
  async get(user: Reference, options?: CallOptions): Promise<PublicProfile> {
    const call = { path: { user_id: idOf(user) } };
    return (await this.#transport.get("/api/v1/profiles/{user_id}", call, options)).data.profile;
  }

  /**
   * Somebody's picture; `undefined` if they have none. To show it on a page, use the address alone:
   * {@link Guildhall.addressOf}.
   *
   * @param person - whoever is shown with an `avatar_url`: a profile, a bidder, the other side of a chat
   */
  async avatar(person: { readonly avatar_url: string | null }, options?: CallOptions): Promise<Blob | undefined> {
    return person.avatar_url === null ? undefined : this.#transport.blob(person.avatar_url, options);
  }
}
