const WIDTH = 100;

/** JSON for people: what fits into a line stands in one, all else has a line for each of its parts. */
export function readableJson(value: unknown, indent = 0, before = 0): string {
  const line = inLine(value);
  if (typeof value !== 'object' || value === null) return line;
  if (indent + before + line.length < WIDTH) return line;
  const margin = ' '.repeat(indent + 2);
  const end = ' '.repeat(indent);
  if (Array.isArray(value)) {
    const items = value.map((each) => `${margin}${readableJson(each, indent + 2)}`);
    return `[\n${items.join(',\n')}\n${end}]`;
  }
  const items = Object.entries(value).map(([key, each]) => {
    const name = `${JSON.stringify(key)}: `;
    return `${margin}${name}${readableJson(each, indent + 2, name.length)}`;
  });
  return `{\n${items.join(',\n')}\n${end}}`;
}

function inLine(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(inLine).join(', ')}]`;
  const items = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${inLine(each)}`);
  return items.length === 0 ? '{}' : `{ ${items.join(', ')} }`;
}
