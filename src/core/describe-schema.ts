/** What a schema wants at a path, in words: 'a number in 0..1 or a schedule'. Read off its JSON Schema. */
import { z } from 'zod';
import { show } from './errors.js';

interface Json {
  readonly title?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Json[];
  readonly oneOf?: readonly Json[];
  readonly properties?: Readonly<Record<string, Json>>;
  readonly additionalProperties?: Json | boolean;
  readonly prefixItems?: readonly Json[];
  readonly items?: Json | boolean;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** The schema as JSON Schema: what a user may write, before defaults. */
const jsonOf = (schema: z.ZodType): Json =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json;

/** Every schema that may hold at a path; a union holds several. */
function at(schema: z.ZodType, path: readonly PropertyKey[]): Json[] {
  return path.reduce<Json[]>(
    (found, key) => found.flatMap(branches).flatMap((json) => inside(json, key)),
    [jsonOf(schema)],
  );
}

function inside(json: Json, key: PropertyKey): Json[] {
  const rest = typeof key === 'number' ? json.items : json.additionalProperties;
  const part = typeof key === 'number' ? json.prefixItems?.[key] : json.properties?.[String(key)];
  const next = part ?? rest;
  return typeof next === 'object' ? [next] : [];
}

/** The choices of a union, those of its unions among them. */
const branches = (json: Json): Json[] => (json.anyOf ?? json.oneOf)?.flatMap(branches) ?? [json];

/** The same, where a choice that has a name of its own is left whole. */
function choices(json: Json): Json[] {
  if (json.title !== undefined) return [json];
  if (Array.isArray(json.type)) return json.type.map((type) => ({ ...json, type }));
  return (json.anyOf ?? json.oneOf)?.flatMap(choices) ?? [json];
}

/** Undefined where the schema says nothing that words can add to. */
export function describeSchema(schema: z.ZodType, path: readonly PropertyKey[]): string | undefined {
  return either(at(schema, path).flatMap(choices));
}

/** The keys that an object may have at a path. */
export function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  return [
    ...new Set(
      at(schema, path)
        .flatMap(branches)
        .flatMap(({ properties }) => Object.keys(properties ?? {})),
    ),
  ];
}

function either(all: readonly Json[]): string | undefined {
  const named = all.flatMap((json) => json.enum ?? (json.const === undefined ? [] : [json.const]));
  const others = all.filter((json) => json.enum === undefined && json.const === undefined).map(word);
  if (others.includes(undefined)) return undefined;
  const words = [...(named.length > 0 ? [oneOf(named)] : []), ...others];
  return [...new Set(words)].join(' or ') || undefined;
}

const oneOf = (values: readonly unknown[]) =>
  values.length === 1 ? show(values[0]) : `one of ${values.map(show).join(', ')}`;

function word(json: Json): string | undefined {
  if (json.title !== undefined) return json.title;
  switch (json.type) {
    case 'number':
      return `a number${range(json)}`;
    case 'integer':
      return `a whole number${range(json)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return `${json.minLength ? 'some text' : 'text'}${json.maxLength === undefined ? '' : ` of at most ${json.maxLength} characters`}`;
    case 'null':
      return 'null';
    case 'array':
      return list(json);
    case 'object':
      return fields(json);
    default:
      return undefined;
  }
}

/** Bounds beyond what a whole number can be are zod's, not ours. */
function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Json): string {
  const low = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (low !== undefined && high !== undefined) return ` in ${low}..${high}`;
  const bounds = [
    low !== undefined && `≥ ${low}`,
    exclusiveMinimum !== undefined && `> ${exclusiveMinimum}`,
    high !== undefined && `≤ ${high}`,
    exclusiveMaximum !== undefined && `< ${exclusiveMaximum}`,
  ].filter(Boolean);
  return bounds.length > 0 ? ` ${bounds.join(' and ')}` : '';
}

function list({ prefixItems, items, minItems = 0, maxItems }: Json): string {
  const parts = prefixItems ?? (typeof items === 'object' ? [items] : []);
  const words = [...new Set(parts.map((part) => either(choices(part))))];
  const each = words.length === 1 && words[0] ? `, each ${words[0]}` : '';
  if (prefixItems) return `a list of ${prefixItems.length}${each}`;
  if (minItems > 0) return `a list of ${minItems === maxItems ? minItems : `${minItems} or more`}${each}`;
  return `a list${each}`;
}

function fields({ properties }: Json): string {
  const keys = Object.keys(properties ?? {});
  return keys.length > 0 && keys.length <= 8 ? `an object { ${keys.join(', ')} }` : 'an object';
}
