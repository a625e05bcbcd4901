// node api_types.mjs [--check]: writes src/api/types.ts, the page's types of what the service takes and
// answers, from the service's own description (src/api/openapi.json beside webui/). With --check it only
// compares, and fails where the file is not what it would write.
//
// Knows the part of JSON Schema that the description uses, and fails on anything else, so that no type is
// silently wider than its schema.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const webui = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const source = path.join(webui, '..', 'src', 'api', 'openapi.json');
const target = path.join(webui, 'src', 'api', 'types.ts');

// What a schema may say: that which decides the type, and that which only narrows its values.
const TYPING = [
  '$ref', 'additionalProperties', 'allOf', 'const', 'enum', 'items', 'oneOf', 'properties', 'required', 'type',
];
const NARROWING = [
  'contentMediaType', 'default', 'description', 'maximum', 'maxItems', 'minimum', 'minItems', 'pattern',
];

const MOST_COLUMNS = 120;

const literal = (value) => (typeof value === 'string' ? `'${value.replace(/['\\]/g, '\\$&')}'` : JSON.stringify(value));
const unite = (types) => [...new Set(types)].join(' | ');
const indent = (text) => text.replace(/^(?=.)/gm, '  ');

// "#/components/schemas/Job" is Job, "#/components/schemas/Options/properties/mode" is Options['mode'].
function referenceOf(reference) {
  const [, name, property] = /^#\/components\/schemas\/(\w+)(?:\/properties\/(\w+))?$/.exec(reference) ?? [];
  if (!name) throw new Error(`cannot read the reference ${reference}`);
  return property ? `${name}['${property}']` : name;
}

function arrayOf(schema) {
  const item = typeOf(schema.items);
  if (schema.minItems !== undefined && schema.minItems === schema.maxItems) {
    return `[${Array(schema.minItems).fill(item).join(', ')}]`;
  }
  return /^[\w']+(\['\w+'\])?$/.test(item) ? `${item}[]` : `Array<${item}>`;
}

function membersOf(schema) {
  const required = new Set(schema.required ?? []);
  for (const name of required) {
    if (!schema.properties[name]) throw new Error(`"${name}" is required but not described`);
  }
  return Object.entries(schema.properties)
    .map(([name, property]) => {
      const comment = property.description ? `/** ${property.description} */\n` : '';
      return `${comment}${name}${required.has(name) ? '' : '?'}: ${typeOf(property)};\n`;
    })
    .join('');
}

function objectOf(schema) {
  if (schema.properties) return `{\n${indent(membersOf(schema))}}`;
  const values = schema.additionalProperties;
  return `Record<string, ${typeof values === 'object' ? typeOf(values) : 'unknown'}>`;
}

function namedType(type, schema) {
  switch (type) {
    case 'null':
    case 'string':
    case 'boolean':
      return type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return arrayOf(schema);
    case 'object':
      return objectOf(schema);
    default:
      throw new Error(`cannot read the type ${JSON.stringify(type)}`);
  }
}

function typeOf(schema) {
  const unknown = Object.keys(schema).filter((key) => !TYPING.includes(key) && !NARROWING.includes(key));
  if (unknown.length > 0) throw new Error(`cannot read ${unknown.join(', ')} of a schema`);
  if (schema.$ref) return referenceOf(schema.$ref);
  if (schema.enum) return unite(schema.enum.map(literal));
  if ('const' in schema) return literal(schema.const);
  // Null last, as people write it.
  if (schema.oneOf) return unite(schema.oneOf.map(typeOf).sort((a, b) => (a === 'null') - (b === 'null')));
  if (schema.allOf) return schema.allOf.map(typeOf).join(' & ');
  return unite([schema.type].flat().map((type) => namedType(type, schema)));
}

function declarationOf([name, schema]) {
  try {
    const comment = schema.description ? `/** ${schema.description} */\n` : '';
    const type = typeOf(schema);
    const isInterface = schema.type === 'object' && schema.properties;
    return `${comment}export ${isInterface ? `interface ${name} ${type}` : `type ${name} = ${type};`}\n`;
  } catch (error) {
    throw new Error(`${source}: schema ${name}: ${error.message}`);
  }
}

// A union that is too wide has a line for each of its types.
function breakUnion(line) {
  if (line.length <= MOST_COLUMNS) return line;
  const [, margin, start, union] = /^( *)(\S.*?[:=]) (.+ \| .+;)$/.exec(line) ?? [];
  return union ? [margin + start, ...union.split(' | ').map((type) => `${margin}  | ${type}`)].join('\n') : line;
}

const { components } = JSON.parse(readFileSync(source, 'utf8'));
const text = [
  '// Made from src/api/openapi.json by `npm run types`: change it there.\n',
  ...Object.entries(components.schemas).map(declarationOf),
].join('\n').split('\n').map(breakUnion).join('\n');

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('webui/src/api/types.ts does not fit src/api/openapi.json: run `npm run types` in webui/');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
