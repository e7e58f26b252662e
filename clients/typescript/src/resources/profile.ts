import type { CallOptions, CommandOptions, UpdateOptions } from "../options.js";
import { changed, versioned } from "../references.js";
import type { Transport } from "../transport.js";
import type { Profile, ProfileChange, Versioned } from "../types.js";
import type { Upload } from "../uploads.js";

/** What one says of oneself, and one's picture. */
export class OwnProfile {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** One's own profile with what is missing from it, and its version. */
  async get(options?: CallOptions): Promise<Versioned<Profile>> {
    const answer = await this.#transport.get("/api/v1/profile", {}, options);
    return versioned(answer.data.profile, answer);
  }

  /**
   * Changes what is named.
   *
   * @example
   * ```ts
   * const mine = await guildhall.profile.get();
   * await guildhall.profile.update({ languages: [...mine.languages, "French"] }, { ifMatch: mine.etag });
   * ```
   * @throws {@link PreconditionFailedError} when it is not at the version that `ifMatch` names any more
   */
  async update(change: ProfileChange, options?: UpdateOptions): Promise<Versioned<Profile>> {
    const answer = await this.#transport.command("patch", "/api/v1/profile", { body: change }, options);
    return changed(answer.data.profile, answer, () => this.get(options));
  }

  /**
   * Sets one's picture: a PNG, JPEG or WebP, which is cut square. The one before is gone.
   *
   * @throws {@link UnsupportedMediaTypeError} when it is no such picture
   * @throws {@link PayloadTooLargeError} when it has too many bytes
   * @throws {@link ValidationError} when it has too many pixels, or is damaged
   */
  async setAvatar(picture: Upload, options?: CommandOptions): Promise<Versioned<Profile>> {
    const answer = await this.#transport.upload("put", "/api/v1/profile/avatar", picture, options);
    return changed(answer.data.profile, answer, () => this.get(options));
  }

  /** Takes one's picture away; without one it changes nothing. */
  async removeAvatar(options?: CommandOptions): Promise<Versioned<Profile>> {
    const answer = await this.#transport.command("delete", "/api/v1/profile/avatar", {}, options);
    return changed(answer.data.profile, answer, () => this.get(options));
  }
}
