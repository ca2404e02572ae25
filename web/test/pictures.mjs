// Takes the pictures of pages that the documentation shows, against a server of the demonstration:
//
//   node test/pictures.mjs http://127.0.0.1:8080 ../docs
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { addressed, stepMs } from './trial.mjs';

const { positionals } = parseArgs({ allowPositionals: true });
const [url, folder = '.'] = positionals;
const { at } = addressed([url], 'node test/pictures.mjs <base URL of a running server> [<folder>]');
const pictures = [
  { name: 'measure', address: 'measures/dienstencheques', theme: 'light', height: 1142 },
  { name: 'norms', address: 'norms', theme: 'dark', height: 860 },
];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const { name, address, theme, height } of pictures) {
  const context = await browser.newContext({ locale: 'nl-BE', colorScheme: theme, viewport: { width: 1280, height }, deviceScaleFactor: 0.75 });
  context.setDefaultTimeout(stepMs);
  const page = await context.newPage();
  await page.goto(at(address), { waitUntil: 'networkidle' });
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await context.close();
}
await browser.close();
