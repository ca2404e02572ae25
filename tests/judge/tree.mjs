// Places in the tree of a document, for those who change it.
import { SchemaMetaFieldDef, TypeMetaFieldDef, TypeNameMetaFieldDef } from "graphql";

/** All selection sets with the name of their type, the definition that they stand in, and how deep they are. */
export function selectionSets(schema, document) {
  const found = [];
  const visit = (list, type, definition, depth) => {
    found.push({ list, type, definition, depth });
    for (const selection of list) {
      if (!selection.selections) continue;
      const inner =
        selection.kind === "inline" ? (selection.on ?? type) : named(fieldType(schema, type, selection.name));
      if (inner !== undefined) visit(selection.selections, inner, definition, depth + 1);
    }
  };
  for (const definition of document.definitions) {
    if (definition.kind === "operation")
      visit(definition.selections, schema.getRootType(definition.type).name, definition, 0);
    if (definition.kind === "fragment") visit(definition.selections, definition.on, definition, 0);
  }
  return found;
}

/** What a type has under that name; also `__typename`, and what the root has besides. */
export function fieldDefinition(schema, typeName, name) {
  const type = schema.getType(typeName);
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  const meta = [SchemaMetaFieldDef, TypeMetaFieldDef].find((it) => it.name === name);
  return type === schema.getQueryType() && meta ? meta : type?.getFields?.()[name];
}

const fieldType = (schema, typeName, name) => fieldDefinition(schema, typeName, name)?.type;
const named = (type) => String(type ?? "").replace(/[[\]!]/g, "") || undefined;

/** All fields with their type, the list that they stand in and their definition. */
export function fields(schema, document) {
  return selectionSets(schema, document).flatMap(({ list, type, definition, depth }) =>
    list
      .filter((it) => it.kind === "field")
      .map((field) => ({ field, list, type, definition, depth, of: fieldDefinition(schema, type, field.name) })),
  );
}

/** Everything that takes directives, with the name of its place. */
export function directed(schema, document) {
  const found = [];
  for (const definition of document.definitions) {
    if (definition.kind === "text") continue;
    const place = definition.kind === "fragment" ? "FRAGMENT_DEFINITION" : definition.type.toUpperCase();
    found.push({ node: definition, place, definition });
    for (const variable of definition.variables ?? [])
      found.push({ node: variable, place: "VARIABLE_DEFINITION", definition });
  }
  for (const { list, definition, depth } of selectionSets(schema, document)) {
    for (const selection of list) {
      const place = { field: "FIELD", spread: "FRAGMENT_SPREAD", inline: "INLINE_FRAGMENT" }[selection.kind];
      const isRoot = definition.type === "subscription" && depth === 0;
      found.push({ node: selection, place, definition, isRoot });
    }
  }
  return found;
}

/** Everything that takes arguments: fields and directives, with the arguments that they have. */
export function argued(schema, document) {
  const ofFields = fields(schema, document).map((it) => ({ ...it, node: it.field, arguments: it.of?.args ?? [] }));
  const ofDirectives = directed(schema, document).flatMap(({ node, definition, isRoot }) =>
    (node.directives ?? []).map((directive) => ({
      node: directive,
      definition,
      isRoot,
      isDirective: true,
      arguments: schema.getDirective(directive.name)?.args ?? [],
    })),
  );
  return [...ofFields, ...ofDirectives];
}

/** All values with a way to put another one in their place, and the type of the place. */
export function values(schema, document) {
  const found = [];
  const visit = (value, type, set, context) => {
    found.push({ value, type, set, ...context });
    const inner = type?.ofType && String(type).endsWith("!") ? type.ofType : type;
    const of = named(type);
    if (value.kind === "list") {
      const item = inner?.ofType;
      value.items.forEach((it, index) =>
        visit(it, item, (next) => (value.items[index] = next), { ...context, inList: true }),
      );
    } else if (value.kind === "object") {
      const known = schema.getType(of)?.getFields?.() ?? {};
      for (const field of value.fields) {
        visit(field.value, known[field.name]?.type, (next) => (field.value = next), {
          ...context,
          object: value,
          parent: of,
        });
      }
    }
  };
  for (const { node, arguments: known, definition } of argued(schema, document)) {
    for (const argument of node.arguments) {
      const type = known.find((it) => it.name === argument.name)?.type;
      visit(argument.value, type, (next) => (argument.value = next), { definition, node, isConstant: false });
    }
  }
  for (const definition of document.definitions) {
    for (const variable of definition.variables ?? []) {
      if (variable.default)
        visit(variable.default, variable.of, (next) => (variable.default = next), { definition, isConstant: true });
    }
  }
  return found;
}

export const operations = (document) => document.definitions.filter((it) => it.kind === "operation");
export const fragments = (document) => document.definitions.filter((it) => it.kind === "fragment");
export const spread = (name) => ({ kind: "spread", name, directives: [] });
export const leaf = (name, alias) => ({ kind: "field", alias, name, arguments: [], directives: [] });
export const inline = (on, selections) => ({ kind: "inline", on, directives: [], selections });
export const fragment = (name, on, selections) => ({
  kind: "fragment",
  name,
  on,
  directives: [],
  selections,
  depth: 0,
});
export const token = (of, text) => ({ kind: "leaf", of, text });
export const given = (name, value) => ({ name, value });

export const pickOf = (dice, list) => (list.length === 0 ? undefined : dice.pick(list));
export const into = (dice, list, item) => list.splice(dice.below(list.length + 1), 0, item);

/** Where more may be asked: not at the root of a subscription. */
export const isOpen = (set) => !(set.definition.type === "subscription" && set.depth === 0);
export const anySet = ({ schema, document, dice }) => pickOf(dice, selectionSets(schema, document).filter(isOpen));

/** Puts a selection where there is room. */
export function add(context, selection) {
  const set = anySet(context);
  if (set === undefined) return false;
  into(context.dice, set.list, selection);
  return undefined;
}
