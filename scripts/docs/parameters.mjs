/** A table of options: what each may be, its default, and what its source file says of it. */
import { z } from 'zod';

export function parameters(schema, about, describeSchema, p) {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const rows = Object.entries(json.properties ?? {}).map(([name, option]) => {
    const required = json.required?.includes(name);
    const fallback = option.default === undefined ? (required ? 'needed' : '') : code(option.default);
    return [
      `\`${name}\``,
      cell(range(schema, name, option, describeSchema)),
      fallback,
      cell(about[name] ?? ''),
    ];
  });
  if (p !== undefined)
    rows.push(['`p`', 'a number in 0..1 or a schedule', code(p), 'The probability of applying.']);
  if (rows.length === 0) return [];
  return [
    '| Option | May be | Default | |',
    '|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ];
}

function range(schema, name, option, describeSchema) {
  const parts = option.prefixItems?.map((_, i) => describeSchema(schema, [name, i]));
  const differ = parts && new Set(parts).size > 1;
  return differ ? `a list: ${parts.join('; ')}` : (describeSchema(schema, [name]) ?? 'see above');
}

const code = (value) => `\`${JSON.stringify(value).replace(/,/g, ', ')}\``;
const cell = (text) => text.replaceAll('|', '\\|');
