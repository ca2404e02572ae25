// One change to a document for each rule of operations, fragments and variables: `breaks` makes it wrong,
// `keeps` comes near and stays right. The judge says which it is.
// A change that finds no place for itself gives `false`; then another document is made.
import { isCompositeType } from "graphql";

import {
  add,
  anySet,
  fragment,
  fragments,
  given,
  inline,
  into,
  leaf,
  operations,
  pickOf,
  selectionSets,
  spread,
  token,
  values,
} from "./tree.mjs";

const typeNames = (schema, holds) =>
  Object.values(schema.getTypeMap())
    .filter(holds)
    .map((type) => type.name);
const text = (source) => ({ kind: "text", tokens: [source] });

const DEFINITIONS = [
  "type Extra { a: Int }",
  "scalar Extra",
  "interface Extra { a: Int }",
  "union Extra = Measure | Norm",
  "enum Extra { A }",
  "input Extra { a: Int }",
  "directive @extra on FIELD",
  "schema { query: Query }",
  "extend type Query { extra: Int }",
  "extend schema @skip(if: true) { query: Query }",
  '"what" type Extra',
  "type Extra",
].map(text);

export const AROUND = {
  ExecutableDefinitionsRule: {
    breaks: ({ document, dice }) => into(dice, document.definitions, dice.pick(DEFINITIONS)),
    keeps: ({ document, dice }) => {
      for (const definition of document.definitions) {
        if (!definition.short) definition.description = dice.pick(['"type X { a: Int }"', '"""what it is"""', '""']);
        for (const variable of definition.variables ?? []) variable.description = '"a variable"';
      }
    },
  },
  UniqueOperationNamesRule: {
    wanted: { operations: 2 },
    breaks: ({ document }) => {
      const [one, other] = operations(document);
      other.name = one.name;
    },
    keeps: ({ document, dice }) => {
      const [one, other] = operations(document);
      other.name = dice.pick([`${one.name}_`, `${one.name}${one.name}`, `x${one.name}`]);
      one.name = pickOf(dice, fragments(document))?.name ?? one.name;
    },
  },
  LoneAnonymousOperationRule: {
    wanted: { operations: 1 },
    breaks: ({ document, dice }) => {
      operations(document)[0].name = dice.pick([undefined, "Named"]);
      into(
        dice,
        document.definitions,
        text(dice.pick(["query { __typename }", "{ __typename }", "mutation { __typename }"])),
      );
    },
    keeps: ({ document }) => {
      operations(document)[0].name = undefined;
    },
  },
  SingleFieldSubscriptionsRule: {
    wanted: { type: "subscription", operations: 1 },
    breaks: ({ document, dice }) => {
      const { selections } = operations(document)[0];
      const again = { ...structuredClone(selections[0]), alias: "again" };
      const more = dice.pick([
        [again],
        [leaf("__typename")],
        [inline(undefined, [again])],
        [inline("Subscription", [leaf("__typename")])],
        [spread("Root")],
        "only",
      ]);
      if (more === "only") selections.splice(0, 1, leaf("__typename"));
      else into(dice, selections, more[0]);
      if (more[0].kind === "spread") document.definitions.push(fragment("Root", "Subscription", [again]));
    },
    keeps: ({ document, dice }) => {
      const { selections } = operations(document)[0];
      const again = structuredClone(selections[0]);
      const more = dice.pick([again, inline(undefined, [again]), inline("Subscription", [again]), spread("Root")]);
      into(dice, selections, more);
      if (more.kind === "spread") document.definitions.push(fragment("Root", "Subscription", [again]));
    },
  },
  KnownTypeNamesRule: {
    breaks: (context) => {
      const { document, dice } = context;
      const name = dice.pick(["Nothing", "measure", "Measures", "__Nothing", "QUERY"]);
      const variable = pickOf(
        dice,
        operations(document).flatMap((it) => it.variables),
      );
      if (variable && dice.chance(0.4)) variable.type = variable.type.replace(/\w+/, name);
      else if (dice.chance(0.5)) return add(context, inline(name, [leaf("__typename")]));
      else {
        document.definitions.push(fragment("Unknown", name, [leaf("__typename")]));
        return add(context, spread("Unknown"));
      }
      return undefined;
    },
    keeps: (context) => {
      const set = anySet(context);
      if (set === undefined) return false;
      set.list.push(inline(set.type, [leaf("__typename", "again")]));
      return undefined;
    },
  },
  FragmentsOnCompositeTypesRule: {
    breaks: (context) => {
      const { schema, document, dice } = context;
      const name = dice.pick(typeNames(schema, (type) => !isCompositeType(type)));
      if (dice.chance(0.5)) return add(context, inline(name, [leaf("__typename")]));
      document.definitions.push(fragment("OnLeaf", name, [leaf("__typename")]));
      return add(context, spread("OnLeaf"));
    },
    keeps: ({ schema, document, dice }) => {
      const set = pickOf(
        dice,
        selectionSets(schema, document).filter((it) => schema.getType(it.type).getInterfaces?.().length > 0),
      );
      if (set === undefined) return false;
      const [first] = schema.getType(set.type).getInterfaces();
      set.list.push(inline(first.name, [leaf("__typename", "again")]));
      return undefined;
    },
  },
  VariablesAreInputTypesRule: {
    breaks: ({ schema, document, dice }) => {
      const variable = pickOf(
        dice,
        operations(document).flatMap((it) => it.variables),
      );
      if (variable === undefined) return false;
      const name = dice.pick(typeNames(schema, isCompositeType));
      variable.type = variable.type.replace(/\w+/, name);
      if (dice.chance(0.8)) variable.default = undefined;
      return undefined;
    },
    keeps: ({ document }) => operations(document).some((it) => it.variables.length > 0) && undefined,
  },
  UniqueFragmentNamesRule: {
    breaks: ({ document, dice }) => {
      const one = pickOf(dice, fragments(document));
      if (one === undefined) return false;
      into(
        dice,
        document.definitions,
        dice.chance(0.5) ? structuredClone(one) : { ...fragment(one.name, one.on, [leaf("__typename")]) },
      );
      return undefined;
    },
    keeps: (context) => {
      const set = anySet(context);
      if (set === undefined) return false;
      for (const name of ["same", "Same", "sAme"]) {
        set.list.push(spread(name));
        context.document.definitions.push(fragment(name, set.type, [leaf("__typename")]));
      }
      return undefined;
    },
  },
  KnownFragmentNamesRule: {
    breaks: (context) => add(context, spread(context.dice.pick(["Nothing", "f0", "Measure", "F_"]))),
    keeps: (context) => {
      const set = anySet(context);
      if (set === undefined) return false;
      set.list.push(spread("Query"));
      context.document.definitions.unshift(fragment("Query", set.type, [leaf("__typename")]));
      return undefined;
    },
  },
  NoUnusedFragmentsRule: {
    breaks: ({ schema, document, dice }) => {
      const on = dice.pick(typeNames(schema, isCompositeType));
      const lone = fragment("Unused", on, [leaf("__typename")]);
      into(dice, document.definitions, lone);
      // Used, but only by one that is not.
      if (dice.chance(0.3)) document.definitions.push(fragment("Unused2", on, [spread("Unused")]));
      if (dice.chance(0.2)) lone.selections.push(inline(on, [leaf("__typename", "again")]));
    },
    keeps: (context) => {
      const set = anySet(context);
      if (set === undefined) return false;
      set.list.push(spread("Outer"));
      context.document.definitions.push(
        fragment("Inner", set.type, [leaf("__typename")]),
        fragment("Outer", set.type, [spread("Inner")]),
      );
      return undefined;
    },
  },
  PossibleFragmentSpreadsRule: {
    breaks: (context) => {
      const { schema, document, dice } = context;
      const set = anySet(context);
      if (set === undefined) return false;
      const on = dice.pick(typeNames(schema, isCompositeType));
      if (dice.chance(0.5)) set.list.push(inline(on, [leaf("__typename")]));
      else {
        set.list.push(spread("Elsewhere"));
        document.definitions.push(fragment("Elsewhere", on, [leaf("__typename")]));
      }
      return undefined;
    },
    keeps: ({ schema, document, dice }) => {
      const set = pickOf(
        dice,
        selectionSets(schema, document).filter(
          (it) => schema.getType(it.type).getInterfaces?.().length > 0 || it.type === "Node",
        ),
      );
      if (set === undefined) return false;
      set.list.push(
        inline("Node", [inline("Norm", [leaf("__typename", "again")]), inline("Node", [leaf("__typename", "again")])]),
      );
      return undefined;
    },
  },
  NoFragmentCyclesRule: {
    breaks: (context) => {
      const { document, dice } = context;
      const set = anySet(context);
      if (set === undefined) return false;
      const length = dice.between(1, 4);
      for (let index = 0; index < length; index += 1) {
        const next = spread(`Circle${(index + 1) % length}`);
        const inner = dice.pick([[next], [inline(undefined, [next])], [leaf("__typename"), next], [next, next]]);
        into(dice, document.definitions, fragment(`Circle${index}`, set.type, structuredClone(inner)));
      }
      if (dice.chance(0.9)) set.list.push(spread("Circle0"));
      return undefined;
    },
    keeps: (context) => {
      const set = anySet(context);
      if (set === undefined) return false;
      const [top, left, right, end] = ["Top", "Left", "Right", "End"];
      set.list.push(spread(top));
      context.document.definitions.push(
        fragment(top, set.type, [spread(left), spread(right)]),
        fragment(left, set.type, [spread(end)]),
        fragment(right, set.type, [spread(end), spread(end)]),
        fragment(end, set.type, [leaf("__typename")]),
      );
      return undefined;
    },
  },
  UniqueVariableNamesRule: {
    breaks: ({ document, dice }) => {
      const operation = pickOf(
        dice,
        operations(document).filter((it) => it.variables.length > 0),
      );
      if (operation === undefined) return false;
      const copy = { ...structuredClone({ ...dice.pick(operation.variables), of: undefined, place: undefined }) };
      if (dice.chance(0.3)) copy.type = "Int";
      into(dice, operation.variables, copy);
      return undefined;
    },
    keeps: ({ document, dice }) => addVariable(document, dice, (name) => [name, `${name}_`, name.toUpperCase()]),
  },
  NoUndefinedVariablesRule: {
    breaks: ({ schema, document, dice }) => {
      const operation = pickOf(
        dice,
        operations(document).filter((it) => it.variables.length > 0),
      );
      if (operation !== undefined && dice.chance(0.6)) {
        // Of several operations one lacks it, or a fragment uses it.
        operation.variables.splice(dice.below(operation.variables.length), 1);
        return undefined;
      }
      const found = pickOf(
        dice,
        values(schema, document).filter((it) => !it.isConstant),
      );
      if (found === undefined) return false;
      found.set({ kind: "variable", name: dice.pick(["undefined", "V0", "on"]) });
      return undefined;
    },
    keeps: ({ document }) => operations(document).some((it) => it.variables.length > 0) && undefined,
  },
  NoUnusedVariablesRule: {
    breaks: ({ document, dice }) => {
      const operation = pickOf(
        dice,
        operations(document).filter((it) => !it.short),
      );
      if (operation === undefined) return false;
      const type = dice.pick(["Int", "String!", "[ID!]", "MeasureWhere", "Kind", "Boolean! = true", "AsOf"]);
      const [of, value] = type.split(" = ");
      into(dice, operation.variables, {
        name: "unused",
        type: of,
        default: value && token("boolean", value),
        directives: [],
      });
      // Used, but in no operation.
      if (dice.chance(0.2)) {
        const skip = { name: "skip", arguments: [given("if", { kind: "variable", name: "unused" })] };
        document.definitions.push(fragment("Lone", "Query", [{ ...leaf("__typename"), directives: [skip] }]));
      }
      return undefined;
    },
    keeps: ({ document, dice }) => addVariable(document, dice, () => ["used"]),
  },
};

/** Adds variables that are used, for a condition of a field. */
function addVariable(document, dice, names) {
  const operation = pickOf(
    dice,
    operations(document).filter((it) => it.type !== "subscription"),
  );
  if (operation === undefined) return false;
  operation.short = false;
  for (const name of names("extra")) {
    operation.variables.push({ name, type: "Boolean", default: token("boolean", "true"), directives: [] });
    const value = { kind: "variable", name };
    operation.selections.push({
      ...leaf("__typename", `of_${name}`),
      directives: [{ name: "include", arguments: [given("if", value)] }],
    });
  }
  return undefined;
}
