// Values that do not fit their place, or only just: literals of a document, and JSON of variables.
import { getNamedType, isEnumType, isInputObjectType, isListType, isNonNullType } from "graphql";

import { printValue } from "./print.mjs";
import { given, token } from "./tree.mjs";

/** Literals, of which each fits some types and not others. */
const LITERALS = [
  ["null", "null"],
  ["boolean", "true"],
  ["boolean", "false"],
  ["enum", "ACTIVE"],
  ["enum", "TRUE"],
  ["enum", "asc"],
  ["enum", "ASC"],
  ["enum", "NaN"],
  ["int", "0"],
  ["int", "-0"],
  ["int", "-1"],
  ["int", "1"],
  ["int", "2147483647"],
  ["int", "2147483648"],
  ["int", "-2147483648"],
  ["int", "-2147483649"],
  ["int", "9007199254740992"],
  ["int", "9007199254740994"],
  ["int", "99999999999999999999999999999999"],
  ["int", "18446744073709551616"],
  ["float", "1.0"],
  ["float", "1.5"],
  ["float", "1e3"],
  ["float", "1E-3"],
  ["float", "-0.0"],
  ["float", "1e400"],
  ["string", '""'],
  ["string", '"1"'],
  ["string", '"true"'],
  ["string", '"ACTIVE"'],
  ["string", '"ASC"'],
  ["string", '"null"'],
  ["string", '"""\n  1\n"""'],
  ["string", '"2021-02-29"'],
  ["string", '"2020-02-29"'],
  ["string", '"2020-1-1"'],
  ["string", '"2020-12-32"'],
  ["string", '" 2020-12-31"'],
  ["string", '"2020-12-31T00:00:00Z"'],
  ["string", '"1.5"'],
  ["string", '"1."'],
  ["string", '".5"'],
  ["string", '"1e3"'],
  ["string", '"1,5"'],
  ["string", '"-"'],
  ["string", '"+1.50"'],
  ["string", '"12345678901234567890123456789"'],
  ["string", '"2021-02-15T09:30:00"'],
  ["string", '"2021-02-15T24:30:00Z"'],
  ["string", '"\\u{1F600}"'],
];

/** Wherever a literal does not fit is wrong; which do is the judge's to say. */
export function anyLiteral(dice) {
  const roll = dice.below(12);
  if (roll === 0) return { kind: "list", items: [] };
  if (roll === 1) return { kind: "list", items: [anyLiteral(dice)] };
  if (roll === 2) return { kind: "list", items: [anyLiteral(dice), anyLiteral(dice)] };
  if (roll === 3) return { kind: "object", fields: [] };
  if (roll === 4)
    return {
      kind: "object",
      fields: [given(dice.pick(["key", "eq", "and", "not", "revision", "x"]), anyLiteral(dice))],
    };
  return token(...dice.pick(LITERALS));
}

export function wrongValue(schema, dice, values) {
  const found = values.filter((it) => it.type);
  if (found.length === 0) return false;
  const place = dice.pick(found);
  const of = getNamedType(place.type);
  const enumWord = isEnumType(of) ? dice.pick(of.getValues()).name : undefined;
  const choices = [
    () => anyLiteral(dice),
    () => anyLiteral(dice),
    () => anyLiteral(dice),
    () => ({ kind: "list", items: [structuredClone(place.value)] }),
  ];
  if (enumWord)
    choices.push(
      () => token("string", `"${enumWord}"`),
      () => token("enum", enumWord.toLowerCase()),
      () => token("enum", `${enumWord}_`),
    );
  place.set(dice.pick(choices)());
  return undefined;
}

/** Objects with a field too many, too few, or null where it may not be. */
export function wrongObject(schema, dice, values) {
  const found = values.filter(
    (it) => it.value.kind === "object" && isInputObjectType(schema.getType(it.value.of ?? "")),
  );
  if (found.length === 0) return false;
  // What takes exactly one field is rare, so it is taken where there is one.
  const oneOf = found.filter((it) => schema.getType(it.value.of).isOneOf);
  const { value } = dice.pick(oneOf.length > 0 ? oneOf : found);
  const all = Object.values(schema.getType(value.of).getFields());
  const other = dice.pick(all);
  switch (dice.below(5)) {
    case 0:
      value.fields.splice(
        dice.below(value.fields.length + 1),
        0,
        given(dice.pick(["nothing", "eq_", "Key", "__typename"]), token("int", "1")),
      );
      break;
    case 1:
      value.fields = [];
      break;
    case 2:
      value.fields = value.fields.map((field, index) =>
        index === 0 ? given(field.name, token("null", "null")) : field,
      );
      break;
    case 3:
      value.fields.push(given(other.name, dice.chance(0.5) ? token("null", "null") : anyLiteral(dice)));
      break;
    default:
      value.fields.splice(dice.below(value.fields.length + 1), 1);
  }
  return undefined;
}

