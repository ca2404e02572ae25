// graphql-js: the schema that the server tells by introspection is valid, and the same as the file that it gives.
import assert from "node:assert/strict";
import {
  assertValidSchema,
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
} from "graphql";
import type { IntrospectionQuery } from "graphql";

const query = getIntrospectionQuery({
  descriptions: true,
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
});
const response = await fetch(process.argv[2]!, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ query }),
});
const { data, errors } = (await response.json()) as { data: IntrospectionQuery; errors?: unknown };
assert.equal(errors, undefined);
const told = buildClientSchema(data);
assertValidSchema(told);

const file = await fetch(new URL("/schema.graphql", process.argv[2]));
const written = buildSchema(await file.text());
assertValidSchema(written);

// Type by type, descriptions and all; the file is sorted as graphql-js sorts.
const [one, other] = [lexicographicSortSchema(told), written].map((schema) => printSchema(schema).split("\n"));
const different = one!.flatMap((line, index) => (line === other![index] ? [] : [`${line}  |  ${other![index]}`]));
assert.deepEqual(different.slice(0, 10), []);
assert.equal(one!.length, other!.length);
console.log(`${Object.keys(told.getTypeMap()).length} types, ${one!.length} lines`);
