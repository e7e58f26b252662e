import { NotFoundError } from "../errors.js";
import type { CallOptions, CommandOptions } from "../options.js";
import { idOf } from "../references.js";
import type { Transport } from "../transport.js";
import type { FileReference, Reference, UploadedFile } from "../types.js";
import type { Upload } from "../uploads.js";

/**
 * Files: uploading, seeing, downloading. What was uploaded is one's own until it is attached to something: see
 * {@link Orders.addFiles}, {@link Milestones.submit} and {@link Chats.send}.
 */
export class Files {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Uploads a file.
   *
   * @example
   * ```ts
   * const file = await guildhall.files.upload({ name: "outline.txt", content: "1. Rain. 2. Harvests." });
   * await guildhall.milestones.submit("ORD-001", 1, { message: "The outline.", files: [file] });
   * ```
   * @throws {@link PayloadTooLargeError} when it is too large
   * @throws {@link UnsupportedMediaTypeError} when its type is not taken, or is not what its name says
   */
  async upload(file: Upload, options?: CommandOptions): Promise<UploadedFile> {
    return (await this.#transport.upload("post", "/api/v1/files", file, options)).data.file;
  }

  /** What a file is, with a fresh link to its bytes. For whoever may see what it is attached to. */
  async get(file: Reference, options?: CallOptions): Promise<UploadedFile> {
    return (await this.#transport.get("/api/v1/files/{id}", { path: { id: idOf(file) } }, options)).data.file;
  }

  /**
   * The bytes of a file. Of an object its link is followed; a link that has ended is replaced, and so is one that is
   * not there.
   */
  async download(file: FileReference, options?: CallOptions): Promise<Blob> {
    return this.#follow(file, options, (link) => this.#transport.blob(link, options));
  }

  /**
   * The same as they arrive. What has begun to arrive is not tried again: when it breaks off, so does the stream, with
   * a {@link ConnectionError}.
   */
  async stream(file: FileReference, options?: CallOptions): Promise<ReadableStream<Uint8Array>> {
    return this.#follow(file, options, (link) => this.#transport.stream(link, options));
  }

  async #follow<T>(
    file: FileReference,
    options: CallOptions | undefined,
    get: (link: string) => Promise<T>,
  ): Promise<T> {
    const link = typeof file === "string" ? undefined : file.download_url;
    if (link !== undefined) {
      try {
        return await get(link);
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
      }
    }
    return get((await this.get(file, options)).download_url);
  }
}
