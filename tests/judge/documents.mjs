// Documents, most of them one change away from a valid one.
import { getNamedType } from "graphql";

import { AROUND } from "./around.mjs";
import { Dice } from "./dice.mjs";
import { Generator, variablesFor } from "./generate.mjs";
import { join, tokens } from "./print.mjs";
import { spoiled } from "./spoil.mjs";
import { operations, selectionSets } from "./tree.mjs";
import { WITHIN } from "./within.mjs";

const CHANGES = { ...AROUND, ...WITHIN };

/** What is tried: each rule either way, and what is no rule of validation. */
const TRIALS = [
  ...Object.keys(CHANGES).flatMap((rule) => [
    [rule, "breaks"],
    [rule, "keeps"],
  ]),
  ["Syntax", "breaks"],
  ["Syntax", "breaks"],
  ["Syntax", "keeps"],
  ["Operation", "breaks"],
  ["Operation", "keeps"],
  ["Anything", "keeps"],
  ["Anything", "keeps"],
];

/** Where any value may come to stand: one of the right type, and yet no period or condition. */
const ANY_VALUE = ["InputObjects", "ValuesOfCorrectTypeRule", "Syntax"];

/** Whether a condition is a variable that is null, given so or by default: its field refuses that, wherever it came to stand. */
function hasNullCondition(definitions, variables) {
  const isCondition = ({ of }) => of && /(Where|Filter|Range|Having|Order)$/.test(getNamedType(of).name);
  const isNull = (it) => (it.name in variables ? variables[it.name] === null : it.default?.text === "null");
  return definitions.some((it) => isCondition(it) && isNull(it));
}

/** The case of that number, always the same for a seed. */
export function documentCase({ documents: schema }, seed, number) {
  const [rule, change] = TRIALS[number % TRIALS.length];
  for (let attempt = 0; ; attempt += 1) {
    const dice = new Dice(seed + attempt * 7919, number);
    const generator = new Generator(schema, dice);
    const wanted = attempt < 3 ? {} : { operations: 2 };
    const document = generator.document({ ...wanted, ...CHANGES[rule]?.wanted });
    if (CHANGES[rule]?.[change]({ schema, document, dice, generator }) === false) {
      if (attempt > 50) throw new Error(`no document for ${rule} ${change}`);
      continue;
    }
    const list = operations(document);
    const asked = dice.pick(list);
    const variables = variablesFor(generator.values, { ...asked, variables: asked.variables.filter((it) => it.of) });
    let operationName = asked.name && (list.length > 1 || dice.chance(0.5)) ? asked.name : undefined;
    if (rule === "Operation")
      operationName = change === "breaks" ? dice.pick(["Nothing", "q", `${asked.name}x`]) : asked.name;
    // Several, and none is named.
    if (rule === "Operation" && change === "breaks" && list.length > 1 && dice.chance(0.5)) operationName = undefined;
    const printed = tokens(document);
    const query =
      rule === "Syntax" && change === "breaks"
        ? spoiled(printed, dice, join)
        : join(printed, dice, rule === "Syntax" ? 0.6 : 0.1);
    const sets = selectionSets(schema, document);
    return {
      number,
      trial: rule,
      change,
      query,
      operationName: rule === "Syntax" && change === "breaks" ? undefined : operationName,
      variables,
      refusedByField:
        generator.values.refusedByField ||
        hasNullCondition(asked.variables, JSON.parse(variables || "{}")) ||
        (change === "breaks" && ANY_VALUE.includes(rule)),
      depth: Math.max(...sets.map((set) => set.depth)) + 1,
      fragments: generator.fragments.length,
      given: generator.variables.size,
    };
  }
}
