import { baseOf, fill, queryOf, webAddress } from "./addresses.js";
import { type Answer, read, refusal } from "./answer.js";
import { blobOf, streamOf } from "./bytes.js";
import { Deadline } from "./deadline.js";
import { ConnectionError, GuildhallError, UnauthorizedError } from "./errors.js";
import type { CallOptions, Fetch, GuildhallOptions, UpdateOptions } from "./options.js";
import type { Call, Data, FormPathOf, Method, Operation, PathOf } from "./operations.js";
import { RetryPolicy } from "./retry.js";
import { Session } from "./session.js";
import { MemoryTokenStore } from "./tokens.js";
import type { Tokens } from "./types.js";
import { formOf, type Upload } from "./uploads.js";
import { pause } from "./waiting.js";
import { uuid } from "#random";

const TIMEOUT_MS = 30_000;
const UPLOAD_TIMEOUT_MS = 300_000;

/** A call, ready to be sent as often as needed. */
interface Request<T> {
  readonly method: Method;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | FormData | undefined;
  /** Whether doing it again does nothing twice. */
  readonly isRepeatable: boolean;
  /** Whether it goes without a login. */
  readonly isPublic: boolean;
  /** The API never redirects; whoever does shall not get the body. Links to bytes may lead on. */
  readonly redirect: "manual" | "follow";
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  /** Takes the answer apart. Ends the deadline, unless it throws: what it gives may be a stream that still goes on. */
  readonly take: (response: Response, deadline: Deadline) => Promise<T>;
}

type Parts = { readonly path?: unknown; readonly query?: unknown; readonly body?: unknown };

/** What distinguishes one call from another, apart from its parts. */
interface Kind {
  readonly isRepeatable: boolean;
  readonly isPublic?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly options: CallOptions;
}

/** Commands that may be given a key. Where the operation takes none, `PUT` and `DELETE` do nothing twice anyway. */
type CommandPath<M extends Method> = M extends "put" | "delete" ? PathOf<M> : PathOf<M, true>;

/**
 * Sends calls: puts them together, logs in again when needed, tries again where that is right, and takes answers
 * apart. Which calls carry an `Idempotency-Key` follows from the generated types: `command` and `upload` take those
 * operations that have one, the other methods all others.
 *
 * @internal
 */
export class Transport {
  readonly session: Session;
  readonly #base: string;
  readonly #fetch: Fetch;
  readonly #timeoutMs: number;
  readonly #uploadTimeoutMs: number;
  readonly #retry: RetryPolicy;

