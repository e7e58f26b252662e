/**
 * What can go wrong: one class for each `code` of the API, and two for answers that never came or were none of the
 * API's.
 *
 * @packageDocumentation
 */

import type { Bid, ErrorCode, ErrorDetails, FieldFault } from "./types.js";

/** The codes of the API, and those of this client's own. */
export type GuildhallErrorCode = ErrorCode | "CONNECTION_FAILED" | "UNEXPECTED_ANSWER";

/** What is known of a failure. */
export interface Failure {
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  /** For programs: goes with the status. */
  readonly code: GuildhallErrorCode;
  /** For people; may change. */
  readonly message: string;
  /** What else there is to say. */
  readonly details?: ErrorDetails;
  /** What the server's log knows the request by. */
  readonly requestId?: string | undefined;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
  /** What it follows from. */
  readonly cause?: unknown;
}

/**
 * What all failures of a call have in common.
 *
 * @example
 * ```ts
 * try {
 *   await guildhall.orders.fund("ORD-001");
 * } catch (error) {
 *   if (!isGuildhallError(error)) throw error;
 *   if (error.code === "PAYMENT_REQUIRED") console.log(`${error.required} is needed`);
 *   else console.log(error.message, error.requestId);
 * }
 * ```
 */
export class GuildhallError extends Error {
  /** The name of the class, even where a tool that makes programs small has changed it. */
  override readonly name: string = "GuildhallError";
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  /** For programs: goes with the status. A server newer than this client may send words that are not listed. */
  readonly code: GuildhallErrorCode;
  /** What else there is to say; empty when there is nothing. */
  readonly details: ErrorDetails;
  /** Name it when you report a problem: the server's log has it. */
  readonly requestId: string | undefined;
  /** Seconds after which to come back, where the server says so. */
  readonly retryAfter: number | undefined;

  /** @param failure - what is known of it */
  constructor(failure: Failure) {
    super(failure.message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.status = failure.status;
    this.code = failure.code;
    this.details = failure.details ?? {};
    this.requestId = failure.requestId;
    this.retryAfter = failure.retryAfter;
  }

  /** Why, as a stable word, such as `bid_changed`; `undefined` where the code says it all. */
  get reason(): string | undefined {
    return this.details.reason;
  }
}

/** 400: the request is malformed, or fields of it break their rules. */
export class ValidationError extends GuildhallError {
  override readonly name = "ValidationError";
  declare readonly code: "VALIDATION_ERROR";

  /** The first offending field as a path, such as `milestones[0].title`. */
  get field(): string | undefined {
    return this.details.field;
  }

  /** Each fault. */
  get errors(): readonly FieldFault[] {
    return this.details.errors ?? [];
  }
}

/** 401: not logged in, or not any more; or a wrong e-mail address or password. */
export class UnauthorizedError extends GuildhallError {
  override readonly name = "UnauthorizedError";
  declare readonly code: "UNAUTHORIZED";
}

/** 402: paying in would make the same call succeed. */
export class PaymentRequiredError extends GuildhallError {
  override readonly name = "PaymentRequiredError";
  declare readonly code: "PAYMENT_REQUIRED";

  /** How much is needed. */
  get required(): number | undefined {
    return this.details.required;
  }

  /** How much there is. */
  get available(): number | undefined {
    return this.details.available;
  }
}

/** 403: this role may not use this function, whatever the object. */
export class ForbiddenError extends GuildhallError {
  override readonly name = "ForbiddenError";
  declare readonly code: "FORBIDDEN";
}

/** 404: it does not exist, its id is malformed, or the caller has no part in it. */
export class NotFoundError extends GuildhallError {
  override readonly name = "NotFoundError";
  declare readonly code: "NOT_FOUND";
}

/** 405: a newer or older server than this client was made for. */
export class MethodNotAllowedError extends GuildhallError {
  override readonly name = "MethodNotAllowedError";
  declare readonly code: "METHOD_NOT_ALLOWED";
}

/** 409: the present state of the object forbids it. */
export class ConflictError extends GuildhallError {
  override readonly name = "ConflictError";
  declare readonly code: "CONFLICT";

  /** The present state of the object. */
  get state(): string | undefined {
    return this.details.state;
  }

