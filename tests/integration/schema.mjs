// Is a value what a schema of an OpenAPI 3.1 document says? Those keywords of JSON Schema that ours
// uses; any other is a fault of the document, so that nothing in it is passed over.

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const typeOf = (value) =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'array'
      : Number.isInteger(value)
        ? 'integer'
        : typeof value;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** What REF ("#/components/…") points to in DOCUMENT; undefined: nothing, or outside of it. */
export const resolve = (document, ref) =>
  ref.startsWith('#/')
    ? ref
        .slice(2)
        .split('/')
        .reduce((at, key) => at?.[key], document)
    : undefined;

/** Each keyword: what of VALUE is wrong, as a list of sentences. WITHIN(schema, value, where) goes on. */
const keywords = {
  $ref: (ref, value, { document, within, where }) => within(resolve(document, ref), value, where),
  type: (types, value) => {
    const is = typeOf(value);
    const good = [types].flat().some((type) => type === is || (type === 'number' && is === 'integer'));
    return good ? [] : [`is ${is}, not ${types}`];
  },
  enum: (allowed, value) => (allowed.includes(value) ? [] : [`is ${JSON.stringify(value)}, none of ${allowed}`]),
  const: (only, value) => (value === only ? [] : [`is ${JSON.stringify(value)}, not ${only}`]),
  pattern: (pattern, value) =>
    typeof value !== 'string' || new RegExp(pattern, 'u').test(value) ? [] : [`doesn't match ${pattern}`],
  format: (format, value) => {
    if (format !== 'date-time') return [`has the unknown format ${format}`];
    return typeof value !== 'string' || INSTANT.test(value) ? [] : [`is no date-time: ${value}`];
  },
  minimum: (least, value) => (typeof value !== 'number' || value >= least ? [] : [`is under ${least}`]),
  maximum: (most, value) => (typeof value !== 'number' || value <= most ? [] : [`is over ${most}`]),
  minLength: (least, value) => ([...`${value}`].length >= least ? [] : [`is shorter than ${least}`]),
  maxLength: (most, value) => ([...`${value}`].length <= most ? [] : [`is longer than ${most}`]),
  minItems: (least, value) => (!Array.isArray(value) || value.length >= least ? [] : ['has too few items']),
  maxItems: (most, value) => (!Array.isArray(value) || value.length <= most ? [] : ['has too many items']),
  items: (items, value, { within, where }) =>
    Array.isArray(value) ? value.flatMap((item, i) => within(items, item, `${where}[${i}]`)) : [],
  required: (names, value) =>
    isObject(value) ? names.filter((name) => !(name in value)).map((name) => `has no ${name}`) : [],
  properties: (properties, value, { within, where, schema }) => {
    if (!isObject(value)) return [];
    const unknown = Object.keys(value).filter((name) => !(name in properties));
    return [
      ...(schema.additionalProperties ? [] : unknown.map((name) => `has ${name}, which isn't told`)),
      ...Object.entries(properties)
        .filter(([name]) => name in value)
        .flatMap(([name, inner]) => within(inner, value[name], `${where}.${name}`)),
    ];
  },
  additionalProperties: () => [],
  oneOf: (choices, value, { within, where }) => {
    const found = choices.map((choice) => within(choice, value, where));
    return found.filter((faults) => !faults.length).length === 1 ? [] : [`fits not one of: ${found.join(' | ')}`];
  },
  description: () => [],
  default: () => [],
};

/** What is wrong with VALUE by SCHEMA of DOCUMENT; [] if nothing is. */
export function faultsOf(document, schema, value, where = 'the body') {
  if (!isObject(schema)) return [`${where}: there is no schema`];
  const within = (inner, part, at) => faultsOf(document, inner, part, at);
  return Object.entries(schema).flatMap(([name, said]) => {
    if (!(name in keywords)) return [`${where}: the schema's keyword ${name} isn't known`];
    return keywords[name](said, value, { document, schema, within, where }).map((fault) =>
      fault.startsWith(where) ? fault : `${where} ${fault}`,
    );
  });
}

/** Every schema within SCHEMA, itself first, with its place. */
export function* schemasOf(schema, where) {
  yield [schema, where];
  for (const [name, inner] of Object.entries(schema.properties ?? {})) yield* schemasOf(inner, `${where}.${name}`);
  if (schema.items) yield* schemasOf(schema.items, `${where}[]`);
  for (const choice of schema.oneOf ?? []) yield* schemasOf(choice, `${where}|`);
}

export const KEYWORDS = Object.keys(keywords);
