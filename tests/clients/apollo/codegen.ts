import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: process.env.BOORDTABEL_URL ?? "http://127.0.0.1:8080/graphql",
  documents: ["src/**/*.{ts,tsx}"],
  importExtension: ".js", // Node.js needs it, and bundlers take it
  generates: {
    "src/generated/": {
      preset: "client",
      config: {
        // An amount is exact: it stays text until something that computes exactly takes it.
        scalars: { Decimal: "string", Date: "string", DateTime: "string", Revision: "number" },
        strictScalars: true,
        useTypeImports: true,
      },
    },
  },
};

export default config;
