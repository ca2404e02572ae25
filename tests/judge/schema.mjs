// Our schema as graphql-js has it. What it cannot know, the forms of our scalars, is written here from what the schema says of them.
import { readFileSync } from "node:fs";
import {
  GraphQLError,
  GraphQLScalarType,
  Kind,
  __Directive,
  __Schema,
  buildSchema,
  getNamedType,
  isInputObjectType,
} from "graphql";

const day = (text) => {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (parts === null) return false;
  const [year, month, date] = parts.slice(1).map(Number);
  const found = new Date(Date.UTC(year, month - 1, date));
  return year >= 1900 && year <= 2200 && found.getUTCMonth() === month - 1 && found.getUTCDate() === date;
};

const instant = (text) => {
  const parts = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?Z$/.exec(text);
  if (parts === null) return false;
  const [hours, minutes, seconds] = parts.slice(2, 5).map(Number);
  return day(parts[1]) && hours < 24 && minutes < 60 && seconds < 60;
};

/** At most 28 digits, exact. */
const decimal = (text) =>
  /^[+-]?\d+(\.\d+)?$/.test(text) && text.replace(/\D/g, "").replace(/^0+/, "").length <= 28;

const revision = (number) => Number.isInteger(number) && number >= 0 && number <= 2 ** 53;

// A number in JSON is whole when its value is: JSON does not tell 1 from 1.0. Past 2^64 it has been rounded.
// What a text, and what a whole number, must fulfil; nothing else is a value of these scalars.
const SCALARS = {
  Date: { text: day },
  DateTime: { text: instant },
  Decimal: { text: decimal, number: { literal: decimal, json: (number) => Number.isInteger(number) && Math.abs(number) < 2 ** 64 } },
  Revision: { number: { literal: (text) => BigInt(text) <= 2n ** 53n && revision(Number(text)), json: revision } },
};

function checked(name, holds, value) {
  if (holds !== undefined && holds(value)) return value;
  throw new GraphQLError(`${name} cannot be ${JSON.stringify(value)}`);
}

// What graphql-js has of a later draft than the specification of September 2025.
delete __Directive.getFields().isDeprecated;
delete __Directive.getFields().deprecationReason;
__Schema.getFields().directives.args = [];

function patch(schema) {
  for (const [name, { text, number }] of Object.entries(SCALARS)) {
    const scalar = schema.getType(name);
    scalar.parseValue = (value) => checked(name, typeof value === "string" ? text : typeof value === "number" ? number?.json : undefined, value);
    scalar.parseLiteral = (node) => {
      const holds = node.kind === Kind.STRING ? text : node.kind === Kind.INT ? number?.literal : undefined;
      return checked(name, holds, node.value);
    };
  }
  return schema;
}

/** Input types whose values are not coerced when they come in a variable: the import reads rows itself and shows every problem of each. */
function readByTheImport(schema) {
  const found = new Set();
  const visit = (type) => {
    if (!isInputObjectType(type) || found.has(type.name)) return;
    found.add(type.name);
    for (const field of Object.values(type.getFields())) visit(getNamedType(field.type));
  };
  visit(schema.getType("ImportRow"));
  return found;
}

/** The schema for documents, and the one that variables are coerced by. */
export function schemas(path) {
  const sdl = readFileSync(path, "utf8");
  const documents = patch(buildSchema(sdl, { assumeValid: true, assumeValidSDL: true }));
  const raw = readByTheImport(documents);
  const variables = patch(buildSchema(sdl, { assumeValid: true, assumeValidSDL: true }));
  const anything = new GraphQLScalarType({ name: "Anything" });
  const asItComes = (type) => {
    if (type.ofType) return new type.constructor(asItComes(type.ofType));
    return raw.has(type.name) ? anything : type;
  };
  for (const type of Object.values(variables.getTypeMap())) {
    if (!isInputObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) field.type = asItComes(field.type);
  }
  for (const name of raw) variables.getTypeMap()[name] = anything;
  return { documents, variables, raw };
}