  constructor(options: GuildhallOptions) {
    this.#base = baseOf(options.baseUrl);
    // Called as a method of something else, the platform's fetch throws in browsers.
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init));
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#uploadTimeoutMs = options.uploadTimeoutMs ?? UPLOAD_TIMEOUT_MS;
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
  command<M extends "post" | "put" | "patch" | "delete", P extends CommandPath<M>>(
    method: M,
    path: P,
    call: Call<Operation<M, P>>,
    options: UpdateOptions = {},
  ): Promise<Answer<Data<Operation<M, P>>>> {
    return this.#send(this.#request(method, path, call, { headers: conditions(options), isRepeatable: true, options }));
  }

  /** Sends a file, once, however often it has to be sent. */
  async upload<M extends "post" | "put", P extends FormPathOf<M>>(
    method: M,
    path: P,
    upload: Upload,
    options: UpdateOptions = {},
  ): Promise<Answer<Data<Operation<M, P>>>> {
    const { signal, timeoutMs = this.#uploadTimeoutMs } = options;
    const kind = { headers: conditions(options), isRepeatable: true, options: { signal, timeoutMs } };
    const request = this.#request<Data<Operation<M, P>>>(method, path, {}, kind);
    return this.#send({ ...request, body: await formOf(upload, signal) });
  }

  /** All bytes behind a link that the server has given. */
  blob(link: string, options: CallOptions = {}): Promise<Blob> {
    const request = this.#follow(link, options, async (response, deadline) => {
      const blob = await blobOf(response, deadline);
      deadline.end();
      return blob;
    });
    return this.#send(request);
  }

  /** The bytes behind a link that the server has given, as they arrive. */
  stream(link: string, options: CallOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const request: Request<ReadableStream<Uint8Array>> = this.#follow(link, options, async (response, deadline) =>
      streamOf(response, deadline, (error) => explained(request, deadline, error)),
    );
    return this.#send(request);
  }

  /**
   * The whole address of a link that the server has given; it may leave out where the server is.
   *
   * @throws TypeError when it leads to something else than a web address
   */
  addressOf(link: string): string {
    const address = link.startsWith("/") && !link.startsWith("//") ? this.#base + link : link;
    webAddress("the link", address);
    return address;
  }

  async #refresh(refreshToken: string): Promise<Tokens> {
    const call = { body: { refresh_token: refreshToken } };
    // The server gives the same successor again, for some seconds: sending it twice is no harm.
    const kind = { isRepeatable: true, isPublic: true, options: {} };
    return (await this.#send(this.#request<Tokens>("post", "/api/v1/auth/refresh", call, kind))).data;
  }

  #request<T>(method: Method, path: string, parts: Parts, kind: Kind): Request<Answer<T>> {
    const { isRepeatable, isPublic = false, options } = kind;
    const body = parts.body === undefined ? undefined : JSON.stringify(parts.body);
    const headers: Record<string, string> = { Accept: "application/json", ...kind.headers };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    return {
      method,
      url: this.#base + fill(path, parts.path) + queryOf(parts.query),
      headers,
      body,
      isRepeatable,
      isPublic,
      redirect: "manual",
      signal: options.signal,
      timeoutMs: options.timeoutMs ?? this.#timeoutMs,
      take: async (response, deadline) => {
        const answer = await read<T>(response);
        deadline.end();
        return answer;
      },
    };
  }

  /** A link carries its own right: it is followed without the login, wherever it leads. */
  #follow<T>(link: string, options: CallOptions, take: Request<T>["take"]): Request<T> {
    return {
      method: "get",
      url: this.addressOf(link),
      headers: {},
      body: undefined,
      isRepeatable: true,
      isPublic: true,
      redirect: "follow",
      signal: options.signal,
      timeoutMs: options.timeoutMs ?? this.#timeoutMs,
      take: async (response, deadline) => {
        if (!response.ok) throw await refusal(response);
        return take(response, deadline);
      },
    };
  }

  async #send<T>(request: Request<T>): Promise<T> {
    const { signal } = request;
    let hasRenewed = false;
    for (let retries = 0; ; ) {
      const token = request.isPublic ? undefined : await this.session.accessToken();
      try {
        return await this.#attempt(request, token);
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
  async #attempt<T>(request: Request<T>, token: string | undefined): Promise<T> {
    const { method, url, headers, body, redirect } = request;
    const deadline = new Deadline(request.timeoutMs, request.signal);
    try {
      const response = await this.#fetch(url, {
        method: method.toUpperCase(),
        headers: token === undefined ? { ...headers } : { ...headers, Authorization: `Bearer ${token}` },
        signal: deadline.signal,
        redirect,
        ...(body === undefined ? {} : { body }),
      });
      return await request.take(response, deadline);
    } catch (error) {
      deadline.end();
      throw explained(request, deadline, error);
    }
  }
}

/** The headers of a command. */
function conditions({ idempotencyKey = uuid(), ifMatch }: UpdateOptions): Record<string, string> {
  const key = { "Idempotency-Key": idempotencyKey };
  return ifMatch === undefined ? key : { ...key, "If-Match": ifMatch };
}

/** What a call throws for what has gone wrong. */
function explained<T>({ method, url, signal }: Request<T>, deadline: Deadline, error: unknown): unknown {
  if (error instanceof GuildhallError) return error;
  if (deadline.isCalledOff) return signal?.reason;
  const cause: unknown = deadline.signal.aborted ? deadline.signal.reason : error;
  return new ConnectionError({ status: 0, code: "CONNECTION_FAILED", message: explain(method, url, cause), cause });
}

function explain(method: Method, url: string, cause: unknown): string {
  const { pathname } = new URL(url);
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const why = inner instanceof Error ? inner.message : String(inner);
  return `${method.toUpperCase()} ${pathname}: no answer (${why})`;
}
