// Valid documents from the schema, with everything that the specification has.
import {
  GraphQLList,
  GraphQLNonNull,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isRequiredArgument,
} from "graphql";

import { printValue } from "./print.mjs";
import { Values } from "./values.mjs";

const DEEPEST = 7;
const FIELDS_MAX = 60;
const NAMES = [
  "Q",
  "Plan",
  "query",
  "on",
  "fragment",
  "true",
  "null",
  "mutation",
  "type",
  "_",
  "__x",
  "A1",
  "Measure",
  "input",
];

/** What a field may be asked by: its fields, and those that every type, or the root, has besides. */
export function fieldsOf(schema, type) {
  const fields = isAbstractType(type) || type.getFields ? Object.values(type.getFields?.() ?? {}) : [];
  const own = [...fields, TypeNameMetaFieldDef];
  return type === schema.getQueryType() ? [...own, SchemaMetaFieldDef, TypeMetaFieldDef] : own;
}

export class Generator {
  /** `source` limits what is asked, and gives the values to ask with. */
  constructor(schema, dice, source) {
    this.schema = schema;
    this.dice = dice;
    this.values = new Values(schema, dice, source);
    this.fragments = [];
    this.variables = new Map();
    /** Each response name means one field with one set of arguments in the whole document, so all of it merges. */
    this.meanings = new Map();
    this.fields = 0;
    this.next = 0;
  }

  /** A document; `wanted` says what it must have. */
  document(wanted = {}) {
    const dice = this.dice;
    const kinds = ["query", "query", "query", "query", "query", "query", "mutation", "subscription"];
    const count = wanted.operations ?? (dice.chance(0.2) ? dice.between(2, 3) : 1);
    const operations = Array.from({ length: count }, () => this.#operation(wanted.type ?? dice.pick(kinds)));
    const names = dice.shuffled(NAMES);
    operations.forEach((operation, index) => {
      if (count > 1 || wanted.named || dice.chance(0.5)) operation.name = names[index];
    });
    const definitions = dice.shuffled([...operations, ...this.fragments]);
    const document = { definitions };
    for (const operation of operations) this.#declare(document, operation);
    for (const definition of definitions) {
      if (dice.chance(0.06) && !definition.short)
        definition.description = dice.pick(['"what it is"', '"""\n  block\n"""', '""']);
    }
    return document;
  }

  #operation(type) {
    const root = this.schema.getRootType(type);
    const selections =
      type === "subscription"
        ? [this.#field(root, 0, this.dice.pick(Object.values(root.getFields())))]
        : this.selections(root, 0);
    // Only a query that takes nothing may be written without its name.
    return { kind: "operation", type, name: undefined, variables: [], directives: [], selections, short: false };
  }

  /** Declares what an operation uses, also in the fragments that it uses. */
  #declare(document, operation) {
    const used = usedVariables(document, operation);
    operation.variables = this.dice.shuffled([...used]).map((name) => this.variables.get(name));
    operation.short =
      operation.type === "query" && operation.name === undefined && used.size === 0 && this.dice.chance(0.7);
  }

