// Import observations from a CSV file: look first, then commit exactly what was seen.
//
//     npx tsc --project examples --outDir build
//     BOORDTABEL_TOKEN=bt_… node build/import.mjs http://127.0.0.1:8080 examples/observations.csv
//
// Needs Node.js 20 or later. Cells hold no commas here; for files that do, use a library for CSV.
// Exit codes: 0 done, 1 problems in the data, 3 the server.
import { readFileSync } from "node:fs";

interface Problem {
  code: string;
  row: number | null;
  path: string[];
  message: string;
  hint: string;
  candidates: string[];
}

interface Done {
  status: "COMMITTED" | "WOULD_COMMIT" | "UNCHANGED" | "REJECTED";
  revision: number;
  digest: string;
  counts: { created: number; updated: number; unchanged: number };
  changes: {
    kind: string;
    key: string;
    outcome: string;
    fields: { field: string; before: string | null; after: string | null }[];
  }[];
  problems: Problem[];
}

interface Answer {
  data?: { importRows: Done };
  errors?: { message: string; extensions?: { hint?: string } }[];
}

const mutation = `
  mutation($input: ImportRowsInput!) {
    importRows(input: $input) {
      status revision digest
      counts { created updated unchanged }
      changes(first: 1000) { kind key outcome fields { field before after } }
      problems { code row path message hint candidates }
    }
  }`;

/** The file's lines as rows: each names its kind and gives the whole record. */
function readRows(path: string): object[] {
  const lines = readFileSync(path, "utf8").replace(/^\uFEFF/, "").split(/\r?\n/).slice(1);
  return lines.filter((line) => line !== "").map((line) => {
    const [indicatorKey, period, value, unit] = line.split(",");
    // An empty cell is no zero. Numbers stay text: floating point would change them.
    const figure = { value: value || null, status: value ? "REPORTED" : "NOT_REPORTED", unit };
    return { observation: { indicatorKey, period, figure } };
  });
}

/** Sends the mutation and gives what it came to. */
async function importRows(url: string, token: string, input: object): Promise<Done> {
  const request = {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: mutation, variables: { input } }),
  };
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await fetch(`${url}/graphql`, { ...request, signal: AbortSignal.timeout(60_000) });
      const { data, errors } = (await answer.json()) as Answer;
      if (data?.importRows && !errors) return data.importRows;
      for (const error of errors ?? []) console.error(`${error.message} (${error.extensions?.hint ?? ""})`);
      process.exit(3);
    } catch (error) {
      // Nobody knows whether it was done. The idempotency key makes it safe to ask again.
      if (attempt === 3) {
        console.error(`${url}: ${error}`);
        process.exit(3);
      }
    }
  }
}

/** Ends the program when the data has problems, and tells all of them. */
function check(done: Done): void {
  for (const { code, row, path, message, hint, candidates } of done.problems) {
    // Row 0 is line 2 of the file: the first is the header.
    console.log(`${row === null ? "" : `line ${row + 2}: `}${path.join(".")}: ${code}: ${message}`);
    console.log(`    ${hint} ${candidates.join(" ")}`.trimEnd());
  }
  if (done.status === "REJECTED") process.exit(1);
}

const [address, path] = process.argv.slice(2);
if (address === undefined || path === undefined) {
  console.error("usage: import.mjs URL FILE");
  process.exit(2);
}
const url = address.replace(/\/$/, "");
const token = process.env["BOORDTABEL_TOKEN"] ?? "";
const what = { rows: readRows(path), reason: "observations of 2021" };

const dry = await importRows(url, token, { ...what, dryRun: true, idempotencyKey: "look" });
check(dry);
for (const { outcome, kind, key, fields } of dry.changes) {
  console.log(outcome, kind, key);
  for (const { field, before, after } of fields) console.log(`    ${field}: ${before} -> ${after}`);
}
if (dry.status === "UNCHANGED") {
  console.log(`nothing to do: all ${dry.counts.unchanged} rows are there`);
} else {
  // The digest names what was just shown: anything else is refused. As a key it tells this commit from all others.
  const digest = dry.digest;
  const done = await importRows(url, token, { ...what, expectDigest: digest, idempotencyKey: `commit-${digest}` });
  check(done);
  console.log(`revision ${done.revision}: ${done.counts.created} created, ${done.counts.updated} updated`);
}
