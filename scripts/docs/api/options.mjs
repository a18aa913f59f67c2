/** Options as a reader looks for them: what only the compiler can read off a schema, property by property. */
import {
  isArrowFunction,
  isFunctionDeclaration,
  isFunctionExpression,
  isTypeAliasDeclaration,
  isVariableDeclaration,
} from 'typescript/unstable/ast';
import { NodeBuilderFlags, SymbolFlags, TypeFlags } from 'typescript/unstable/sync';

const WHOLE = NodeBuilderFlags.NoTruncation;

/**
 * The properties of a type, or of the options of a function, whose type only the compiler can read, such as `z.input<typeof schema>`.
 *
 * @returns {{ parameter: string, properties: { name: string, optional: boolean, type: string, doc: string }[] }[]}
 */
export function optionTables(node, checker, symbol) {
  if (readsSchema(node, node.getSourceFile().text.slice(node.getStart(), node.end)))
    return [ofAlias(checker, symbol)].filter(Boolean);
  const call = isVariableDeclaration(node) ? node.initializer : node;
  if (!call || !(isFunctionDeclaration(call) || isArrowFunction(call) || isFunctionExpression(call)))
    return [];
  const { text } = node.getSourceFile();
  return [...call.parameters].flatMap((parameter) => {
    const written = parameter.type ? text.slice(parameter.type.getStart(), parameter.type.end) : '';
    if (!/\btypeof\b|\bz\.\w+</.test(written)) return [];
    const type = checker.getTypeAtLocation(parameter);
    const types = type && type.flags & TypeFlags.Union ? type.getTypes() : [type];
    const all = types.filter((each) => each && each.flags & (TypeFlags.Object | TypeFlags.Intersection));
    const properties = all
      .filter((each) => !checker.isArrayLikeType(each) && !each.getSymbol()?.name.startsWith('Schedule'))
      .flatMap((each) => [...checker.getPropertiesOfType(each)]);
    const named = properties.filter(
      ({ name }, i) => properties.findIndex((each) => each.name === name) === i,
    );
    if (named.length === 0) return [];
    return [
      {
        parameter: text.slice(parameter.name.getStart(), parameter.name.end),
        properties: describe(named, checker),
      },
    ];
  });
}

/** Whether a type alias is read off a schema. */
export const readsSchema = (node, text) => isTypeAliasDeclaration(node) && /\bz\.\w+</.test(text);

function ofAlias(checker, symbol) {
  const type = checker.getDeclaredTypeOfSymbol(symbol);
  const properties = type && !(type.flags & TypeFlags.Union) ? checker.getPropertiesOfType(type) : [];
  return properties.length === 0
    ? undefined
    : { parameter: symbol.name, properties: describe(properties, checker) };
}

const describe = (properties, checker) =>
  properties.map((property) => {
    const type = checker.getTypeOfSymbol(property);
    return {
      name: property.name,
      optional: (property.flags & SymbolFlags.Optional) !== 0,
      type: type
        ? schedules(checker.typeToString(type, undefined, WHOLE).replace(/ \| undefined$/, ''))
        : 'unknown',
      doc: property.getDocumentationComment(checker).trim(),
    };
  });

/** The types of schedules, one by one, are what is called Schedule. */
export const schedules = (type) =>
  type
    .replace(/\{ [^{}]*schedule: "\w+"; [^{}]*\}(?: \| \{ [^{}]*schedule: "\w+"; [^{}]*\})+/g, 'Schedule')
    .replace(/(\?: [^;{}]*?) \| undefined;/g, '$1;');
