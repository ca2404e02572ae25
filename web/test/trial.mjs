// What the trials in a browser have in common: where the server is, how long a step may take, axe, and the count of what passed.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** Milliseconds that one step may take. */
export const stepMs = 1000 * Number(process.env.TIMEOUT_SECONDS ?? 60);

/** The source of axe, for a page to run. */
export const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The address of the server, the only positional argument, with a slash at its end: it may be below a path. Else it ends with the usage. */
export function addressed(positionals, usage) {
  if (positionals.length !== 1 || !URL.canParse(positionals[0])) {
    console.error(`usage: ${usage}`);
    process.exit(2);
  }
  const base = new URL(positionals[0].replace(/\/*$/, '/'));
  return { base, at: (address) => new URL(address, base).href };
}

let passed = 0;
let failed = 0;

/** Counts an expectation; one that fails is told. */
export function expect(condition, message) {
  if (condition) passed += 1;
  else {
    failed += 1;
    console.log(`FAILED ${message}`);
  }
}

/** Says how many passed, and ends with 1 when one failed. */
export function end() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}