  selections(type, depth) {
    const dice = this.dice;
    const selections = [];
    const count = depth === 0 ? dice.between(1, 3) : dice.between(1, depth > 4 ? 2 : 4);
    for (let index = 0; index < count; index += 1) {
      const roll = dice.below(100);
      if (roll < 10 && depth < DEEPEST) selections.push(this.#inline(type, depth));
      else if (roll < 22 && depth < DEEPEST) selections.push(this.#spread(type, depth));
      else if (roll < 27 && selections.some((it) => it.kind === "field")) {
        // The same field again, which merges.
        const again = dice.pick(selections.filter((it) => it.kind === "field"));
        selections.push(this.#again(type, again, depth));
      } else selections.push(this.#field(type, depth));
    }
    return selections;
  }

  #field(type, depth, wanted) {
    const dice = this.dice;
    this.fields += 1;
    const all = fieldsOf(this.schema, type).filter((field) => this.values.source.knows(type, field));
    const tired = depth >= DEEPEST || this.fields > FIELDS_MAX;
    const leaves = all.filter(
      (field) => !isCompositeType(getNamedType(field.type)) && !field.args.some(isRequiredArgument),
    );
    const field = wanted ?? (tired || dice.chance(0.4) ? dice.pick(leaves) : dice.pick(all));
    const purposes = `${type.name}.${field.name}`;
    const known = this.meanings.get(field.name);
    const signature = signatureOf(field);
    const node = {
      kind: "field",
      alias: undefined,
      name: field.name,
      arguments: [],
      directives: [],
      parent: type.name,
    };
    if (known !== undefined && known.signature === signature && (field.args.length === 0 || dice.chance(0.5))) {
      node.arguments = structuredClone(known.arguments);
    } else {
      node.arguments = this.#arguments(field, purposes);
      if (known !== undefined || dice.chance(0.15)) node.alias = this.#alias();
      this.meanings.set(node.alias ?? field.name, { signature, arguments: node.arguments });
    }
    // A subscription's root takes none.
    node.directives = wanted === undefined ? this.directives() : [];
    const inner = getNamedType(field.type);
    if (isCompositeType(inner)) node.selections = this.selections(inner, depth + 1);
    return node;
  }

  #again(type, node, depth) {
    const copy = { ...structuredClone(node), directives: this.directives() };
    const definition = fieldsOf(this.schema, type).find((field) => field.name === node.name);
    const inner = getNamedType(definition.type);
    if (isCompositeType(inner)) copy.selections = this.selections(inner, depth + 1);
    return copy;
  }

  #alias() {
    this.next += 1;
    return this.dice.pick([`a${this.next}`, `a${this.next}`, `key_${this.next}`, `__a${this.next}`, `on${this.next}`]);
  }

  #arguments(field, owner) {
    const dice = this.dice;
    const given = field.args
      .filter((argument) => this.values.source.takes(argument))
      .filter(
        (argument) =>
          isRequiredArgument(argument) ||
          dice.chance(argument.name === "first" ? 0.9 : argument.name === "last" ? 0 : 0.25),
      );
    return dice.shuffled(given).map((argument) => ({
      name: argument.name,
      value: this.values.literal(
        argument.type,
        {
          parent: owner,
          name: argument.name,
          default: argument.defaultValue !== undefined,
          item: getNamedType(argument.type).name,
        },
        (type, place) => this.#variable(type, place),
      ),
    }));
  }

  directives() {
    const dice = this.dice;
    if (!dice.chance(0.06)) return [];
    const one = (name) => {
      const type = this.schema.getDirective(name).args[0].type;
      const value = this.values.literal(type, { parent: `@${name}`, name: "if" }, (wanted, place) =>
        this.#variable(wanted, place),
      );
      return { name, arguments: [{ name: "if", value }] };
    };
    return dice.pick([["skip"], ["include"], ["skip", "include"], ["include", "skip"]]).map(one);
  }

