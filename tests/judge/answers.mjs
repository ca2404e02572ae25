// Queries on the fixture with the answer of the naive executor.
import { getNamedType, isEnumType, isInputObjectType } from "graphql";

import { Dice } from "./dice.mjs";
import { Generator, variablesFor } from "./generate.mjs";
import { World, idOf } from "./plain/answer.mjs";
import { join, printValue, tokens } from "./print.mjs";
import { operations } from "./tree.mjs";

const INTS = [0, 1, 2, 3, 4, 10, 2019, 2020, 2021];

/** What the naive executor knows, and values that the fixture has. */
function sourceOf(world) {
  const { schema } = world;
  const all = [...world.kinds.values()].flatMap(({ list }) => list);
  const values = new Map();
  /** The values of a column of a kind, or of all columns of that sort. */
  const column = (kind, name) => {
    const id = `${kind}.${name}`;
    if (!values.has(id)) {
      const records = world.kinds.get(kind)?.list ?? [];
      values.set(
        id,
        records.map((record) => (name === "key" ? record.key : record.row.get(name))).filter((it) => it !== undefined),
      );
    }
    return values.get(id);
  };
  /** The column that a condition is on, from the inputs that it stands in. */
  const at = (dice, place) => {
    const path = [];
    let within = place;
    while (within && /(Filter|Range)$/.test(within.parent)) within = within.within;
    while (within && /Where$/.test(within.parent ?? "")) {
      const kind = within.parent.replace(/Where$/, "");
      path.unshift(within.name);
      if (world.kinds.has(kind)) return column(kind, path.join("."));
      within = within.within;
    }
    return [];
  };
  const known = (dice, place) => {
    const found = at(dice, place);
    return found.length > 0 && dice.chance(0.8) ? dice.pick(found) : undefined;
  };
  const part = (dice, text) => {
    const from = dice.below(text.length);
    return text.slice(from, from + dice.between(1, 6));
  };
  const knows = (type, thing) => {
    if (isEnumType(type)) return world.knowsOrder(type, thing.name);
    return isInputObjectType(type) ? world.knowsCondition(type, thing) : world.knows(type, thing);
  };
  return {
    knows,
    // Cursors come from pages, not out of nothing.
    takes: (argument) => !/^(after|before)$/.test(argument.name),
    nullConditions: false,
    size: (dice) => (dice.chance(0.02) ? -1 : dice.pick([0, 1, 2, 3, 5, 100])),
    text: (dice, place) => {
      const one = /^Query\.(\w+)$/.exec(place.parent)?.[1];
      if (world.ones.has(one))
        return dice.pick([
          ...(column(world.ones.get(one), "key").length > 0 ? [dice.pick(column(world.ones.get(one), "key"))] : []),
          "nothing",
        ]);
      const found = known(dice, place) ?? "a";
      if (place.name === "startsWith") return found.slice(0, dice.between(1, 5));
      const varied = place.name === "contains" ? part(dice, found) : found;
      return place.parent === "TextFilter" && dice.chance(0.3) ? varied.toUpperCase() : varied;
    },
    scalar: (dice, name, place) => {
      if (name === "ID") return idOf(dice.chance(0.9) ? dice.pick(all) : { kind: "Measure", key: "nothing" });
      const found = known(dice, place);
      if (name === "Int") return Number(found ?? dice.pick(INTS));
      return found;
    },
  };
}

const worlds = new WeakMap();

export function answerCase({ documents: schema }, seed, number, folder) {
  if (!worlds.has(schema)) {
    const world = new World(schema, folder);
    worlds.set(schema, { world, source: sourceOf(world) });
  }
  const { world, source } = worlds.get(schema);
  if (number % 4 === 3) return pages(world, source, new Dice(seed, number), number);
  const dice = new Dice(seed, number);
  const generator = new Generator(schema, dice, source);
  const document = generator.document({ type: "query" });
  const list = operations(document);
  const asked = dice.pick(list);
  const request = {
    query: join(tokens(document), dice, 0.02),
    operationName: list.length > 1 ? asked.name : undefined,
    variables: variablesFor(generator.values, asked),
  };
  return { number, trial: "query", ...request, ...counted(generator), steps: [step(world, request)] };
}

const counted = (generator) => ({
  depth: 0,
  fragments: generator.fragments.length,
  given: generator.variables.size,
  refusedByField: generator.values.refusedByField,
});

function step(world, request) {
  const { data, errors } = world.answer(request);
  return { expected: JSON.stringify(data), errors: errors.map((path) => path.join(".")).sort() };
}

const PAGE =
  "nodes { key } edges { cursor node { id } } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";

/** A list from one end to the other, page by page, and a cursor of it where it does not belong. */
function pages(world, source, dice, number) {
  const generator = new Generator(world.schema, dice, source);
  const plural = dice.pick([...world.manies.keys()]);
  const inner = dice.chance(0.4)
    ? dice.pick(["measures", "projects", "claims", "budgetLines", "strategicGoals", "policyFields"])
    : undefined;
  const field = inner
    ? world.schema.getType("Plan").getFields()[inner]
    : world.schema.getQueryType().getFields()[plural];
  const literal = (name) => {
    const argument = field.args.find((it) => it.name === name);
    const value = generator.values.literal(argument.type, { parent: "", name, default: false });
    return value.text === "null" ? "" : ` ${name}: ${printValue(value).join(" ")}`;
  };
  const asked = (dice.chance(0.4) ? literal("where") : "") + (dice.chance(0.5) ? literal("orderBy") : "");
  const forwards = dice.chance(0.6);
  const size = dice.between(1, 40);
  const window = forwards ? `first: ${size} after: $cursor` : `last: ${size} before: $cursor`;
  const list = (name, more) => `${name}(${window}${more}) { ${PAGE} }`;
  const whole = (it) =>
    inner ? `query ($cursor: String) { plan(key: "dwse-2021") { ${it} } }` : `query ($cursor: String) { ${it} }`;
  const query = whole(list(field.name, asked));
  const path = [...(inner ? ["plan"] : []), field.name, "pageInfo"];
  const steps = [];
  let cursor = null;
  for (let page = 0; page < 4; page += 1) {
    const variables = JSON.stringify({ cursor });
    const one = step(world, { query, variables });
    const info = path.reduce((value, name) => value?.[name], JSON.parse(one.expected));
    steps.push({ ...one, query, cursor });
    cursor = forwards ? info?.endCursor : info?.startCursor;
    if (!cursor || !(forwards ? info.hasNextPage : info.hasPreviousPage)) break;
  }
  if (cursor && dice.chance(0.3)) {
    // Another list, another parent, or another condition.
    const other = dice.pick([
      inner
        ? `query ($cursor: String) { ${list(inner, asked)} }`
        : whole(list(dice.pick([...world.manies.keys()].filter((it) => it !== plural)), "")),
      whole(list(field.name, `${asked} where: {not: {key: {eq: "nothing"}}}`.replace(/where: .* where:/, "where:"))),
    ]);
    steps.push({ expected: null, errors: [], query: other, cursor });
  }
  return { number, trial: "pages", query, variables: "{}", ...counted(generator), steps };
}
