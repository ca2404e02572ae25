// What @graphql-codegen makes of the schema: typed documents, decimals as text, words as unions.
import assert from "node:assert/strict";
import { print } from "graphql";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { graphql } from "../generated/index.js";

const Figures = graphql(`
  query Figures($key: String!) {
    indicator(key: $key) {
      label
      unit
      observations { period { code } figure { value status } }
    }
  }
`);

async function ask<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
  const response = await fetch(process.argv[2]!, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] };
  assert.equal(errors, undefined);
  return data;
}

const { indicator } = await ask(Figures, { key: "vlaamse-ondersteuningspremie/ontvangen-dossiers" });
assert(indicator);
const values = indicator.observations.map(({ period, figure }) => {
  // This compiles only if a decimal is text, and a status one of the schema's words.
  const value: string | null = figure.value;
  const known: typeof figure.status = "REPORTED";
  // @ts-expect-error: it has no such word
  const unknown: typeof figure.status = "REPORTEDLY";
  assert(figure.status === known && figure.status !== unknown);
  return [period.code, value];
});
assert.deepEqual(values, [["2019", "6946"], ["2020", "5840"]]);
console.log(indicator.label, values);
