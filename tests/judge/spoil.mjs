// Changes to the text of a document: what the grammar takes, what it does not, and what is just next to it.
import { readFileSync } from "node:fs";

const { numbers, texts, stray, whole } = JSON.parse(readFileSync(new URL("grammar.json", import.meta.url), "utf8"));

/** Each corner of the grammar once, in a document of its own. */
export const corners = [
  ...whole,
  ...numbers.flatMap((number) => [
    `{ measures(first: ${number}) { totalCount } }`,
    `{ node(id: ${number}) { id } }`,
    `{ at(asOf: {revision: ${number}}) { register { revision } } }`,
  ]),
  ...texts.flatMap((text) => [
    `{ measure(key: ${text}) { key } }`,
    `query ($k: String! = ${text}) { measure(key: $k) { key } }`,
  ]),
  ...stray.flatMap((it) => [
    `${it} { register { revision } }`,
    `{ ${it} register { revision } }`,
    `{ register ${it} { revision } }`,
    `{ register { revision } } ${it}`,
  ]),
];

/** A whole document, or one with something changed in its text. */
export function spoiled(list, dice, join) {
  const roll = dice.below(10);
  if (roll < 3) return dice.pick(whole);
  const tokens = [...list];
  const at = dice.below(tokens.length);
  const values = tokens.flatMap((token, index) => (/^["\d-]/.test(token) ? [index] : []));
  if (roll < 5 && values.length > 0) {
    const index = dice.pick(values);
    tokens[index] = dice.pick(/^"/.test(tokens[index]) || dice.chance(0.3) ? texts : numbers);
  } else if (roll === 5) tokens.splice(at, 1);
  else if (roll === 6) tokens.splice(at, 0, tokens[dice.below(tokens.length)]);
  else if (roll === 7) [tokens[at], tokens[(at + 1) % tokens.length]] = [tokens[(at + 1) % tokens.length], tokens[at]];
  else if (roll === 8) return join(tokens, dice).slice(0, -dice.between(1, 8));
  else tokens.splice(at, 0, dice.pick(stray));
  return join(tokens, dice);
}
