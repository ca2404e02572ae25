// The records of the fixture, read from its CSV files: how keys and orders are made of the columns, who refers to whom.
import { readFileSync } from "node:fs";

/** The rows of a CSV file, as maps of what is not blank. */
export function csv(text) {
  const rows = [];
  let row = [];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === "," || letter === "\n") {
      row.push(cell.replace(/\r$/, ""));
      cell = "";
      if (letter === "\n") {
        rows.push(row);
        row = [];
      }
    } else cell += letter;
  }
  const [header, ...body] = rows;
  const maps = body.map(
    (cells) => new Map(header.map((name, index) => [name, cells[index] ?? ""]).filter(([, value]) => value !== "")),
  );
  return { header, rows: maps };
}

const joined =
  (...columns) =>
  (row) =>
    columns.map((column) => row.get(column)).join("/");
const word = (row, column) => row.get(column).toLowerCase().replaceAll("_", "-");
const placeOf = (words) => (row, column) => words.indexOf(row.get(column));
const table = placeOf(["PLANNED", "ADDITIONAL", "COVID_19"]);
const phase = placeOf(["REALISED", "BUDGETED"]);
const credit = placeOf(["VAK", "VEK"]);
const contract = placeOf(["STATUTORY", "CONTRACTUAL"]);
const own = (row) => row.get("key");
const position = (row) => Number(row.get("position") ?? Infinity);

/** Each kind: its file, the field for one, the field for many, its key, and what its list is ordered by besides. */
export const KINDS = {
  Organisation: ["organisations", "organisation", "organisations", own],
  Document: ["documents", "document", "documents", own],
  Plan: ["plans", "plan", "plans", own],
  PolicyField: ["policy-fields", "policyField", "policyFields", own],
  StructuralElement: ["structural-elements", "structuralElement", "structuralElements", own],
  StrategicGoal: ["strategic-goals", "strategicGoal", "strategicGoals", own],
  OperationalGoal: ["operational-goals", "operationalGoal", "operationalGoals", own],
  Project: ["projects", "project", "projects", own],
  ProjectYear: ["project-years", "projectYear", "projectYears", joined("projectKey", "year")],
  Milestone: [
    "milestones",
    "milestone",
    "milestones",
    (row) => `${joined("projectKey", "year")(row)}/${word(row, "table")}/${row.get("number")}`,
    { order: (row) => `${joined("projectKey", "year")(row)}/${table(row, "table")}/${row.get("number")}` },
  ],
  Measure: ["measures", "measure", "measures", own, { position }],
  Alias: ["aliases", "alias", "aliases", own],
  Indicator: ["indicators", "indicator", "indicators", own, { position }],
  Observation: ["observations", "observation", "observations", joined("indicatorKey", "period")],
  Norm: ["norms", "norm", "norms", own, { position }],
  NormResult: [
    "norm-results",
    "normResult",
    "normResults",
    (row) => `${joined("normKey", "period")(row)}/${word(row, "source")}`,
  ],
  BudgetArticle: ["budget-articles", "budgetArticle", "budgetArticles", (row) => row.get("code")],
  BudgetLine: ["budget-lines", "budgetLine", "budgetLines", own, { position }],
  BudgetAmount: [
    "budget-amounts",
    "budgetAmount",
    "budgetAmounts",
    (row) => `${joined("budgetLineKey", "year")(row)}/${word(row, "phase")}/${word(row, "credit")}`,
    { order: (row) => `${joined("budgetLineKey", "year")(row)}/${phase(row, "phase")}/${credit(row, "credit")}` },
  ],
  InspectedProcess: ["inspected-processes", "inspectedProcess", "inspectedProcesses", own, { position }],
  Inspection: ["inspections", "inspection", "inspections", joined("processKey", "year")],
  StaffFigure: [
    "staff-figures",
    "staffFigure",
    "staffFigures",
    (row) => `${joined("organisationKey", "date", "rank")(row)}/${word(row, "contract")}`,
    { order: (row) => `${joined("organisationKey", "date", "level", "rank")(row)}/${contract(row, "contract")}` },
  ],
  StaffTarget: ["staff-targets", "staffTarget", "staffTargets", own],
  Claim: ["claims", "claim", "claims", own],
  Edition: [undefined, "edition", "editions", own],
  Lineage: [undefined, "lineage", "lineages", own],
  Waiver: [undefined, "waiver", "waivers", own],
  ArticlePart: ["article-parts", "articlePart", "articleParts", own, { position }],
  ArticleTerm: ["article-terms", "articleTerm", "articleTerms", joined("partKey", "code")],
};

