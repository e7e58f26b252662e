import assert from "node:assert/strict";
import { test } from "node:test";
import * as library from "@guildhall/client";
import { bid, Fake, failure, networkFailure } from "../fake.js";

/** What a call throws when it is answered so. */
async function thrown(answer: Error | (() => Response)): Promise<library.GuildhallError> {
  const client = Fake.of(answer).client({ retry: { attempts: 0 } });
  const error: unknown = await client.orders.get("ORD-001").then(() => assert.fail("no error"), (error: unknown) => error);
  assert.ok(error instanceof library.GuildhallError);
  return error;
}

test("each code has its class", async () => {
  const classes = {
    VALIDATION_ERROR: [400, library.ValidationError],
    UNAUTHORIZED: [401, library.UnauthorizedError],
    PAYMENT_REQUIRED: [402, library.PaymentRequiredError],
    FORBIDDEN: [403, library.ForbiddenError],
    NOT_FOUND: [404, library.NotFoundError],
    METHOD_NOT_ALLOWED: [405, library.MethodNotAllowedError],
    CONFLICT: [409, library.ConflictError],
    PRECONDITION_FAILED: [412, library.PreconditionFailedError],
    PAYLOAD_TOO_LARGE: [413, library.PayloadTooLargeError],
    UNSUPPORTED_MEDIA_TYPE: [415, library.UnsupportedMediaTypeError],
    UNPROCESSABLE_ENTITY: [422, library.UnprocessableEntityError],
    RATE_LIMITED: [429, library.RateLimitedError],
    INTERNAL_ERROR: [500, library.InternalError],
    SERVICE_UNAVAILABLE: [503, library.ServiceUnavailableError],
  } as const satisfies Record<library.ErrorCode, unknown>;
  for (const [code, [status, Class]] of Object.entries(classes)) {
    const error = await thrown(() => failure(status, code, { reason: "why" }, { "Retry-After": "7" }));
    assert.equal(error.constructor, Class, code);
    assert.equal(error.name, Class.name);
    const { message, details, requestId, retryAfter, reason } = error;
    assert.deepEqual(
      { status: error.status, code: error.code, message, details, requestId, retryAfter, reason },
      {
        status,
        code,
        message: `this is ${code}`,
        details: { reason: "why" },
        requestId: "req-1",
        retryAfter: 7,
        reason: "why",
      },
    );
  }
});

test("a code that is not known yet is an error all the same", async () => {
  for (const code of ["TEAPOT", "toString", "__proto__"]) {
    const error = await thrown(() => failure(418, code));
    assert.equal(error.constructor, library.GuildhallError);
    assert.equal(error.code, code);
  }
});

test("details can be had by their names", async () => {
  const errors = [{ field: "email", message: "must be an e-mail address" }];
  const invalid = await thrown(() => failure(400, "VALIDATION_ERROR", { field: "email", errors }));
  assert.ok(invalid instanceof library.ValidationError);
  assert.deepEqual([invalid.field, invalid.errors], ["email", errors]);

  const short = await thrown(() => failure(402, "PAYMENT_REQUIRED", { required: 115.01, available: 20 }));
  assert.ok(short instanceof library.PaymentRequiredError);
  assert.deepEqual([short.required, short.available], [115.01, 20]);

  const details = { reason: "bid_changed", state: "open", bid: bid() };
  const conflict = await thrown(() => failure(409, "CONFLICT", details));
  assert.ok(conflict instanceof library.ConflictError);
  assert.deepEqual([conflict.state, conflict.bid?.bid_amount], ["open", 115.1]);
});

test("answers that are none of the API's are told apart", async () => {
  const bodies = ["<h1>Hello</h1>", "", "null", "[]", '{"status":"success"}', '{"data":{}}', '{"error":{"code":1}}'];
  for (const [status, body] of [200, 404, 500].flatMap((status) => bodies.map((body) => [status, body] as const))) {
    const error = await thrown(() => new Response(body, { status }));
    assert.ok(error instanceof library.UnexpectedAnswerError, body);
    assert.deepEqual([error.status, error.code, error.details], [status, "UNEXPECTED_ANSWER", {}]);
    assert.match(error.message, new RegExp(`HTTP ${status}.*baseUrl`));
  }
  const redirect = await thrown(() => new Response(null, { status: 302, headers: { Location: "https://other.test" } }));
  assert.ok(redirect instanceof library.UnexpectedAnswerError);
});

test("a failure of the network says what and why", async () => {
  const cause = networkFailure();
  const error = await thrown(cause);
  assert.ok(error instanceof library.ConnectionError);
  assert.equal(error.message, "GET /api/v1/orders/ORD-001: no answer (connect ECONNREFUSED 127.0.0.1:1)");
  assert.equal(error.cause, cause);
  const { status, code, requestId, retryAfter } = error;
  assert.deepEqual([status, code, requestId, retryAfter], [0, "CONNECTION_FAILED", undefined, undefined]);
});
