// Fields of one response name in one place: those that merge, and those that do not.
import { getNamedType, isCompositeType, isRequiredArgument } from "graphql";

import { fieldsOf } from "./generate.mjs";
import { given, inline, leaf, fragment, selectionSets, spread, token } from "./tree.mjs";

const KEY = "same";
const plain = (field) => !field.args.some(isRequiredArgument);
const isLeaf = (field) => !isCompositeType(getNamedType(field.type));

/** A field under that name, with what it needs to be whole. */
function asked(field, name = KEY, more = []) {
  const node = { ...leaf(field.name, name), arguments: more };
  if (!isLeaf(field)) node.selections = [leaf("__typename")];
  return node;
}

/** Puts selections in one set: as they are, in fragments, in a field that stands twice, deeper and deeper. */
function place({ schema, document, dice }, set, parts) {
  const wrapped = parts.map((part, index) => {
    const roll = dice.below(6);
    if (roll === 0) return inline(dice.chance(0.5) ? undefined : set.type, [part]);
    if (roll === 1 || roll === 2) {
      const name = `Overlap${index}`;
      document.definitions.push(fragment(name, set.type, [part]));
      // A fragment of a fragment, now and then.
      if (roll === 1) return spread(name);
      document.definitions.push(fragment(`Outer${index}`, set.type, [spread(name)]));
      return spread(`Outer${index}`);
    }
    return part;
  });
  for (const part of dice.shuffled(wrapped)) set.list.splice(dice.below(set.list.length + 1), 0, part);
  return undefined;
}

/** Literals that are the same value written in two ways, or not; and whether graphql-js takes them for the same. */
const TWICE = [
  ['"a"', '"\\u0061"'],
  ['"a"', '"""a"""'],
  ['"a"', '"b"'],
  ['"1"', "1"],
  ["1", "1"],
  ["1", "-1"],
  ["1", "01".slice(1)],
  ["true", "false"],
  ["null", "null"],
  ['""', '""""""'],
];

