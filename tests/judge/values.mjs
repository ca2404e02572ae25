// Values of our input types, as literals of a document and as JSON of variables.
import { getNamedType, isEnumType, isInputObjectType, isListType, isNonNullType, isRequiredInputField } from "graphql";

import { quoted } from "./print.mjs";

const TEXTS = [
  "",
  "a",
  "Werk",
  "coöperaties",
  "OD VI 1.1",
  "é\u0301",
  "\u{1F600} smile",
  "a\nb",
  "a\r\nb",
  'say "x"',
  "back\\slash",
  "tab\there",
  "$x",
  "{}",
  "#no comment",
  "\u{10FFFF}",
  "\uFFFD",
  "null",
  "true",
  "1",
  "two\n  lines",
  "\u2028",
  "a/b",
  "on",
  "/*",
  "'",
];
const KEYS = ["dwse-2021", "od-vi-1.1", "vlaamse-ondersteuningspremie", "op-2021", "nothing/here", "é"];
const PERIODS = ["2020", "2021", "2018-2019", "2020-Q1", "2020-09", "2020-09/2020-12", "2020-09-02"];
const IDS = ["TWVhc3VyZTp4", "x", "", "1", "é"];
export const INTS = [0, 1, -1, 2, 3, 7, 2021, 100, 2147483647, -2147483648];
const DATES = ["2021-01-01", "2020-02-29", "1900-01-01", "2200-12-31", "2020-12-31"];
const INSTANTS = [
  "2021-02-15T09:30:00Z",
  "2020-02-29T23:59:59Z",
  "2021-01-01T00:00:00.5Z",
  "2021-01-01T00:00:00.123456789Z",
];
const DECIMALS = [
  "0",
  "1234567.89",
  "-0.5",
  "0.980",
  "+1",
  "00.10",
  "9999999999999999999999999999",
  "0.0000000000000000000000000001",
];
const REVISIONS = [0, 1, 2, 4294967296, 9007199254740992];

/** How a number is written in JSON: a whole one may have a fraction or an exponent that comes to nothing. */
const numbers = (number, dice) =>
  dice.chance(0.9) ? String(number) : dice.pick([`${number}.0`, `${number}e0`, `${number}.00E+0`]);

/** Anything that is a value of its type. */
const ANYTHING = {
  knows: () => true,
  takes: () => true,
  /** Whether conditions may be null, which our fields refuse. */
  nullConditions: true,
  size: (dice) => dice.below(3),
  text: (dice, place) => dice.pick(place.name === "key" ? KEYS : TEXTS),
  scalar: () => undefined,
};

/** Values of input types, as literals and as JSON. `source` says which. */
export class Values {
  constructor(schema, dice, source = ANYTHING) {
    this.schema = schema;
    this.dice = dice;
    this.source = source;
    /** Whether a value is well typed, but not what the field takes: no error of the request, one of the field. */
    this.refusedByField = false;
  }

  /** What a variable must be too when it stands there: texts that are periods or cursors. */
  static purpose(type, parent, name) {
    if (getNamedType(type).name !== "String") return "";
    if (/^(PeriodFilter|PeriodRange|PeriodListFilter)$/.test(parent) || name === "period") return "period";
    return name === "after" || name === "before" ? "cursor" : "";
  }

  /** `variable` gives the name of a variable for a place, or nothing. */
  literal(type, place, variable = () => undefined, depth = 0) {
    const named = depth < 12 ? variable(type, place) : undefined;
    if (named !== undefined) return { kind: "variable", name: named };
    if (isNonNullType(type)) return this.#literal(type.ofType, place, variable, depth);
    const nothing = this.dice.chance(0.06) && this.#mayBeNull(place);
    return nothing ? { kind: "leaf", of: "null", text: "null" } : this.#literal(type, place, variable, depth);
  }