  /** With the reason `bid_changed`: the bid as it is now. */
  get bid(): Bid | undefined {
    return this.details.bid;
  }
}

/** 412: it has changed since it was read; read it again, and decide again. */
export class PreconditionFailedError extends GuildhallError {
  override readonly name = "PreconditionFailedError";
  declare readonly code: "PRECONDITION_FAILED";
}

/** 413: the body or the file is too large. */
export class PayloadTooLargeError extends GuildhallError {
  override readonly name = "PayloadTooLargeError";
  declare readonly code: "PAYLOAD_TOO_LARGE";

  /** How many bytes there may be at most. */
  get limit(): number | undefined {
    return this.details.limit;
  }
}

/** 415: a file is of a type that is not taken, or is not what its name says. */
export class UnsupportedMediaTypeError extends GuildhallError {
  override readonly name = "UnsupportedMediaTypeError";
  declare readonly code: "UNSUPPORTED_MEDIA_TYPE";
}

/** 422: well-formed, but impossible whatever the state of the object, such as a deadline in the past. */
export class UnprocessableEntityError extends GuildhallError {
  override readonly name = "UnprocessableEntityError";
  declare readonly code: "UNPROCESSABLE_ENTITY";
}

/** 429: too often; {@link GuildhallError.retryAfter} says when to come back. */
export class RateLimitedError extends GuildhallError {
  override readonly name = "RateLimitedError";
  declare readonly code: "RATE_LIMITED";
}

/** 500: the server's own fault. */
export class InternalError extends GuildhallError {
  override readonly name = "InternalError";
  declare readonly code: "INTERNAL_ERROR";
}

/** 503: overload, or the server's database is away. Nothing was done. */
export class ServiceUnavailableError extends GuildhallError {
  override readonly name = "ServiceUnavailableError";
  declare readonly code: "SERVICE_UNAVAILABLE";
}

/** No answer came: the network or the server is away, or it took too long. Whether it was done is not known. */
export class ConnectionError extends GuildhallError {
  override readonly name = "ConnectionError";
  declare readonly code: "CONNECTION_FAILED";
}

/** An answer that is none of the API's: a proxy's error page, say, or `baseUrl` leads somewhere else. */
export class UnexpectedAnswerError extends GuildhallError {
  override readonly name = "UnexpectedAnswerError";
  declare readonly code: "UNEXPECTED_ANSWER";
}

/** All classes of errors: with `code` compared, the compiler knows which one it is. */
export type AnyGuildhallError =
  | ValidationError
  | UnauthorizedError
  | PaymentRequiredError
  | ForbiddenError
  | NotFoundError
  | MethodNotAllowedError
  | ConflictError
  | PreconditionFailedError
  | PayloadTooLargeError
  | UnsupportedMediaTypeError
  | UnprocessableEntityError
  | RateLimitedError
  | InternalError
  | ServiceUnavailableError
  | ConnectionError
  | UnexpectedAnswerError;

/**
 * Whether a call to the server has failed, as opposed to the program around it. A server newer than this client may
 * send codes that are not listed: let the last branch be for all others.
 */
export function isGuildhallError(error: unknown): error is AnyGuildhallError {
  return error instanceof GuildhallError;
}

const CLASSES: Record<ErrorCode, new (failure: Failure) => GuildhallError> = {
  VALIDATION_ERROR: ValidationError,
  UNAUTHORIZED: UnauthorizedError,
  PAYMENT_REQUIRED: PaymentRequiredError,
  FORBIDDEN: ForbiddenError,
  NOT_FOUND: NotFoundError,
  METHOD_NOT_ALLOWED: MethodNotAllowedError,
  CONFLICT: ConflictError,
  PRECONDITION_FAILED: PreconditionFailedError,
  PAYLOAD_TOO_LARGE: PayloadTooLargeError,
  UNSUPPORTED_MEDIA_TYPE: UnsupportedMediaTypeError,
  UNPROCESSABLE_ENTITY: UnprocessableEntityError,
  RATE_LIMITED: RateLimitedError,
  INTERNAL_ERROR: InternalError,
  SERVICE_UNAVAILABLE: ServiceUnavailableError,
};

/**
 * The failure as an instance of the class of its code; of {@link GuildhallError} itself for a code that this client
 * does not know.
 *
 * @internal
 */
export function errorOf(failure: Failure): GuildhallError {
  const known: Partial<Record<string, new (failure: Failure) => GuildhallError>> = CLASSES;
  const Class = Object.hasOwn(known, failure.code) ? known[failure.code] : undefined;
  return new (Class ?? GuildhallError)(failure);
}