export function overlapping(context, breaks) {
  const { schema, document, dice } = context;
  const open = selectionSets(schema, document).filter(
    (it) => !(it.definition.type === "subscription" && it.depth === 0),
  );
  const set = open.length > 0 ? dice.pick(open) : undefined;
  if (set === undefined) return false;
  const fields = fieldsOf(schema, schema.getType(set.type)).filter(plain);
  const leaves = fields.filter(isLeaf);
  const objects = fields.filter((field) => !isLeaf(field));
  const different = (list) => {
    const [one, other] = dice.shuffled(list);
    return other === undefined ? undefined : [one, other];
  };
  const ways = breaks
    ? [twoLeaves, leafAndObject, otherArguments, below, excluded, belowExcluded, oneHasArguments]
    : [sameLeaf, sameArguments, belowSame, excludedSame, excludedArguments];
  return dice.pick(ways)();

  function twoLeaves() {
    const pair = different(leaves);
    return pair
      ? place(
          context,
          set,
          pair.map((field) => asked(field)),
        )
      : false;
  }
  function leafAndObject() {
    if (objects.length === 0) return false;
    return place(context, set, [asked(dice.pick(leaves)), asked(dice.pick(objects))]);
  }
  function withText() {
    // `__type` takes any text, but only at the root; elsewhere a field with a text or a page.
    const all = fieldsOf(schema, schema.getType(set.type)).filter(
      (field) => field.args.filter(isRequiredArgument).length <= 1,
    );
    const found = all.filter((field) =>
      field.args.some(
        (it) =>
          /^(String!?|Int!?)$/.test(String(it.type)) &&
          field.args.every((arg) => arg === it || !isRequiredArgument(arg)),
      ),
    );
    if (found.length === 0) return undefined;
    const field = dice.pick(found);
    const argument = dice.pick(
      field.args.filter(
        (it) =>
          /^(String!?|Int!?)$/.test(String(it.type)) &&
          field.args.every((arg) => arg === it || !isRequiredArgument(arg)),
      ),
    );
    return { field, argument };
  }
  function otherArguments() {
    const found = withText();
    if (found === undefined) return false;
    const isText = String(found.argument.type).startsWith("String");
    const pair = dice.pick(
      TWICE.filter(([one, other]) => (isText ? /^"/ : /^-?\d/).test(one) && (isText ? /^"/ : /^-?\d/).test(other)),
    );
    return place(
      context,
      set,
      dice.shuffled(pair).map((text) => asked(found.field, KEY, [given(found.argument.name, token("string", text))])),
    );
  }
  function oneHasArguments() {
    const found = withText();
    if (found === undefined || isRequiredArgument(found.argument)) return false;
    const value = token(
      "int",
      String(found.argument.type).startsWith("Int") ? String(found.argument.defaultValue ?? 1) : '"x"',
    );
    return place(context, set, [asked(found.field, KEY, [given(found.argument.name, value)]), asked(found.field)]);
  }
  function below() {
    const object = objects.length > 0 ? dice.pick(objects) : undefined;
    if (object === undefined) return false;
    const pair = different(fieldsOf(schema, getNamedType(object.type)).filter(plain).filter(isLeaf));
    if (pair === undefined) return false;
    return place(
      context,
      set,
      pair.map((field) => ({
        ...asked(object),
        selections: [dice.chance(0.3) ? inline(undefined, [asked(field, "inner")]) : asked(field, "inner")],
      })),
    );
  }
  function twoTypes() {
    const records = schema.getPossibleTypes(schema.getType("Node"));
    const [one, other] = dice.shuffled(records);
    return [one, other];
  }
  function nodeSet(parts) {
    const root = open.find((it) => it.type === "Query");
    if (root === undefined) return false;
    const node = { ...leaf("node", "both"), arguments: [given("id", token("string", '"x"'))], selections: parts };
    root.list.push(node);
    return undefined;
  }
  /** Types that exclude each other: fields may differ, shapes may not. */
  function excluded() {
    const [one, other] = twoTypes();
    const pick = (type) => dice.pick(fieldsOf(schema, type).filter(plain));
    return nodeSet([inline(one.name, [asked(pick(one))]), inline(other.name, [asked(pick(other))])]);
  }
  function belowExcluded() {
    const [one, other] = twoTypes();
    const objectsOf = (type) =>
      fieldsOf(schema, type)
        .filter(plain)
        .filter((it) => !isLeaf(it) && !/\[/.test(String(it.type)));
    const [left, right] = [objectsOf(one), objectsOf(other)];
    if (left.length === 0 || right.length === 0) return false;
    const inner = (field) => asked(dice.pick(fieldsOf(schema, getNamedType(field.type)).filter(plain)), "inner");
    const part = (field) => ({ ...asked(field), selections: [inner(field)] });
    return nodeSet([inline(one.name, [part(dice.pick(left))]), inline(other.name, [part(dice.pick(right))])]);
  }
  function sameLeaf() {
    const field = dice.pick(leaves);
    return place(context, set, [asked(field), asked(field), asked(field)]);
  }
  function sameArguments() {
    const found = withText();
    if (found === undefined) return false;
    const isText = String(found.argument.type).startsWith("String");
    const pair = isText ? ['"a"', dice.pick(['"a"', '"\\u0061"', '"\\u{61}"'])] : ["1", "1"];
    return place(
      context,
      set,
      pair.map((text) => asked(found.field, KEY, [given(found.argument.name, token("string", text))])),
    );
  }
  function belowSame() {
    if (objects.length === 0) return false;
    const object = dice.pick(objects);
    const inner = fieldsOf(schema, getNamedType(object.type)).filter(plain).filter(isLeaf);
    const parts = [dice.pick(inner), dice.pick(inner)].map((field, index) => ({
      ...asked(object),
      selections: [asked(field, `inner${index}`)],
    }));
    return place(context, set, parts);
  }
  function excludedSame() {
    const [one, other] = twoTypes();
    const field = dice.pick(fieldsOf(schema, schema.getType("Node")).filter(plain));
    return nodeSet([
      inline(one.name, [asked(field)]),
      inline(other.name, [asked(field)]),
      inline("Node", [asked(field, "more")]),
    ]);
  }
  function excludedArguments() {
    const [one, other] = twoTypes();
    const history = (number) => ({
      ...leaf("history", KEY),
      arguments: [given("first", token("int", String(number)))],
      selections: [leaf("revision")],
    });
    return nodeSet([inline(one.name, [history(1)]), inline(other.name, [history(2)])]);
  }
}
