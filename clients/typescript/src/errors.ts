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
  readonly details?: ErrorDetails;
  readonly requestId?: string | undefined;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

/** What all failures of a call have in common. */
export class GuildhallError extends Error {
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

  constructor(failure: Failure) {
    super(failure.message, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.name = new.target.name;
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
export class UnauthorizedError extends GuildhallError {}

/** 402: paying in would make the same call succeed. */
export class PaymentRequiredError extends GuildhallError {
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
export class ForbiddenError extends GuildhallError {}

/** 404: it does not exist, its id is malformed, or the caller has no part in it. */
export class NotFoundError extends GuildhallError {}

/** 405: a newer or older server than this client was made for. */
export class MethodNotAllowedError extends GuildhallError {}

/** 409: the present state of the object forbids it. */
export class ConflictError extends GuildhallError {
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
export class PreconditionFailedError extends GuildhallError {}

/** 413: the body is too large. */
export class PayloadTooLargeError extends GuildhallError {}

/** 415: the body is not JSON. */
export class UnsupportedMediaTypeError extends GuildhallError {}

/** 422: well-formed, but impossible whatever the state of the object, such as a deadline in the past. */
export class UnprocessableEntityError extends GuildhallError {}

/** 429: too often; {@link GuildhallError.retryAfter} says when to come back. */
export class RateLimitedError extends GuildhallError {}

/** 500: the server's own fault. */
export class InternalError extends GuildhallError {}

/** 503: overload, or the server's database is away. Nothing was done. */
export class ServiceUnavailableError extends GuildhallError {}

/** No answer came: the network or the server is away, or it took too long. Whether it was done is not known. */
export class ConnectionError extends GuildhallError {}

/** An answer that is none of the API's: a proxy's error page, say, or `baseUrl` leads somewhere else. */
export class UnexpectedAnswerError extends GuildhallError {}

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
