/**
 * What can be uploaded, and how it becomes a form.
 *
 * @packageDocumentation
 */

import { abortable } from "./waiting.js";

/** The part of a `Blob` that all platforms' types agree on. */
export interface BlobLike {
  /** How many bytes it has. */
  readonly size: number;
  /** All of its bytes. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** The bytes of a file, in memory or on their way. A stream is read to its end before anything is sent. */
export type FileContent =
  | BlobLike
  | ArrayBuffer
  | Uint8Array
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | string;

/**
 * A file to be uploaded: a `File` as a browser's file chooser gives it, or bytes with a name. The extension of the name
 * must fit what the bytes are.
 */
export type Upload =
  | (BlobLike & { readonly name: string })
  | {
      /** What it shall be called, such as `outline.pdf`. */
      readonly name: string;
      /** Its bytes; text is sent in UTF-8. */
      readonly content: FileContent;
    };

/**
 * A form with the file in it. It holds all bytes: what is sent must be there to be sent again.
 *
 * @throws what the stream throws, and the signal's reason as soon as it is aborted
 * @internal
 */
export async function formOf(upload: Upload, signal: AbortSignal | undefined): Promise<FormData> {
  signal?.throwIfAborted();
  const form = new FormData();
  form.append("file", await blobOf("content" in upload ? upload.content : upload, signal), upload.name);
  return form;
}

async function blobOf(content: FileContent, signal: AbortSignal | undefined): Promise<Blob> {
  // A file on a disk need not be read now.
  if (content instanceof Blob) return content;
  if (typeof content === "string" || content instanceof ArrayBuffer || ArrayBuffer.isView(content)) {
    return new Blob([content as BlobPart]);
  }
  if ("arrayBuffer" in content) return new Blob([await abortable(content.arrayBuffer(), signal)]);
  const pieces: BlobPart[] = [];
  const source = Symbol.asyncIterator in content ? content[Symbol.asyncIterator]() : read(content);
  try {
    for (;;) {
      const piece = await abortable(source.next(), signal);
      if (piece.done === true) return new Blob(pieces);
      pieces.push(piece.value as BlobPart);
    }
  } catch (error) {
    // Whoever makes the pieces may go home. They may be asleep: they are not waited for.
    source.return?.().catch(() => {});
    throw error;
  }
}

/** Goes through a stream. Not in all browsers can streams be gone through as they are. */
async function* read(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
  } finally {
    await reader.cancel();
  }
}
