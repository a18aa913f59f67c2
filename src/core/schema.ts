/** Options are checked once, when a pipeline is built, and a complaint is one sentence. */
import type { z } from 'zod';
import { show, UsageError } from './errors.js';

/** Parses options or throws a `UsageError` that names the owner, the option and what was expected. */
export function parseOptions<S extends z.ZodType>(owner: string, schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new UsageError(sentence(owner, schema, value, result.error));
}

function sentence(owner: string, schema: z.ZodType, value: unknown, error: z.ZodError): string {
  const issue = deepest(error.issues[0] as z.core.$ZodIssue);
  const at = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return `${owner}: unknown option ${issue.keys.map((k) => `'${k}'`).join(', ')}; known are ${knownKeys(schema)}`;
  }
  const received = issue.path.reduce<unknown>(
    (v, k) => (v as Record<PropertyKey, unknown>)?.[k as string],
    value,
  );
  const said = issue.message.replace(/^Invalid input: /, '').replace(/^Too (small|big): /, '');
  const tail = said.includes('received') ? '' : ` but received ${show(received)}`;
  return `${owner}: ${at ? `${at}: ` : ''}${said}${tail}`;
}

/** Inside a union, the branch that got furthest says most. */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const inner = issue.errors.flat().sort((x, y) => y.path.length - x.path.length)[0];
  if (!inner || inner.path.length === 0) return issue;
  return deepest({ ...inner, path: [...issue.path, ...inner.path] });
}

function knownKeys(schema: z.ZodType): string {
  const shape = (schema as { shape?: Record<string, unknown> }).shape;
  return shape ? Object.keys(shape).join(', ') || 'none' : 'in its documentation';
}
