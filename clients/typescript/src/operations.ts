/**
 * What the generated types say about each operation: which parameters, body and answer it has, and whether it takes
 * an `Idempotency-Key`. Types only.
 *
 * @packageDocumentation
 */

import type { paths } from "./generated/api.js";

/** The methods that the API knows, as the generated types write them. */
export type Method = "get" | "post" | "put" | "patch" | "delete";

type HasMethod<M extends Method> = Record<M, { responses: unknown }>;

/** The operation behind a method and a path. */
export type Operation<M extends Method, P extends keyof paths> = paths[P] extends Record<M, infer O> ? O : never;

type HeaderOf<O> = O extends { parameters: { header?: infer H } } ? NonNullable<H> : never;

/** Whether an operation is done once per `Idempotency-Key`. */
type IsKeyed<O> = [HeaderOf<O>] extends [never]
  ? false
  : "Idempotency-Key" extends keyof HeaderOf<O>
    ? true
    : false;

/** The paths that have a method, and take an `Idempotency-Key` with it or do not. */
export type PathOf<M extends Method, Keyed extends boolean = boolean> = {
  [P in keyof paths]: paths[P] extends HasMethod<M> ? (IsKeyed<Operation<M, P>> extends Keyed ? P : never) : never;
}[keyof paths];

/** What the braces in the path stand for. */
export type PathParameters<O> = O extends { parameters: { path: infer P } } ? P : never;

/** What may stand behind the question mark. What is `undefined` is left out. */
export type Query<O> = O extends { parameters: { query?: infer Q } } ? Loose<NonNullable<Q>> : never;

type Loose<T> = [T] extends [never] ? never : { [K in keyof T]: T[K] | undefined };

/** The paths that take a form with a file, with a method. */
export type FormPathOf<M extends Method> = {
  [P in keyof paths]: Operation<M, P> extends { requestBody: { content: { "multipart/form-data": unknown } } }
    ? P
    : never;
}[keyof paths];

/** What is sent as the body. */
export type Body<O> = O extends { requestBody?: infer R }
  ? NonNullable<R> extends { content: { "application/json": infer B } }
    ? B
    : never
  : never;

type Succeeded = 200 | 201;

type ContentOf<R> = R extends { content: { "application/json": infer C } } ? C : never;

/** What a successful answer has in its envelope. */
export type Data<O> = O extends { responses: infer R }
  ? ContentOf<R[keyof R & Succeeded]> extends { data: infer D }
    ? D
    : never
  : never;

/** A part of a call, which is there exactly if the operation has one. */
type Part<Name extends string, T, Optional extends boolean = false> = [T] extends [never]
  ? { readonly [K in Name]?: never }
  : Optional extends true
    ? { readonly [K in Name]?: T }
    : { readonly [K in Name]: T };

/** What belongs to one call of an operation. */
export type Call<O> = Part<"path", PathParameters<O>> & Part<"query", Query<O>, true> & Part<"body", Body<O>, true>;
