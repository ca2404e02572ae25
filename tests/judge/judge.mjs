// Writes cases with the judge's verdict as JSON Lines:
// `node judge.mjs documents|coercions|corners|answers SCHEMA SEED FROM COUNT [FIXTURE]`.
import { writeSync } from "node:fs";
import { answerCase } from "./answers.mjs";
import { coercionCase } from "./coercions.mjs";
import { cornerCases } from "./corners.mjs";
import { documentCase } from "./documents.mjs";
import { schemas } from "./schema.mjs";
import { verdictOf } from "./verdict.mjs";

const LINES_AT_ONCE = 200;

const [what, path, ...rest] = process.argv.slice(2);
const [seed, from, wanted] = rest.slice(0, 3).map(Number);
const fixture = rest[3];
const both = schemas(path);
const make = {
  documents: documentCase,
  coercions: coercionCase,
  corners: (_, __, number) => cornerCases[number],
  answers: answerCase,
}[what];
const count = what === "corners" ? cornerCases.length : wanted;
const wellFormed = (_, value) => (typeof value === "string" ? value.toWellFormed() : value);
let lines = [];

function writeAll(text) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += writeSync(1, bytes, at));
}

for (let number = from; number < from + count; number += 1) {
  const one = make(both, seed, number, fixture);
  // Half of a surrogate pair, which a cut may leave, is no text that a request could carry.
  one.query = one.query.toWellFormed();
  lines.push(JSON.stringify({ ...one, ...verdictOf(both, one) }, wellFormed));
  if (lines.length === LINES_AT_ONCE || number === from + count - 1) {
    // Waits until it is taken: `process.stdout` would hold all of it until the last case is made.
    writeAll(`${lines.join("\n")}\n`);
    lines = [];
  }
}
