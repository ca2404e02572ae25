// For the programs here that need typed documents, with the settings that the README shows.
import apollo from "./apollo/codegen.js";

export default {
  ...apollo,
  documents: ["{codegen,urql}/*.ts"],
  generates: { "generated/": apollo.generates["src/generated/"] },
};
