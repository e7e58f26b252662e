import { errorOf, type GuildhallError, UnexpectedAnswerError } from "./errors.js";

/**
 * A successful answer.
 *
 * @internal
 */
export interface Answer<T> {
  readonly data: T;
  /** The version of what was answered, where it has one. */
  readonly etag: string | undefined;
}

/**
 * Takes an answer out of its envelope.
 *
 * @throws {@link GuildhallError} for every other than a success; what goes wrong while the body arrives
 * @internal
 */
export async function read<T>(response: Response): Promise<Answer<T>> {
  const text = await response.text();
  const envelope = parse(text);
  if (response.ok && envelope["status"] === "success" && "data" in envelope) {
    return { data: envelope["data"] as T, etag: response.headers.get("ETag") ?? undefined };
  }
  throw failure(response, envelope["error"]);
}

/**
 * The error that an answer is, where bytes were asked for.
 *
 * @throws what goes wrong while the body arrives
 * @internal
 */
export async function refusal(response: Response): Promise<GuildhallError> {
  return failure(response, parse(await response.text())["error"]);
}

type Members = Record<string, unknown>;

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The members of an object; none of what is no JSON object. */
function parse(text: string): Members {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function failure(response: Response, error: unknown): GuildhallError {
  const { status, headers } = response;
  const known = {
    status,
    requestId: headers.get("X-Request-Id") ?? undefined,
    retryAfter: secondsUntil(headers.get("Retry-After")),
  };
  if (isObject(error) && typeof error["code"] === "string" && typeof error["message"] === "string") {
    const details = isObject(error["details"]) ? error["details"] : {};
    const code = error["code"] as GuildhallError["code"];
    return errorOf({ ...known, code, message: error["message"], details });
  }
  const message = `The answer (HTTP ${status}) is none of Guildhall's; please check baseUrl and what is in between`;
  return new UnexpectedAnswerError({ ...known, code: "UNEXPECTED_ANSWER", message });
}

/** `Retry-After` names seconds; what stands in between may also name a time. */
function secondsUntil(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const time = Date.parse(header);
  return Number.isNaN(time) ? undefined : Math.max(0, Math.ceil((time - Date.now()) / 1000));
}