/** Who refers to a record of a kind, under which field, by which column of theirs. */
export const SOURCES = {
  Organisation: {
    articleParts: ["ArticlePart", "organisationKey"],
    documents: ["Document", "organisationKey"],
    plans: ["Plan", "organisationKey"],
    staffFigures: ["StaffFigure", "organisationKey"],
    staffTargets: ["StaffTarget", "organisationKey"],
  },
  Document: { plans: ["Plan", "documentKey"] },
  Plan: {
    budgetLines: ["BudgetLine", "planKey"],
    claims: ["Claim", "planKey"],
    inspectedProcesses: ["InspectedProcess", "planKey"],
    measures: ["Measure", "planKey"],
    policyFields: ["PolicyField", "planKey"],
    projects: ["Project", "planKey"],
    strategicGoals: ["StrategicGoal", "planKey"],
  },
  PolicyField: { structuralElements: ["StructuralElement", "policyFieldKey"] },
  StructuralElement: { operationalGoals: ["OperationalGoal", "structuralElementKey"] },
  StrategicGoal: {
    operationalGoals: ["OperationalGoal", "strategicGoalKeys"],
    projects: ["Project", "strategicGoalKeys"],
  },
  OperationalGoal: {
    budgetLines: ["BudgetLine", "operationalGoalKey"],
    claims: ["Claim", "operationalGoalKey"],
    measures: ["Measure", "operationalGoalKey"],
    projects: ["Project", "operationalGoalKey"],
  },
  Project: { milestones: ["Milestone", "projectKey"], years: ["ProjectYear", "projectKey"] },
  Milestone: { parts: ["Milestone", "partOfKey"] },
  Measure: {
    aliases: ["Alias", "measureKey"],
    budgetLines: ["BudgetLine", "measureKeys"],
    claims: ["Claim", "measureKey"],
    indicators: ["Indicator", "measureKey"],
    inspectedProcesses: ["InspectedProcess", "measureKeys"],
    norms: ["Norm", "measureKey"],
  },
  Indicator: {
    claims: ["Claim", "indicatorKey"],
    observations: ["Observation", "indicatorKey"],
    shareClaims: ["Claim", "ofIndicatorKey"],
  },
  Norm: { claims: ["Claim", "normKey"], results: ["NormResult", "normKey"] },
  BudgetArticle: { budgetLines: ["BudgetLine", "articleKeys"] },
  BudgetLine: { amounts: ["BudgetAmount", "budgetLineKey"] },
  InspectedProcess: {
    claims: ["Claim", "processKey"],
    inspections: ["Inspection", "processKey"],
    sumClaims: ["Claim", "processKeys"],
  },
  StaffTarget: { claims: ["Claim", "staffTargetKeys"] },
  ArticlePart: { terms: ["ArticleTerm", "partKey"] },
};

/** The column of the keys that a field leads to: `measure` by `measureKey`, `processes` by `processKeys`. */
export const columnOf = (field, many) =>
  many ? `${field.replace(/(ss)es$/, "$1").replace(/s$/, "")}Keys` : `${field}Key`;

/** Compares as people count: runs of digits by their value, the rest by its bytes. */
export function natural(one, other) {
  const parts = (text) => text.match(/\d+|\D/gu) ?? [];
  const [left, right] = [parts(one), parts(other)];
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const [a, b] = [left[at], right[at]];
    if (/^\d/.test(a) && /^\d/.test(b)) {
      const difference = BigInt(a) - BigInt(b);
      if (difference !== 0n) return difference < 0n ? -1 : 1;
    } else if (a !== b) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  return left.length - right.length || Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** Columns of words of closed lists, beside which the words of any document stand: where a file leaves those out, they are the same. */
const LISTED = {
  BudgetLine: ["section"],
  Claim: ["counted.source", "counted.scope", "counted.contract"],
  Indicator: ["kind"],
  Measure: ["lifecycle"],
  Milestone: ["table", "status", "amendment.cause"],
  Norm: ["basis"],
  NormResult: ["source"],
  Project: ["scope"],
  StaffFigure: ["contract"],
  Statement: ["causes"],
  StrategicGoal: ["scope"],
};

function settle(kind, header, row) {
  for (const listed of LISTED[kind] ?? []) {
    const word = listed === "causes" ? "causeWords" : `${listed}Word`;
    if (!header.includes(word)) header.push(word);
    if (row.has(listed) && !row.has(word)) row.set(word, row.get(listed));
  }
}

/** All records: by kind, with the columns of its file, in the order of its list, and by key. */
export function read(folder) {
  const kinds = new Map();
  for (const [kind, [file, , , key, order = {}]] of Object.entries(KINDS)) {
    const { header, rows } = file ? csv(readFileSync(`${folder}/${file}.csv`, "utf8")) : { rows: [] };
    for (const row of rows) settle(kind, header, row);
    const records = rows.map((row) => ({
      kind,
      row,
      prefix: "",
      key: key(row),
      at: order.position?.(row) ?? 0,
      order: (order.order ?? key)(row),
    }));
    records.sort((one, other) => (one.at === other.at ? natural(one.order, other.order) : one.at - other.at));
    kinds.set(kind, { header, list: records, byKey: new Map(records.map((record) => [record.key, record])) });
  }
  return kinds;
}
