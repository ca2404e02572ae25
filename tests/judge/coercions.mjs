// Variables of every input type, at every kind of place, with values that fit and values that do not.
import {
  GraphQLList,
  GraphQLNonNull,
  getNamedType,
  isCompositeType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from "graphql";

import { Dice } from "./dice.mjs";
import { printValue } from "./print.mjs";
import { Values } from "./values.mjs";
import { anyJson, changedJson } from "./wrong.mjs";

/** Places where a variable may stand, by sort of type: what comes before it and after it in a document, and its type. */
function places(schema) {
  const found = new Map();
  const put = (type, place) => {
    const name = `${getNamedType(type).name} ${place.parent}`;
    if (!found.has(name)) found.set(name, []);
    // Few of each are enough; there are thousands.
    if (found.get(name).length < 8) found.get(name).push({ type, ...place });
  };
  const reached = new Set();
  const into = (type, before, after, parent, hasDefault, depth, oneOf) => {
    put(type, { before, after, parent, hasDefault, oneOf });
    const inner = isNonNullType(type) ? type.ofType : type;
    if (isListType(inner)) return into(inner.ofType, `${before}[`, `]${after}`, parent, false, depth, false);
    if (!isInputObjectType(inner) || depth > 3 || (depth > 1 && reached.has(inner.name))) return undefined;
    reached.add(inner.name);
    const fields = Object.values(inner.getFields());
    for (const field of fields) {
      const others = fields
        .filter((it) => it !== field && isRequiredInputField(it) && !inner.isOneOf)
        .map((it) => `${it.name}:${plain(it.type)}`);
      into(
        field.type,
        `${before}{${[...others, ""].join(" ")}${field.name}:`,
        `}${after}`,
        inner.name,
        field.defaultValue !== undefined,
        depth + 1,
        inner.isOneOf,
      );
    }
    return undefined;
  };
  const values = new Values(schema, new Dice(1, 1));
  const plain = (type) => printValue(values.literal(type, { parent: "", name: "key", oneOf: true })).join(" ");
  const ask = (field, before, after, owner) => {
    const inner = getNamedType(field.type);
    const rest = isCompositeType(inner) ? "{__typename}" : "";
    for (const argument of field.args) {
      const others = field.args
        .filter((it) => it !== argument && isRequiredArgument(it))
        .map((it) => `${it.name}:${plain(it.type)}`);
      into(
        argument.type,
        `${before}${field.name}(${[...others, ""].join(" ")}${argument.name}:`,
        `)${rest}${after}`,
        owner,
        argument.defaultValue !== undefined,
        0,
        false,
      );
    }
  };
  for (const type of ["query", "mutation"]) {
    const root = schema.getRootType(type);
    for (const field of Object.values(root.getFields())) {
      ask(field, `{`, "}", `${type}.${field.name}`);
      if (field.args.some(isRequiredArgument) || type === "mutation") continue;
      const inner = getNamedType(field.type);
      for (const below of Object.values(inner.getFields?.() ?? {}))
        ask(below, `{${field.name}{`, "}}", `${inner.name}.${below.name}`);
    }
  }
  put(schema.getDirective("skip").args[0].type, {
    before: "{__typename @skip(if:",
    after: ")}",
    parent: "@skip",
    hasDefault: false,
  });
  // Every sort of type is as frequent as the others, however few places there are for it.
  const sorts = new Map();
  for (const list of found.values()) {
    const sort = kindOf(getNamedType(list[0].type));
    sorts.set(sort, [...(sorts.get(sort) ?? []), list]);
  }
  return [...sorts.values()];
}

const known = new WeakMap();

/** The type that a variable is declared with: that of the place, a stricter one, or one that may be null. */
function declared(dice, place) {
  const stricter = (type) => {
    if (isNonNullType(type)) return new GraphQLNonNull(inside(type.ofType));
    return dice.chance(0.25) ? new GraphQLNonNull(inside(type)) : inside(type);
  };
  const inside = (type) => (isListType(type) ? new GraphQLList(stricter(type.ofType)) : type);
  if (place.oneOf && !isNonNullType(place.type)) return { of: new GraphQLNonNull(place.type) };
  if (!isNonNullType(place.type) || dice.chance(0.6)) return { of: stricter(place.type) };
  return { of: place.type.ofType, needsDefault: !place.hasDefault };
}

export function coercionCase(both, seed, number) {
  const schema = both.documents;
  if (!known.has(schema)) known.set(schema, places(schema));
  const sorts = known.get(schema);
  const dice = new Dice(seed, number);
  const place = dice.pick(dice.pick(dice.pick(sorts)));
  const values = new Values(schema, dice);
  const { of, needsDefault } = declared(dice, place);
  const at = { parent: place.parent, name: "", oneOf: true };
  let text = String(of);
  if (needsDefault || dice.chance(0.2)) text += ` = ${printValue(values.literal(of, at)).join(" ")}`;
  const operation =
    place.before.startsWith("{") && schema.getMutationType().getFields()[/^\{(\w+)/.exec(place.before)[1]]
      ? "mutation"
      : "query";
  const query = `${operation} ($v: ${text}) ${place.before}$v${place.after}`;
  let json = values.json(of, at);
  const change = dice.chance(0.4) ? "keeps" : "breaks";
  if (change === "breaks") json = dice.chance(0.25) ? anyJson(dice) : changedJson(dice, json, of);
  const variables = dice.chance(0.06) ? "{}" : dice.chance(0.04) ? `{"w":${json}}` : `{"v":${json},"unknown":[1]}`;
  const trial = getNamedType(of).name;
  return {
    number,
    trial: both.raw.has(trial) ? "ImportRow" : kindOf(getNamedType(of)),
    change,
    query,
    variables,
    refusedByField: refusedByField(of, place, variables, text),
    depth: 0,
    fragments: 0,
    given: 1,
  };
}

const kindOf = (type) =>
  isInputObjectType(type) ? (type.isOneOf ? "oneOf" : "input") : type.getValues ? "enum" : type.name;

/**
 * Whether a value is one of its type and yet refused by the field that it comes to: by the meaning of the words, or because
 * it is null where only its absence has a default.
 */
function refusedByField(type, place, variables, text) {
  const value = JSON.parse(variables).v;
  const isCondition = (name) => /(Where|Filter|Range|Having|Order)$/.test(name);
  const visit = (it, of, parent) => {
    const inner = isNonNullType(of) ? of.ofType : of;
    if (it === null) return isCondition(parent);
    if (isListType(inner)) return (Array.isArray(it) ? it : [it]).some((item) => visit(item, inner.ofType, parent));
    if (isInputObjectType(inner) && typeof it === "object") {
      return Object.entries(it).some(
        ([name, item]) => inner.getFields()[name] && visit(item, inner.getFields()[name].type, inner.name),
      );
    }
    if (typeof it !== "string") return false;
    return /^Period/.test(parent) || (isCondition(parent) && /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(it));
  };
  // The other end of a range stands there already, and need be no period.
  if (/null/.test(text) || place.parent === "PeriodRange") return true;
  return (value === null && isNonNullType(place.type)) || (value !== undefined && visit(value, type, place.parent));
}