  /** The name of a variable that may stand at a place, or nothing. */
  #variable(type, place) {
    const dice = this.dice;
    if (!dice.chance(/^(first|last)$/.test(place.name) ? 0.08 : 0.2)) return undefined;
    const purpose = /^(first|last)$/.test(place.name) ? "size" : Values.purpose(type, place.parent, place.name);
    const wanted = this.#variableType(type, place);
    const same = [...this.variables.values()].filter((it) => it.type === wanted.type && it.purpose === purpose);
    const reusable = same.filter((it) => !wanted.needsDefault || (it.default && it.default.text !== "null"));
    if (reusable.length > 0 && dice.chance(0.6)) return dice.pick(reusable).name;
    const name = dice.pick([
      `v${this.variables.size}`,
      `${place.name}${this.variables.size}`,
      `_${this.variables.size}`,
    ]);
    const definition = { name, type: wanted.type, of: wanted.of, purpose, place, default: undefined, directives: [] };
    if (wanted.needsDefault || dice.chance(0.25)) {
      const constant = wanted.needsDefault && !isNonNullType(wanted.of) ? { ...place, never: true } : place;
      definition.default = this.values.literal(wanted.of, constant);
      if (wanted.needsDefault && definition.default.text === "null") return undefined;
    }
    this.variables.set(name, definition);
    return name;
  }

  /** A type of variable for a place: its own, a stricter one, or, where there is a default, one that may be null. */
  #variableType(type, place) {
    const dice = this.dice;
    const stricter = (it) => {
      if (isNonNullType(it)) return new GraphQLNonNull(inside(it.ofType));
      return dice.chance(0.3) ? new GraphQLNonNull(inside(it)) : inside(it);
    };
    const inside = (it) => (isListType(it) ? new GraphQLList(stricter(it.ofType)) : it);
    if (place.oneOf) {
      const strict = isNonNullType(type) ? type : new GraphQLNonNull(type);
      return { type: String(strict), of: strict, needsDefault: false };
    }
    if (isNonNullType(type) && dice.chance(0.4)) {
      const nullable = type.ofType;
      const needsDefault = !place.default || dice.chance(0.5);
      // Sent as null it would be an error of the field.
      if (!needsDefault) this.values.refusedByField = true;
      return { type: String(nullable), of: nullable, needsDefault };
    }
    const strict = stricter(type);
    return { type: String(strict), of: strict, needsDefault: false };
  }

  #inline(type, depth) {
    const dice = this.dice;
    const on = dice.chance(0.25) ? undefined : this.#condition(type);
    return {
      kind: "inline",
      on: on?.name,
      directives: this.directives(),
      selections: this.selections(on ?? type, depth + 1),
      parent: type.name,
    };
  }

  /** A type that objects of this one may have. */
  #condition(type) {
    const dice = this.dice;
    if (isInterfaceType(type)) return dice.chance(0.3) ? type : dice.pick(this.schema.getPossibleTypes(type));
    const interfaces = type.getInterfaces?.() ?? [];
    return interfaces.length > 0 && dice.chance(0.4) ? dice.pick(interfaces) : type;
  }

  #spread(type, depth) {
    const dice = this.dice;
    const on = this.#condition(type);
    const same = this.fragments.filter((it) => it.on === on.name && it.depth + depth < DEEPEST + 2);
    if (same.length === 0 || dice.chance(0.3)) {
      const selections = this.selections(on, depth + 1);
      const name = `${dice.pick(["F", "Part", "type", "fragment", "_f"])}${this.fragments.length}`;
      const fragment = { kind: "fragment", name, on: on.name, directives: [], selections, depth: DEEPEST - depth };
      this.fragments.push(fragment);
      same.splice(0, same.length, fragment);
    }
    return { kind: "spread", name: dice.pick(same).name, directives: this.directives(), parent: type.name };
  }
}

const signatureOf = (field) =>
  `${field.name}(${field.args.map((argument) => `${argument.name}:${argument.type}=${argument.defaultValue}`)}):${field.type}`;

/** The variables that a definition uses, also through fragments. */
export function usedVariables(document, definition) {
  const used = new Set();
  const seen = new Set();
  const value = (it) => {
    if (it.kind === "variable") used.add(it.name);
    for (const item of it.items ?? []) value(item);
    for (const field of it.fields ?? []) value(field.value);
  };
  const directives = (list) =>
    list.forEach((directive) => directive.arguments.forEach((argument) => value(argument.value)));
  const selections = (list) => {
    for (const selection of list) {
      directives(selection.directives);
      for (const argument of selection.arguments ?? []) value(argument.value);
      if (selection.selections) selections(selection.selections);
      if (selection.kind === "spread" && !seen.has(selection.name)) {
        seen.add(selection.name);
        const fragment = document.definitions.find((it) => it.kind === "fragment" && it.name === selection.name);
        if (fragment) {
          directives(fragment.directives);
          selections(fragment.selections);
        }
      }
    }
  };
  directives(definition.directives);
  selections(definition.selections);
  return used;
}

/** Values for the variables of an operation, as a JSON text; some are left out where that is allowed. */
export function variablesFor(values, operation) {
  const fields = [];
  for (const variable of operation.variables) {
    const optional = !isNonNullType(variable.of) || variable.default !== undefined;
    if (optional && values.dice.chance(0.5)) continue;
    fields.push(`${JSON.stringify(variable.name)}:${values.json(variable.of, variable.place)}`);
  }
  return `{${fields.join(",")}}`;
}

export const sameLiteral = (one, other) => printValue(one).join(" ") === printValue(other).join(" ");
