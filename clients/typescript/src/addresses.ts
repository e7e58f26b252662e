/**
 * How the addresses of calls are put together.
 *
 * @packageDocumentation
 */

/**
 * The address before the path of an operation.
 *
 * @internal
 */
export function baseOf(address: string): string {
  const url = webAddress("baseUrl", address);
  const path = url.pathname.replace(/\/+$/, "");
  if (path.endsWith("/api/v1")) throw new TypeError(`baseUrl must not contain /api/v1, unlike ${address}`);
  return url.origin + path;
}

/**
 * An address that `fetch` can be given.
 *
 * @internal
 */
export function webAddress(name: string, address: string): URL {
  const url = new URL(address);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new TypeError(`${name} must begin with http:// or https://, unlike ${address}`);
  }
  return url;
}

/**
 * Puts the parameters into a path.
 *
 * @internal
 */
export function fill(path: string, parameters: unknown): string {
  const values: Record<string, unknown> = Object(parameters);
  return path.replace(/\{(\w+)\}/g, (_, name: string) => segment(name, values[name]));
}

/** One segment of a path. What is empty, `.` or `..` would make another path of it. */
function segment(name: string, value: unknown): string {
  const text = String(value ?? "");
  if (text === "" || text === "." || text === "..") throw new TypeError(`${name} must not be "${text}"`);
  return encodeURIComponent(text);
}

/**
 * What stands behind the path, the question mark included. What is not there is left out.
 *
 * @internal
 */
export function queryOf(parameters: unknown): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(Object(parameters))) {
    if (value !== undefined && value !== null) query.set(name, String(value));
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
