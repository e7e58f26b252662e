import { Guildhall, type GuildhallOptions, MemoryTokenStore, type Tokens } from "@guildhall/client";

/** A request as the client sent it. */
export interface Sent {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What JSON says; a form as it is. */
  readonly body: unknown;
  readonly init: RequestInit;
}

export type Handler = (sent: Sent, count: number) => Response | Promise<Response>;

/** A server without a network: answers by a function and remembers what it was asked. */
export class Fake {
  readonly sent: Sent[] = [];
  readonly #handler: Handler;

  constructor(handler: Handler) {
    this.#handler = handler;
  }

  /** Answers one after the other, the last one for ever; an error is a failure of the network. */
  static of(...answers: (Error | (() => Response))[]): Fake {
    return new Fake((_, count) => {
      const answer = answers[Math.min(count, answers.length - 1)];
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error("no answer");
      return answer();
    });
  }

  /** Answers never, unless the request is called off. */
  static silent(): Fake {
    return new Fake(
      ({ init }) =>
        new Promise((_, reject) => init.signal?.addEventListener("abort", () => reject(init.signal?.reason))),
    );
  }

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const { pathname, search } = new URL(url);
    const sent: Sent = {
      method: String(init.method),
      target: pathname + search,
      url,
      headers: { ...(init.headers as Record<string, string>) },
      body: typeof init.body === "string" ? JSON.parse(init.body) : init.body,
      init,
    };
    this.sent.push(sent);
    return this.#handler(sent, this.sent.length - 1);
  };

  /** Method, path and query of everything that was asked. */
  get targets(): string[] {
    return this.sent.map(({ method, target }) => `${method} ${target}`);
  }

  header(name: string): (string | undefined)[] {
    return this.sent.map(({ headers }) => headers[name]);
  }

  client(options: Partial<GuildhallOptions> = {}): Guildhall {
    const { fetch } = this;
    return new Guildhall({ baseUrl: "http://guildhall.test", fetch, retry: { baseWaitMs: 1 }, ...options });
  }

  /** A client that is logged in with these tokens. */
  clientOf(tokens: Tokens, options: Partial<GuildhallOptions> = {}): { client: Guildhall; store: MemoryTokenStore } {
    const store = new MemoryTokenStore(tokens);
    return { client: this.client({ tokens: store, ...options }), store };
  }
}

export function success(data: unknown, headers: Record<string, string> = {}, status = 200): Response {
  return json(status, { status: "success", data }, headers);
}

export function failure(
  status: number,
  code: string,
  details: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Response {
  return json(status, { status: "error", error: { code, message: `this is ${code}`, details } }, headers);
}

function json(status: number, body: unknown, headers: Record<string, string>): Response {
  const all = { "Content-Type": "application/json", "X-Request-Id": "req-1", ...headers };
  return new Response(JSON.stringify(body), { status, headers: all });
}

/** The tokens of the nth generation. */
export function tokens(generation: number): Tokens {
  return { access_token: `access-${generation}`, refresh_token: `refresh-${generation}` };
}

/** What `fetch` throws when nobody listens. */
export function networkFailure(): Error {
  return new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:1") });
}

export function order(members: Record<string, unknown> = {}): Record<string, unknown> {
  return { id: "ORD-001", title: "A paper", status: "open", revision: 1, ...members };
}

export function bid(members: Record<string, unknown> = {}) {
  return { id: "BID-007", order_id: "ORD-001", bid_amount: 115.1, revision: 3, status: "open", ...members };
}

export function pagination(next_cursor: string | null): Record<string, unknown> {
  return { page: null, limit: 2, total: 5, pages: null, has_next: next_cursor !== null, has_prev: true, next_cursor };
}