/** JSON, of which each fits some types and not others. */
const JSONS = [
  "null",
  "true",
  "false",
  "0",
  "-0",
  "1",
  "-1",
  "1.0",
  "1e0",
  "1.5",
  "1e3",
  "1E-3",
  "2147483647",
  "2147483648",
  "-2147483648",
  "-2147483649",
  "9007199254740991",
  "9007199254740992",
  "9007199254740994",
  "4611686018427387904",
  "36893488147419103232",
  "1e21",
  "1e300",
  "-0.0",
  "123456789012345678901234567890",
  '""',
  '"1"',
  '"true"',
  '"false"',
  '"null"',
  '"ACTIVE"',
  '"ASC"',
  '"asc"',
  '"DESC"',
  '" ASC"',
  '"2021"',
  '"1.5"',
  '"\\ud83d\\ude00"',
  '"\\u0000"',
  '"x\\ny"',
  '"2021-02-29"',
  '"2020-02-29"',
  '"2020-1-1"',
  '"2020-12-31 "',
  '"2020-12-31T00:00:00Z"',
  '"2021-02-15T24:30:00Z"',
  '"2021-02-15T09:30:00"',
  '"1."',
  '".5"',
  '"1e3"',
  '"-"',
  '"+1.50"',
  '"12345678901234567890123456789"',
  '"0000000000000000000000000000001"',
  "[]",
  "[[]]",
  "[null]",
  "[1]",
  '["1"]',
  "[true,null]",
  "{}",
  '{"key":"x"}',
  '{"eq":null}',
  '{"x":1}',
  '{"revision":1}',
  '{"revision":1,"edition":"x"}',
  '{"revision":null}',
  '{"0":1}',
  '{"kind":"MEASURE","key":"x"}',
  '{"field":"KEY"}',
  '{"toString":1}',
  '{"constructor":1}',
  '{"and":[]}',
  '{"and":{}}',
  '{"not":{}}',
  '{"from":"2020","to":"2021"}',
];

export const anyJson = (dice) => dice.pick(JSONS);

/** The JSON of a value of that type, with one thing changed somewhere. */
export function changedJson(dice, text, type) {
  const value = JSON.parse(text);
  const places = [];
  const visit = (it, of, path) => {
    places.push({ path, of });
    const inner = isNonNullType(of) ? of.ofType : of;
    if (isListType(inner) && Array.isArray(it))
      it.forEach((item, index) => visit(item, inner.ofType, [...path, index]));
    if (isInputObjectType(inner) && it !== null && typeof it === "object") {
      for (const [name, item] of Object.entries(it)) visit(item, inner.getFields()[name]?.type, [...path, name]);
    }
  };
  visit(value, type, []);
  const { path, of } = dice.pick(places);
  const inner = of && isNonNullType(of) ? of.ofType : of;
  const replaced = (it, steps, make) => {
    if (steps.length === 0) return make(it);
    const [step, ...rest] = steps;
    if (Array.isArray(it))
      return `[${it.map((item, index) => (index === step ? replaced(item, rest, make) : JSON.stringify(item))).join(",")}]`;
    const entries = Object.entries(it).map(
      ([name, item]) => `${JSON.stringify(name)}:${name === step ? replaced(item, rest, make) : JSON.stringify(item)}`,
    );
    return `{${entries.join(",")}}`;
  };
  return replaced(value, path, (it) => {
    const isObject = it !== null && typeof it === "object" && !Array.isArray(it);
    const choices = [
      () => anyJson(dice),
      () => anyJson(dice),
      () => "null",
      () => `[${JSON.stringify(it)}]`,
      () => JSON.stringify(String(it)),
    ];
    if (Array.isArray(it) && it.length > 0)
      choices.push(
        () => JSON.stringify(it[0]),
        () => `[${JSON.stringify(it[0])},null]`,
      );
    if (isObject) {
      const names = Object.keys(it);
      const without = () =>
        JSON.stringify(Object.fromEntries(Object.entries(it).filter(([name]) => name !== names[0])));
      const more = (name, json) =>
        `{${[...names.map((known) => `${JSON.stringify(known)}:${JSON.stringify(it[known])}`), `${JSON.stringify(name)}:${json}`].join(",")}}`;
      choices.push(
        without,
        () => more("nothing", "1"),
        () => more("__proto_", "null"),
      );
      if (isInputObjectType(inner)) {
        const field = dice.pick(Object.keys(inner.getFields()));
        if (!names.includes(field))
          choices.push(
            () => more(field, anyJson(dice)),
            () => more(field, "null"),
          );
      }
    }
    return dice.pick(choices)();
  });
}

export const shown = (value) => printValue(value).join(" ");
