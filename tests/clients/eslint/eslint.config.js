// The schema as @graphql-eslint judges it: all its rules for schemas, and those of Relay.
import graphql from "@graphql-eslint/eslint-plugin";

const { "schema-all": all, "schema-relay": relay } = Object.fromEntries(
  ["schema-all", "schema-relay"].map((name) => [name, graphql.configs[`flat/${name}`].rules]),
);

export default [
  {
    files: ["**/*.graphql"],
    plugins: { "@graphql-eslint": graphql },
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: new URL("../../../schema.graphql", import.meta.url).pathname } },
    },
    rules: {
      ...all,
      ...relay,
      "@graphql-eslint/require-description": [
        "error",
        { types: true, FieldDefinition: true, InputValueDefinition: true, EnumValueDefinition: true, rootField: true },
      ],
      // One line where one line is enough, a block where a description has several.
      "@graphql-eslint/description-style": "off",
      // Short lists that one record owns come whole, without edges: a measure's norms. And commits are listed, but are no records.
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
      // Not so here, on purpose: values (a figure, a page) have no identity apart from their record; a list is never null; a
      // write is asked for its own outcome; and all three root types are there.
      "@graphql-eslint/strict-id-in-types": "off",
      "@graphql-eslint/require-nullable-result-in-root": "off",
      "@graphql-eslint/require-field-of-type-query-in-mutation-result": "off",
      "@graphql-eslint/no-root-type": "off",
      // The order is that of graphql-js (see ../graphql-js), to which upper case comes before lower case.
      "@graphql-eslint/alphabetize": "off",
      // The specification's `@deprecated` has a reason and no date; what is deprecated stays until a release that breaks.
      "@graphql-eslint/require-deprecation-date": "off",
      // It takes `Commit.committedAt` for a repetition of the type's name.
      "@graphql-eslint/no-typename-prefix": "off",
    },
  },
];
