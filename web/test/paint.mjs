// Measures each page as a browser sees it for the first time, against a running server:
//
//   node test/paint.mjs http://127.0.0.1:8080
//
// Told are the bytes that came, compressed, with style, script and pictures, and when something was first drawn. `cargo bench --bench pages` calls
// it. CHROMIUM names the Chromium to use.
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { forms } from './forms.mjs';
import { addressed, stepMs } from './trial.mjs';

const { positionals } = parseArgs({ allowPositionals: true });
const { at } = addressed(positionals, 'node test/paint.mjs <base URL of a running server>');
/** Of so many visits the middle one counts. */
const VISITS = 5;

// This runs in the page.
const seen = () => ({
  bytes: [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((sum, it) => sum + it.encodedBodySize, 0),
  paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
});

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] });
let [most, latest] = [0, 0];
for (const [name, address] of Object.entries(await forms(at('graphql'), stepMs))) {
  const visits = [];
  for (let visit = 0; visit < VISITS; visit += 1) {
    // Another context each time: nothing is kept of the one before.
    const context = await browser.newContext({ locale: 'nl-BE' });
    const page = await context.newPage();
    await page.goto(at(address), { waitUntil: 'load' });
    await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
    visits.push(await page.evaluate(seen));
    await context.close();
  }
  visits.sort((a, b) => a.paint - b.paint);
  const { bytes, paint } = visits[VISITS >> 1];
  [most, latest] = [Math.max(most, bytes), Math.max(latest, paint)];
  console.log(`${name.padEnd(16)}${String(bytes).padStart(9)} bytes${paint.toFixed(0).padStart(7)} ms`);
}
await browser.close();
console.log(`at most ${most} bytes, drawn after at most ${latest.toFixed(0)} ms`);
process.exit(most <= 40_000 && latest <= 300 ? 0 : 1);
