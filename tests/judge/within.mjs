// One change to a document for each rule of fields, arguments, directives and values: `breaks` makes it wrong,
// `keeps` comes near and stays right. The judge says which it is.
// A change that finds no place for itself gives `false`; then another document is made.
import { getNamedType, isInputObjectType, isLeafType, isRequiredArgument } from "graphql";

import { fieldsOf, usedVariables } from "./generate.mjs";
import { overlapping } from "./overlap.mjs";
import {
  add,
  anySet,
  argued,
  directed,
  fields,
  given,
  into,
  isOpen,
  leaf,
  operations,
  pickOf,
  token,
  values,
} from "./tree.mjs";
import { wrongObject, wrongValue } from "./wrong.mjs";

const conditions = (dice) => dice.shuffled(["skip", "include"]);

export const WITHIN = {
  ScalarLeafsRule: {
    breaks: ({ schema, document, dice }) => {
      const found = pickOf(
        dice,
        fields(schema, document).filter((it) => it.of),
      );
      if (found === undefined) return false;
      if (isLeafType(getNamedType(found.of.type)))
        found.field.selections = [leaf(dice.pick(["__typename", "x", "key"]))];
      else found.field.selections = undefined;
      return undefined;
    },
    keeps: (context) => add(context, leaf("__typename", `t${context.dice.below(9)}x`)),
  },
  FieldsOnCorrectTypeRule: {
    breaks: (context) => {
      const { schema, dice } = context;
      const set = anySet(context);
      if (set === undefined) return false;
      const own = Object.keys(schema.getType(set.type).getFields?.() ?? {});
      const name = dice.pick([
        "nothing",
        "nodez",
        "__schema",
        "__type",
        "__name",
        "Key",
        `${own[0]}s`,
        "name_",
        dice.pick(fieldsOf(schema, schema.getType("Measure"))).name,
      ]);
      const isMeta = name.startsWith("__") && set.type === "Query";
      if (own.includes(name) || isMeta) return false;
      set.list.push(name === "__schema" ? { ...leaf(name), selections: [leaf("__typename")] } : leaf(name));
      return undefined;
    },
    keeps: (context) => add(context, { ...leaf("__typename", "nothing") }),
  },
  KnownDirectivesRule: {
    breaks: ({ schema, document, dice }) => {
      const condition = [given("if", token("boolean", "true"))];
      const known = dice.chance(0.4);
      const places = directed(schema, document).filter(
        (it) => !it.node.short && (!known || !/^(FIELD|FRAGMENT_SPREAD|INLINE_FRAGMENT)$/.test(it.place)),
      );
      // Every kind of place as often as the others.
      const place = pickOf(dice, [...new Set(places.map((it) => it.place))]);
      const found = pickOf(
        dice,
        places.filter((it) => it.place === place),
      );
      if (found === undefined) return false;
      const name = known
        ? dice.pick(["skip", "include"])
        : dice.pick(["nothing", "Skip", "deprecated", "oneOf", "specifiedBy", "defer", "on"]);
      const list =
        name === "specifiedBy"
          ? [given("url", token("string", '"x"'))]
          : name === "skip" || name === "include"
            ? condition
            : [];
      into(dice, (found.node.directives ??= []), { name, arguments: list });
      return undefined;
    },
    keeps: (context) => addDirectives(context, [conditions(context.dice)[0]]),
  },
  UniqueDirectivesPerLocationRule: {
    breaks: (context) => {
      const [name] = conditions(context.dice);
      return addDirectives(context, [name, name]);
    },
    keeps: (context) => addDirectives(context, conditions(context.dice)),
  },
  KnownArgumentNamesRule: {
    breaks: ({ schema, document, dice }) => {
      const found = pickOf(
        dice,
        argued(schema, document).filter((it) => !it.isRoot),
      );
      if (found === undefined) return false;
      const name = dice.pick(["nothing", "key_", "If", "firs", "where_", "__typename", "on"]);
      into(
        dice,
        found.node.arguments,
        given(name, dice.pick([token("int", "1"), token("null", "null"), token("enum", "X")])),
      );
      return undefined;
    },
    keeps: ({ schema, document, dice }) => {
      const found = argued(schema, document).filter((it) => it.node.arguments.length > 1);
      for (const { node } of found) node.arguments = dice.shuffled(node.arguments);
      return found.length > 0 && undefined;
    },
  },
  UniqueArgumentNamesRule: {
    breaks: ({ schema, document, dice }) => {
      const found = pickOf(
        dice,
        argued(schema, document).filter((it) => it.node.arguments.length > 0),
      );
      if (found === undefined) return false;
      into(dice, found.node.arguments, structuredClone(dice.pick(found.node.arguments)));
      return undefined;
    },
    keeps: ({ schema, document, dice }) => {
      // The same argument at two fields.
      const found = pickOf(
        dice,
        fields(schema, document).filter((it) => it.field.arguments.length > 0 && isOpen(it)),
      );
      if (found === undefined) return false;
      found.list.push({ ...structuredClone(found.field), alias: "again2" });
      return undefined;
    },
  },
  ValuesOfCorrectTypeRule: {
    breaks: ({ schema, document, dice }) => wrongValue(schema, dice, values(schema, document)),
    keeps: ({ schema, document, dice, generator }) => {
      const found = pickOf(
        dice,
        values(schema, document).filter((it) => it.type && it.value.kind !== "variable"),
      );
      if (found === undefined) return false;
      found.set(
        generator.values.literal(found.type, {
          parent: found.parent,
          name: "",
          oneOf: schema.getType(found.parent ?? "")?.isOneOf,
        }),
      );
      return undefined;
    },
  },
  ProvidedRequiredArgumentsRule: {
    breaks: ({ schema, document, dice }) => {
      const found = pickOf(
        dice,
        argued(schema, document).filter((it) => it.arguments.some(isRequiredArgument)),
      );
      if (found === undefined) return false;
      const required = found.arguments.filter(isRequiredArgument).map((it) => it.name);
      found.node.arguments = found.node.arguments.filter((it) => !required.includes(it.name));
      return undefined;
    },
    keeps: ({ schema, document, dice }) => {
      const given = (it) =>
        it.node.arguments.filter(
          (argument) => !it.arguments.some((of) => of.name === argument.name && isRequiredArgument(of)),
        );
      const found = pickOf(
        dice,
        fields(schema, document)
          .map((it) => ({ ...it, node: it.field, arguments: it.of?.args ?? [] }))
          .filter((it) => given(it).length > 0 && isOpen(it)),
      );
      if (found === undefined) return false;
      // An alias of its own, so that it still merges; and what a variable was needed for may be needed no more.
      found.node.arguments = found.node.arguments.filter((argument) => !given(found).includes(argument));
      found.node.alias = "fewer";
      for (const operation of operations(document)) {
        const used = usedVariables(document, operation);
        operation.variables = operation.variables.filter((variable) => used.has(variable.name));
      }
      return undefined;
    },
  },
  VariablesInAllowedPositionRule: {
    breaks: ({ schema, document, dice }) => {
      const variable = pickOf(
        dice,
        operations(document).flatMap((it) => it.variables),
      );
      if (variable === undefined) return false;
      const strict = variable.type.endsWith("!");
      const inner = variable.type.replace(/!$/, "");
      const others = [
        "String",
        "Int",
        "ID",
        "Boolean",
        "Date",
        "Decimal",
        "Revision",
        "Kind",
        "MeasureWhere",
        "OrderDirection",
        "AsOf",
      ];
      const change = dice.pick(["nullable", "list", "item", "other", "inner"]);
      if (change === "nullable") variable.type = inner;
      if (change === "list") variable.type = `[${variable.type}]${strict ? "!" : ""}`;
      if (change === "item") variable.type = inner.replace(/^\[|\]$/g, "");
      if (change === "other") variable.type = variable.type.replace(/\w+/, dice.pick(others));
      if (change === "inner") variable.type = variable.type.replace(/!?\]/, "]");
      if (dice.chance(0.8)) variable.default = undefined;
      variable.of = undefined;
      return undefined;
    },
    keeps: ({ document, dice }) => {
      const variable = pickOf(
        dice,
        operations(document).flatMap((it) => it.variables),
      );
      if (variable === undefined) return false;
      // Stricter than needed is allowed.
      if (!variable.type.endsWith("!") && variable.default?.text !== "null") variable.type = `${variable.type}!`;
      variable.strict = true;
      return undefined;
    },
  },
  OverlappingFieldsCanBeMergedRule: {
    breaks: (context) => overlapping(context, true),
    keeps: (context) => overlapping(context, false),
  },
  UniqueInputFieldNamesRule: {
    breaks: ({ schema, document, dice }) => {
      const found = pickOf(
        dice,
        values(schema, document).filter((it) => it.value.kind === "object" && it.value.fields.length > 0),
      );
      if (found === undefined) return false;
      into(dice, found.value.fields, structuredClone(dice.pick(found.value.fields)));
      return undefined;
    },
    keeps: ({ schema, document, dice }) => {
      const found = values(schema, document).filter((it) => it.value.kind === "object" && it.value.fields.length > 1);
      for (const { value } of found) value.fields = dice.shuffled(value.fields);
      return found.length > 0 && undefined;
    },
  },
  InputObjects: {
    breaks: ({ schema, document, dice }) => wrongObject(schema, dice, values(schema, document)),
    keeps: ({ schema, document, dice, generator }) => {
      const isObject = (it) => it.type && it.value.kind !== "variable" && isInputObjectType(getNamedType(it.type));
      const found = pickOf(dice, values(schema, document).filter(isObject));
      if (found === undefined) return false;
      found.set(
        generator.values.literal(found.type, {
          parent: found.parent,
          name: "",
          oneOf: schema.getType(found.parent ?? "")?.isOneOf,
        }),
      );
      return undefined;
    },
  },
};

function addDirectives({ schema, document, dice }, names) {
  const places = directed(schema, document).filter(
    (it) => /^(FIELD|FRAGMENT_SPREAD|INLINE_FRAGMENT)$/.test(it.place) && !it.isRoot && it.node.directives.length === 0,
  );
  const found = pickOf(dice, places);
  if (found === undefined) return false;
  found.node.directives.push(
    ...names.map((name) => ({ name, arguments: [given("if", token("boolean", dice.pick(["true", "false"])))] })),
  );
  return undefined;
}
