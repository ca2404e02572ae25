// Tries the page of one's own that the README shows, built, in two real browsers at once:
//
//   TOKEN=<token of the role EDIT> node test/front-end.mjs http://127.0.0.1:8080 <folder with the built page>
//
// The page comes from http://localhost:5173, where Vite serves it, so the server needs `--cors-origin http://localhost:5173`.
// CHROMIUM names the Chromium to use.
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { addressed, end, expect, stepMs } from './trial.mjs';

const [server, folder] = process.argv.slice(2);
const { base, at } = addressed(server ? [server] : [], 'node test/front-end.mjs <base URL of a running server> <folder>');
const home = 'http://localhost:5173/';
const types = { '.html': 'text/html', '.js': 'text/javascript' };

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] });
const trouble = [];

async function open() {
  const context = await browser.newContext();
  context.setDefaultTimeout(stepMs);
  // Here the page comes from no address, and so from no machine that Chromium knows to be this one; Vite's does.
  await context.grantPermissions(['local-network-access'], { origin: new URL(home).origin }).catch(() => {});
  await context.route(`${home}**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    const path = pathname === '/' ? '/index.html' : pathname;
    const text = await readFile(join(folder, path), 'utf8').catch(() => undefined);
    if (text === undefined) return route.fulfill({ status: 404 });
    // It asks the address that the README has; the test's server has another port.
    return route.fulfill({ contentType: types[extname(path)], body: text.replaceAll('http://127.0.0.1:8080', base.origin) });
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => trouble.push(error.message));
  await page.goto(home);
  await page.locator('li').first().waitFor();
  return page;
}

/** Waits until a page shows a milestone with that status. */
const shows = (page, title, status) => page.locator('li', { hasText: title }).filter({ hasText: status }).waitFor();

const title = 'Analyse impact uitdoof SINE';
const key = 'beleidsproject-13/2020/planned/2';
async function write(status) {
  const input = { milestoneKey: key, status, reason: 'by somebody else', idempotencyKey: crypto.randomUUID() };
  const query = 'mutation($input: SetMilestoneStatusInput!) { setMilestoneStatus(input: $input) { status } }';
  const response = await fetch(at('graphql'), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${process.env.TOKEN}` },
    body: JSON.stringify({ query, variables: { input } }),
    signal: AbortSignal.timeout(stepMs),
  });
  return (await response.json()).data?.setMilestoneStatus.status;
}

const [one, other] = [await open(), await open()];
expect((await one.locator('h1').innerText()) === 'Individueel maatwerk invoeren', 'the page has its project');
await shows(one, title, 'DELAYED');
await shows(other, title, 'DELAYED');

// What somebody else writes shows by itself.
expect((await write('ON_SCHEDULE')) === 'COMMITTED', 'somebody else writes');
await Promise.all([one, other].map((page) => shows(page, title, 'ON_SCHEDULE')));

// Without a token nothing is written, and the page says why.
const done = (page) => page.locator('li', { hasText: title }).getByRole('button').click();
await done(one);
const refusal = await one.getByRole('alert').innerText();
expect(refusal.includes('EDIT'), `a write without a token is refused: ${refusal}`);

// With one it is, and the other browser sees it.
await one.evaluate((token) => sessionStorage.setItem('token', token), process.env.TOKEN);
await one.reload();
await shows(one, title, 'ON_SCHEDULE');
await done(one);
await Promise.all([one, other].map((page) => shows(page, title, 'REALISED')));
expect((await one.getByRole('alert').count()) === 0, 'nothing is refused');
expect(trouble.length === 0, trouble.join('; '));

await browser.close();
end();
