import { type Answer, read } from "./answer.js";
import { ConnectionError, GuildhallError, UnauthorizedError } from "./errors.js";
import type { CallOptions, CommandOptions, Fetch, GuildhallOptions, UpdateOptions } from "./options.js";
import type { Call, Data, Method, Operation, PathOf } from "./operations.js";
import { RetryPolicy } from "./retry.js";
import { Session } from "./session.js";
import { MemoryTokenStore } from "./tokens.js";
import type { Tokens } from "./types.js";
import { pause } from "./waiting.js";
import { uuid } from "#random";

const TIMEOUT_MS = 30_000;

/** A call, ready to be sent as often as needed. */
interface Request {
  readonly method: Method;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Whether doing it again does nothing twice. */
  readonly isRepeatable: boolean;
  /** Whether it goes without a login. */
  readonly isPublic: boolean;
  readonly options: CallOptions;
}

type Parts = { readonly path?: unknown; readonly query?: unknown; readonly body?: unknown };

/**
 * Sends calls: puts them together, logs in again when needed, tries again where that is right, and takes answers
 * apart. Which calls carry an `Idempotency-Key` follows from the generated types: `command` takes exactly those
 * operations that have one, the other methods all others.
 *
 * @internal
 */
export class Transport {
  readonly session: Session;
  readonly #base: string;
  readonly #fetch: Fetch;
  readonly #timeoutMs: number;
  readonly #retry: RetryPolicy;

  constructor(options: GuildhallOptions) {
    this.#base = baseOf(options.baseUrl);
    // Called as a method of something else, the platform's fetch throws in browsers.
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init));
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#retry = new RetryPolicy(options.retry);
    this.session = new Session(options.tokens ?? new MemoryTokenStore(), (token) => this.#refresh(token));
  }

  /** Asks for something. */
  get<P extends PathOf<"get", false>>(
    path: P,
    call: Call<Operation<"get", P>>,
    options: CallOptions = {},
    { isPublic = false }: { isPublic?: boolean } = {},
  ): Promise<Answer<Data<Operation<"get", P>>>> {
    return this.#send(this.#request("get", path, call, { isRepeatable: true, isPublic, options }));
  }

  /** Does something that the server would do again if it were asked again. */
  send<M extends "post" | "patch", P extends PathOf<M, false>>(
    method: M,
    path: P,
    call: Call<Operation<M, P>>,
    options: CallOptions = {},
    { isPublic = false }: { isPublic?: boolean } = {},
  ): Promise<Answer<Data<Operation<M, P>>>> {
    const isRepeatable = method !== "post";
    return this.#send(this.#request(method, path, call, { isRepeatable, isPublic, options }));
  }

  /** Does something once, however often it has to be sent. */
  command<M extends "post" | "patch", P extends PathOf<M, true>>(
    method: M,
    path: P,
    call: Call<Operation<M, P>>,
    options: CommandOptions & Pick<UpdateOptions, "ifMatch"> = {},
  ): Promise<Answer<Data<Operation<M, P>>>> {
    const headers: Record<string, string> = { "Idempotency-Key": options.idempotencyKey ?? uuid() };
    if (options.ifMatch !== undefined) headers["If-Match"] = options.ifMatch;
    return this.#send(this.#request(method, path, call, { headers, isRepeatable: true, options }));
  }

  async #refresh(refreshToken: string): Promise<Tokens> {
    const call = { body: { refresh_token: refreshToken } };
    // The server gives the same successor again, for some seconds: sending it twice is no harm.
    const kind = { isRepeatable: true, isPublic: true, options: {} };
    return (await this.#send<Tokens>(this.#request("post", "/api/v1/auth/refresh", call, kind))).data;
  }

  #request(
    method: Method,
    path: string,
    parts: Parts,
    kind: Pick<Request, "isRepeatable" | "options"> & Partial<Pick<Request, "headers" | "isPublic">>,
  ): Request {
    const body = parts.body === undefined ? undefined : JSON.stringify(parts.body);
    const headers: Record<string, string> = { Accept: "application/json", ...kind.headers };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    return {
      isPublic: false,
      ...kind,
      method,
      url: this.#base + fill(path, parts.path) + queryOf(parts.query),
      headers,
      body,
    };
  }

  async #send<T>(request: Request): Promise<Answer<T>> {
    const { signal } = request.options;
    let hasRenewed = false;
    for (let retries = 0; ; ) {
      const token = request.isPublic ? undefined : await this.session.accessToken();
      try {
        return await this.#attempt<T>(request, token);
      } catch (error) {
        if (error instanceof UnauthorizedError && token !== undefined && !hasRenewed) {
          hasRenewed = true;
          await this.session.renew(token, signal);
          continue;
        }
        if (!(error instanceof GuildhallError)) throw error;
        const wait = this.#retry.wait(error, request.isRepeatable, retries);
        if (wait === undefined) throw error;
        retries += 1;
        await pause(wait, signal);
      }
    }
  }

  /** Sends it once, within its time. */
  async #attempt<T>(request: Request, token: string | undefined): Promise<Answer<T>> {
    const { method, url, headers, body, options } = request;
    const { signal, timeoutMs = this.#timeoutMs } = options;
    signal?.throwIfAborted();
    // AbortSignal.any and .timeout would do, if all platforms had them.
    const control = new AbortController();
    const stop = (): void => control.abort(signal?.reason);
    signal?.addEventListener("abort", stop, { once: true });
    const timer = setTimeout(() => control.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      const response = await this.#fetch(url, {
        method: method.toUpperCase(),
        headers: token === undefined ? { ...headers } : { ...headers, Authorization: `Bearer ${token}` },
        signal: control.signal,
        // The API never redirects; whoever does shall not get the body.
        redirect: "manual",
        ...(body === undefined ? {} : { body }),
      });
      return await read<T>(response);
    } catch (error) {
      if (error instanceof GuildhallError) throw error;
      signal?.throwIfAborted();
      const cause: unknown = control.signal.aborted ? control.signal.reason : error;
      throw new ConnectionError({ status: 0, code: "CONNECTION_FAILED", message: explain(method, url, cause), cause });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }
}

/** The address before the path of an operation. */
function baseOf(address: string): string {
  const url = new URL(address);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new TypeError(`baseUrl must begin with http:// or https://, unlike ${address}`);
  }
  const path = url.pathname.replace(/\/+$/, "");
  if (path.endsWith("/api/v1")) throw new TypeError(`baseUrl must not contain /api/v1, unlike ${address}`);
  return url.origin + path;
}

/** Puts the parameters into a path. */
function fill(path: string, parameters: unknown): string {
  const values: Record<string, unknown> = Object(parameters);
  return path.replace(/\{(\w+)\}/g, (_, name: string) => segment(name, String(values[name])));
}

/** One segment of a path. What is empty, `.` or `..` would make another path of it. */
function segment(name: string, value: string): string {
  if (value === "" || value === "." || value === "..") throw new TypeError(`${name} must not be "${value}"`);
  return encodeURIComponent(value);
}

function queryOf(parameters: unknown): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(Object(parameters))) {
    if (value !== undefined && value !== null) query.set(name, String(value));
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

function explain(method: Method, url: string, cause: unknown): string {
  const { pathname } = new URL(url);
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const why = inner instanceof Error ? inner.message : String(inner);
  return `${method.toUpperCase()} ${pathname}: no answer (${why})`;
}
