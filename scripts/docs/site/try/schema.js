/** What control an option gets, read off its JSON Schema. */
import { z } from 'zod';

/** @returns {{ name: string, schema: object, required: boolean }[]} */
export function optionsOf(schema) {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(json.properties ?? {}).map(([name, option]) => ({
    name,
    schema: option,
    required: json.required?.includes(name) ?? false,
  }));
}

/** 'choice', 'choices', 'flag', 'number', 'interval', 'numbers', 'color', or 'json' for whatever else. */
export function kindOf(schema, initial) {
  if (schema.enum) return 'choice';
  if (schema.type === 'boolean') return 'flag';
  if (numberIn(schema) && (initial === undefined || typeof initial === 'number')) return 'number';
  const list = listIn(schema);
  if (!list || (initial !== undefined && !Array.isArray(initial))) return 'json';
  if (list.items?.enum) return 'choices';
  const parts = list.prefixItems;
  if (!parts?.every((part) => numberIn(part))) return 'json';
  if (parts.length === 2 && parts.every(({ anyOf }) => anyOf)) return 'interval';
  if (parts.length === 3 && parts.every(({ minimum, maximum }) => minimum === 0 && maximum === 255))
    return 'color';
  return 'numbers';
}

/** The plain number among what a schema allows: schedules and shares are for code. */
export function numberIn(schema) {
  if (schema.type === 'number' || schema.type === 'integer') return schema;
  return schema.anyOf?.map(numberIn).find(Boolean);
}

export function listIn(schema) {
  if (schema.type === 'array') return schema;
  return schema.anyOf?.map(listIn).find(Boolean);
}

/** Ends and step of a slider: the schema's, or where these are far away, some times what it starts at. */
export function rangeOf(schema, initial) {
  const number = numberIn(schema);
  const whole = number.type === 'integer';
  const reach = Math.max(...[initial].flat().map(Math.abs), whole ? 2 : 0.25);
  const far = whole ? 8 * reach : 4 * reach;
  const low = within(number.minimum ?? number.exclusiveMinimum, -40 * reach);
  const high = within(number.maximum ?? number.exclusiveMaximum, 40 * reach);
  const max = high ?? far;
  const step = whole ? 1 : niceStep((max - (low ?? -far)) / 200);
  const open = number.exclusiveMinimum !== undefined && low === number.exclusiveMinimum ? step : 0;
  return { min: (low ?? -far) + open, max, step };
}

const within = (end, limit) => (end === undefined || Math.abs(end) > Math.abs(limit) ? undefined : end);

function niceStep(step) {
  const power = 10 ** Math.floor(Math.log10(step));
  return [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= step) ?? power;
}
