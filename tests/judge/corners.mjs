// Cases that are the same in every run: those that were found, and each corner of the grammar.
import { readFileSync } from "node:fs";

import { corners } from "./spoil.mjs";

const found = readFileSync(new URL("cases.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

export const cornerCases = [
  ...found.map((it) => ({
    trial: it.case,
    query: it.query,
    variables: JSON.stringify(it.variables),
    expect: it.verdict,
  })),
  ...corners.map((query) => ({ trial: "corner", query, variables: "{}" })),
].map((it, number) => ({
  number,
  change: "keeps",
  refusedByField: /eq: null/.test(it.query),
  depth: 0,
  fragments: 0,
  given: 0,
  ...it,
}));
