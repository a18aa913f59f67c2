/** Options are checked once, when a pipeline is built. */
import type { z } from 'zod';
import { describeSchema, knownKeys } from './describe-schema.js';
import { show, showNames, UsageError } from './errors.js';
import { printable } from './printable.js';
import { nearest } from './registry.js';
import { renamedOption } from './renamed.js';

/**
 * Parses options by a zod schema.
 *
 * @throws {UsageError} in one sentence that names the owner, the option and what was expected
 * @example parseOptions('lens', z.strictObject({ aperture: z.number().positive() }), { aperture: 2.8 }) // → { aperture: 2.8 }
 */
export function parseOptions<S extends z.ZodType>(owner: string, schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new UsageError(sentence(owner, schema, value, result.error));
}

/**
 * What a value, such as JSON of anyone's, lacks of a schema, in one clause: zod's own words are never shown.
 *
 * @param where what it is part of, at the beginning of the clause
 * @example schemaFault('index', z.object({ version: z.literal(2) }), { version: 1 }) // → 'index: version: expected 2 but received 1'
 * @example schemaFault('index', z.object({ version: z.literal(2) }), { version: 2 }) // → undefined
 */
export function schemaFault(where: string, schema: z.ZodType, value: unknown): string | undefined {
  const result = schema.safeParse(value);
  return result.success ? undefined : sentence(where, schema, value, result.error);
}

function sentence(owner: string, schema: z.ZodType, value: unknown, error: z.ZodError): string {
  const issue = deepest(error.issues[0] as z.core.$ZodIssue);
  const where = place(owner, issue.path);
  if (issue.code === 'unrecognized_keys')
    return `${where}: ${unknown(where, issue.keys, knownKeys(schema, issue.path))}`;
  if (issue.code === 'invalid_key') {
    const own = issue.issues[0]?.message ?? '';
    const want = own.startsWith('expected ') ? own : 'expected another name';
    return `${place(owner, issue.path.slice(0, -1))}: ${want} but received ${show(issue.path.at(-1))}`;
  }
  const received = issue.path.reduce<unknown>(
    (v, k) => (v as Record<PropertyKey, unknown> | undefined)?.[k],
    value,
  );
  // A schema's own message is better than one from its shape.
  const own = issue.code === 'custom' && issue.message !== 'Invalid input' ? issue.message : undefined;
  const want = own ?? `expected ${describeSchema(schema, issue.path) ?? plain(issue.message)}`;
  const tail = want.includes('received')
    ? ''
    : ` but received ${received === undefined ? 'nothing' : show(received)}`;
  return `${where}: ${want}${tail}`;
}

/** `cutout: size`, `affine: rotate[0]`, `recipe[2].op`. */
function place(owner: string, path: readonly PropertyKey[]): string {
  const at = path.map((k) => (typeof k === 'number' ? `[${k}]` : `.${printable(String(k), 60)}`)).join('');
  return at.startsWith('.') ? `${owner}: ${at.slice(1)}` : owner + at;
}

function unknown(owner: string, keys: readonly string[], known: readonly string[]): string {
  const now = keys.length === 1 ? renamedOption(owner, keys[0] as string) : undefined;
  if (now !== undefined) return `unknown option ${showNames(keys)}; it is now '${now}'`;
  const near = keys.length === 1 ? nearest(keys[0] as string, known) : undefined;
  const hint = near ? `did you mean '${near}'? ` : '';
  const all = known.length > 0 ? `known are ${known.join(', ')}` : 'there are none here';
  return `unknown option${keys.length > 1 ? 's' : ''} ${showNames(keys)}; ${hint}${all}`;
}

/** Inside a union, the issue of the branch that matched furthest is the most useful; a message of its own counts more than a type. */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const weight = (i: z.core.$ZodIssue) => 2 * i.path.length + Number(specific(i));
  const inner = issue.errors.flat().sort((x, y) => weight(y) - weight(x))[0];
  if (!inner || weight(inner) === 0) return issue;
  return deepest({ ...inner, path: [...issue.path, ...inner.path] });
}

const specific = ({ code }: z.core.$ZodIssue) => code === 'custom' || code === 'unrecognized_keys';

const plain = (message: string) =>
  message
    .replace(/^(Invalid input|Invalid option|Too small|Too big): /, '')
    .replace(/^Invalid input$/, 'another value')
    .replace(/^expected /, '')
    .replace(/^nonoptional/, 'a value')
    .replace(/, received .*$/, '');
