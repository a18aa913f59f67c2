/** How many public values have a doc with an example on the symbol, and which have not. */

/** The least share of public values with a doc and an example. */
export const REQUIRED = 0.98;

/**
 * @param symbols what readSymbols gives
 * @param only folders or files; with some, symbols declared elsewhere are left out
 */
export function chooseSymbols(symbols, only = []) {
  const places = only.map((place) => place.replace(/^\.\//, '').replace(/\/$/, ''));
  const own = symbols.filter(({ external }) => !external);
  if (places.length === 0) return own;
  return own.filter(({ file }) => places.some((place) => file === place || file.startsWith(`${place}/`)));
}

/** @returns counts, and the symbols without a doc, without an example, and the types without a doc. */
export function measureSymbols(chosen) {
  const values = chosen.filter(({ value }) => value);
  const types = chosen.filter(({ value }) => !value);
  const withoutDoc = values.filter(({ doc }) => doc === '');
  const withoutExample = values.filter(({ doc, examples }) => doc !== '' && examples.length === 0);
  const documented = values.length - withoutDoc.length - withoutExample.length;
  return {
    values: values.length,
    documented,
    share: values.length === 0 ? 1 : documented / values.length,
    withoutDoc: withoutDoc.map(place),
    withoutExample: withoutExample.map(place),
    types: types.length,
    typesWithoutDoc: types.filter(({ doc }) => doc === '').map(place),
  };
}

const place = ({ name, file, line }) => ({ name, file, line });
