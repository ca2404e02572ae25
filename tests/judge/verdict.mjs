// What graphql-js says of a request, before anything of it is answered.
import { GraphQLError, getOperationAST, parse, specifiedRules, recommendedRules, validate } from "graphql";
import { getVariableValues } from "graphql/execution/values.js";

// The specification's own. What graphql-js adds (how deep introspection goes) is a limit, and limits are ours to set.
const RULES = specifiedRules.filter((rule) => !recommendedRules.includes(rule));

/** The rules, each noting when it refuses. */
const noting = (refusing) =>
  RULES.map((rule) => (context) => {
    const own = Object.create(context);
    own.reportError = (error) => {
      refusing.add(rule.name);
      context.reportError(error);
    };
    return rule(own);
  });

export const ruleNames = RULES.map((rule) => rule.name);

/** `syntax`, `validation` with the rules that refuse, `operation`, `coercion`, or `taken`. */
export function verdictOf({ documents, variables: coercing }, { query, operationName, variables }) {
  let document;
  try {
    document = parse(query);
  } catch (error) {
    return { verdict: "syntax", rules: ["Syntax"], message: error.message, at: error.locations?.[0] };
  }
  const refusing = new Set();
  try {
    const [error] = validate(documents, document, noting(refusing));
    if (error) return { verdict: "validation", rules: [...refusing], message: error.message };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    // A condition at the root of a subscription that depends on a variable.
    return { verdict: "validation", rules: ["SingleFieldSubscriptionsRule"], message: error.message };
  }
  const operation = getOperationAST(document, operationName);
  if (!operation) return { verdict: "operation", rules: ["Operation"], message: "no such operation" };
  const { errors } = getVariableValues(coercing, operation.variableDefinitions ?? [], JSON.parse(variables));
  if (errors) return { verdict: "coercion", rules: ["Coercion"], message: errors[0].message };
  return { verdict: "taken", rules: [] };
}
