import type { Deadline } from "./deadline.js";

/** Bytes as they arrive. */
type Reader = ReadableStreamDefaultReader<Uint8Array>;

/**
 * All bytes of an answer. Each piece may take the whole time of the deadline, so that a large file on a slow line
 * arrives, and a line that has died is noticed.
 *
 * @throws what goes wrong while they arrive
 * @internal
 */
export async function blobOf(response: Response, deadline: Deadline): Promise<Blob> {
  const pieces: BlobPart[] = [];
  const reader = response.body?.getReader();
  for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) {
    pieces.push(piece.value as Uint8Array<ArrayBuffer>);
    deadline.restart();
  }
  return new Blob(pieces, { type: response.headers.get("Content-Type") ?? "" });
}

/**
 * The bytes of an answer as they are asked for, each piece within the time of the deadline, which ends with them.
 *
 * @param explain - what to end the stream with when it breaks off
 * @internal
 */
export function streamOf(
  response: Response,
  deadline: Deadline,
  explain: (error: unknown) => unknown,
): ReadableStream<Uint8Array> {
  const { signal } = deadline;
  const reader: Reader | undefined = response.body?.getReader();
  let isOver = false;
  const finish = (): void => {
    isOver = true;
    deadline.end();
  };
  deadline.pause();
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const breakOff = (): void => {
          if (isOver) return;
          finish();
          controller.error(explain(signal.reason));
          // The reason is known; how the connection ends matters to nobody.
          reader?.cancel(signal.reason).catch(() => {});
        };
        signal.addEventListener("abort", breakOff, { once: true });
      },
      async pull(controller) {
        deadline.restart();
        try {
          const piece = await reader?.read();
          if (isOver) return;
          deadline.pause();
          if (piece?.done === false) {
            controller.enqueue(piece.value);
          } else {
            finish();
            controller.close();
          }
        } catch (error) {
          if (isOver) return;
          finish();
          controller.error(explain(error));
        }
      },
      async cancel(reason) {
        finish();
        await reader?.cancel(reason);
      },
    },
    // Nothing is fetched ahead of what is asked for.
    { highWaterMark: 0 },
  );
}