  #literal(type, place, variable, depth) {
    const dice = this.dice;
    if (isListType(type)) {
      // The specification takes one value for a list of it.
      if (dice.chance(0.15)) return this.literal(type.ofType, place, () => undefined, depth);
      const items = Array.from({ length: dice.below(4) }, () => this.literal(type.ofType, place, variable, depth + 1));
      return { kind: "list", items };
    }
    if (isInputObjectType(type)) {
      const fields = this.#fields(type, depth).map((field) => ({
        name: field.name,
        value: this.literal(
          field.type,
          {
            parent: type.name,
            name: field.name,
            oneOf: type.isOneOf,
            default: field.defaultValue !== undefined,
            within: place,
          },
          variable,
          depth + 1,
        ),
      }));
      return { kind: "object", of: type.name, fields };
    }
    if (isEnumType(type)) return { kind: "leaf", of: "enum", text: this.#word(type) };
    return this.scalar(type.name, place);
  }

  scalar(name, place) {
    const dice = this.dice;
    const known = (otherwise) => this.source.scalar(dice, name, place) ?? dice.pick(otherwise);
    const text = (value) => ({ kind: "leaf", of: "string", text: quoted(value, dice) });
    const number = (value) => ({ kind: "leaf", of: "int", text: String(value) });
    switch (name) {
      case "Boolean":
        return { kind: "leaf", of: "boolean", text: dice.pick(["true", "false"]) };
      case "Int":
        return number(this.#int(place));
      case "Float":
        return dice.chance(0.5)
          ? number(dice.pick(INTS))
          : { kind: "leaf", of: "float", text: dice.pick(["1.5", "-0.0", "1e3", "2E-7", "1.0e+2"]) };
      case "ID":
        return this.source === ANYTHING && dice.chance(0.3)
          ? number(dice.pick([...INTS, "123456789012345678901234567890", "-0"]))
          : text(known(IDS));
      case "Date":
        return text(known(DATES));
      case "DateTime":
        return text(dice.pick(INSTANTS));
      case "Decimal":
        return dice.chance(0.3) ? number(dice.pick(INTS)) : text(known(DECIMALS));
      case "Revision":
        return number(dice.pick(REVISIONS));
      default:
        return text(this.#text(place));
    }
  }

  #word(type) {
    return this.dice.pick(type.getValues().filter((word) => this.source.knows(type, word))).name;
  }

  #int(place) {
    // Pages are small, or a document would soon cost too much.
    return /^(first|last)$/.test(place.name)
      ? this.source.size(this.dice)
      : (this.source.scalar(this.dice, "Int", place) ?? this.dice.pick(INTS));
  }

  #text(place) {
    const purpose = Values.purpose({ name: "String" }, place.parent, place.name);
    if (purpose === "period") return this.source.scalar(this.dice, "Period", place) ?? this.dice.pick(PERIODS);
    if (purpose === "cursor") this.refusedByField = true;
    return this.source.text(this.dice, place);
  }

  #mayBeNull(place) {
    if (place.oneOf) return false;
    if (!/(Where|Filter|Range|Having|Order)$/.test(place.parent ?? "") && !/Where|Filter|Order/.test(place.item ?? ""))
      return true;
    // A condition that is null is refused with a word of why.
    this.refusedByField ||= this.source.nullConditions;
    return this.source.nullConditions;
  }

  #fields(type, depth) {
    const all = this.dice.shuffled(Object.values(type.getFields()).filter((field) => this.source.knows(type, field)));
    if (type.isOneOf) return all.slice(0, 1);
    const required = all.filter(isRequiredInputField);
    const optional = all.filter((field) => !isRequiredInputField(field));
    const more = optional.slice(0, this.dice.below(depth < 3 ? 4 : 2));
    // What goes on for ever ends somewhere.
    const some = depth > 5 ? more.filter((field) => !isInputObjectType(getNamedType(field.type))) : more;
    return this.dice.shuffled([...required, ...some]);
  }

  /** The text of a JSON value of that type. */
  json(type, place, depth = 0) {
    const dice = this.dice;
    if (isNonNullType(type)) return this.#json(type.ofType, place, depth);
    return dice.chance(0.06) && this.#mayBeNull(place) ? "null" : this.#json(type, place, depth);
  }

  #json(type, place, depth) {
    const dice = this.dice;
    if (isListType(type)) {
      if (dice.chance(0.15)) return this.json(type.ofType, place, depth);
      return `[${Array.from({ length: dice.below(4) }, () => this.json(type.ofType, place, depth + 1)).join(",")}]`;
    }
    if (isInputObjectType(type)) {
      const fields = this.#fields(type, depth).map((field) => {
        const at = { parent: type.name, name: field.name, oneOf: type.isOneOf, within: place };
        return `${JSON.stringify(field.name)}:${this.json(field.type, at, depth + 1)}`;
      });
      return `{${fields.join(",")}}`;
    }
    if (isEnumType(type)) return JSON.stringify(this.#word(type));
    return this.scalarJson(type.name, place);
  }

  scalarJson(name, place) {
    const dice = this.dice;
    const known = (otherwise) => this.source.scalar(dice, name, place) ?? dice.pick(otherwise);
    switch (name) {
      case "Boolean":
        return dice.pick(["true", "false"]);
      case "Int":
        return numbers(this.#int(place), dice);
      case "Float":
        return dice.pick(["0", "1.5", "-2e3", "1e300"]);
      case "ID":
        return this.source === ANYTHING && dice.chance(0.3)
          ? numbers(dice.pick(INTS), dice)
          : JSON.stringify(known(IDS));
      case "Date":
        return JSON.stringify(known(DATES));
      case "DateTime":
        return JSON.stringify(dice.pick(INSTANTS));
      case "Decimal":
        return dice.chance(0.3) ? String(dice.pick(INTS)) : JSON.stringify(known(DECIMALS));
      case "Revision":
        return numbers(dice.pick(REVISIONS), dice);
      default:
        return JSON.stringify(this.#text(place));
    }
  }
}
