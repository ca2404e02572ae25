// Writes on the pages in a real browser, two of them open at once, against a running server that may be written to:
//
//   TOKEN=… READER=… node test/editing.mjs http://127.0.0.1:8080 [--pictures <folder>]
//
// TOKEN is one of an administrator, READER one that only reads, GONE one that edits and that the command REVOKE revokes. CHROMIUM names the Chromium to use, TIMEOUT_SECONDS the longest that a step may
// take (60).
import { execSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { addressed, axe, end, expect, stepMs } from './trial.mjs';

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { pictures: { type: 'string' } } });
const { TOKEN: token, READER: reader } = process.env;
const usage = 'TOKEN=… READER=… node test/editing.mjs <base URL of a running server> [--pictures <folder>]';
const { base, at } = addressed(token && reader ? positionals : [], usage);

/** Asks the server itself, as another client with that token. */
async function ask(query, variables = {}) {
  const response = await fetch(at('graphql'), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(stepMs),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
let writes = 0;
/** A change by somebody else. */
const setStatus = (key, status) =>
  ask('mutation($input: SetMilestoneStatusInput!) { setMilestoneStatus(input: $input) { revision problems { message } } }', {
    input: { milestoneKey: key, status, reason: 'by somebody else', idempotencyKey: `other-${Date.now()}-${(writes += 1)}` },
  });
const milestone = async (key) => (await ask('query($key: String!) { milestone(key: $key) { status footnote } }', { key })).milestone;

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] });
const trouble = [];
async function open(language, theme = 'light') {
  const context = await browser.newContext({ locale: language, colorScheme: theme, viewport: { width: 1440, height: 900 } });
  context.setDefaultTimeout(stepMs);
  const page = await context.newPage();
  page.on('request', (request) => new URL(request.url()).origin === base.origin || trouble.push(`asks ${request.url()}`));
  page.on('console', (message) => message.type() === 'error' && !/status of 40\d/.test(message.text()) && trouble.push(message.text()));
  page.on('pageerror', (error) => trouble.push(error.message));
  return page;
}
async function sound(page, about) {
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    globalThis.axe
      .run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then(({ violations }) => violations.map((it) => `${it.id}: ${it.nodes[0].html.slice(0, 160)} ${it.nodes[0].failureSummary.slice(0, 200)}`)),
  );
  expect(found.length === 0, `${about}: ${found.join('\n   ')}`);
  for (const width of [320, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(over <= 0, `${about}: ${over} px wider than ${width}`);
    if (options.pictures) await page.screenshot({ path: `${options.pictures}/${about.replaceAll(/\W+/g, '-')}-${width}.png`, fullPage: false });
  }
}
/** Saves what a dialog asks, and waits until it is gone. */
async function save(page) {
  await page.locator('dialog button').first().click();
  await page.locator('dialog').waitFor({ state: 'detached' }).catch(async (error) => {
    throw new Error(`not saved: ${await page.locator('dialog').innerText()}`, { cause: error });
  });
}
const told = (page) => page.locator('.told');
const says = (page, text) => told(page).filter({ hasText: text }).waitFor();
/** Saves, and waits until the page shows that. */
async function saved(page) {
  await save(page);
  const { register } = await ask('{ register { revision } }');
  await page.locator('.told').filter({ hasText: new RegExp(`(Saved|Opgeslagen)\\. Revisi(on|e) ${register.revision}\\.`) }).waitFor();
}
async function signIn(page, secret = token) {
  await page.locator('.signin').click();
  await page.fill('#token', secret);
  await page.keyboard.press('Enter');
}

const { plans } = await ask('{ plans(first: 1, orderBy: [{field: YEAR, direction: DESC}]) { nodes { key } } }');
const plan = plans.nodes[0].key;
const round = 'a-round';
await ask('mutation($input: ImportRowsInput!) { importRows(input: $input) { revision problems { message } } }', {
  input: { rows: [{ round: { key: round, planKey: plan, label: 'A round', referenceDate: '2023-03-31', deadline: '2023-04-15' } }], reason: 'a round', idempotencyKey: `round-${Date.now()}` },
});
const { milestones } = await ask('{ milestones(first: 1, where: {partOfKey: {isNull: true}, status: {eq: ON_SCHEDULE}}) { nodes { key title year project { key plan { key } } } } }');
const [one] = milestones.nodes;
const board = `milestones?plan=${encodeURIComponent(one.project.plan.key)}&year=${one.year}`;

const a = await open('en-GB');
const b = await open('nl-BE', 'dark');
await a.goto(at(board));
await b.goto(at(board));

// The module is small, and nothing of it shows before somebody signs in.
const script = await a.locator('script[data-home]').getAttribute('src');
const bytes = gzipSync(Buffer.from(await (await fetch(new URL(script, a.url()))).arrayBuffer()));
expect(bytes.length <= 15_000, `the module has ${bytes.length} bytes compressed`);
console.log(`the module: ${bytes.length} bytes compressed`);
expect((await a.locator('button.edit').count()) === 0, 'nobody who reads has a button to change something');

// Signing in: what is no token is refused in a sentence with its code; a token that reads changes nothing.
await signIn(a, 'nonsense');
await a.locator('dialog [role=alert]').filter({ hasText: 'UNAUTHENTICATED' }).waitFor();
await a.keyboard.press('Escape');
await a.locator('dialog').waitFor({ state: 'detached' });
expect(await a.evaluate(() => document.activeElement?.matches('.signin')), 'the focus is back where the dialog was opened');
await signIn(a, reader);
await says(a, 'READ');
expect((await a.locator('button.edit').count()) === 0, 'a token that reads has no button to change something');
await a.reload();
await signIn(a);
await says(a, 'ADMIN');
await sound(a, 'signed in');
const kept = await a.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length]);
expect(kept.join() === ',0,0', `the token is kept nowhere but in memory: ${kept}`);

// A milestone's status: it is in, and another page shows it by itself.
const edit = (page, key) => page.locator(`[data-edit=milestone][data-key="${key}"] button.edit`).first();
async function change(status, note, reason) {
  await edit(a, one.key).evaluate((button) => button.closest('details')?.setAttribute('open', ''));
  await edit(a, one.key).click();
  await a.locator('dialog #e-status').waitFor();
  await a.waitForFunction(() => document.querySelector('#e-status')?.value !== '');
  if (status) await a.selectOption('#e-status', status);
  if (note) await a.fill('#e-note', note);
  await a.fill('#e-reason', reason);
}
const before = await milestone(one.key);
await change('REALISED', 'Opgeleverd op 1 maart.', 'From the page');
await sound(a, 'changing a milestone');
const began = Date.now();
await save(a);
await says(b, 'heeft het register gewijzigd');
const tookMs = Date.now() - began;
console.log(`from the click of one to the page of another: ${tookMs} ms`);
expect((await b.locator('.changed').count()) > 0, 'what another has changed is marked');
const now = await milestone(one.key);
expect(now.status === 'REALISED' && now.footnote === 'Opgeleverd op 1 maart.', `the milestone is ${JSON.stringify(now)}`);
await says(a, 'Saved.');
await sound(b, 'changed by another');

// Undone.
await told(a).locator('button').click();
await says(a, 'was undone by revision');
expect(JSON.stringify(await milestone(one.key)) === JSON.stringify(before), 'undoing brings back what was');

// Somebody else was first: nothing is lost, and nothing is written over unseen.
await change('DELAYED', 'Later.', 'I was slow');
await setStatus(one.key, 'ON_HOLD');
await a.locator('dialog button').first().click();
await a.locator('dialog [role=alert]').filter({ hasText: 'Somebody else has changed this' }).waitFor();
expect((await a.inputValue('#e-reason')) === 'I was slow' && (await a.inputValue('#e-status')) === 'DELAYED', 'what was filled in is still there');
expect((await milestone(one.key)).status === 'ON_HOLD', 'nothing is written over unseen');
await saved(a);
expect((await milestone(one.key)).status === 'DELAYED', 'sent again it is in');
// A change of something else is no matter of ours.
const { milestones: others } = await ask('{ milestones(first: 1, where: {status: {eq: NOT_STARTED}}) { nodes { key } } }');
await change('ON_SCHEDULE', '', 'Alongside');
await setStatus(others.nodes[0].key, 'IN_PREPARATION');
await saved(a);
expect((await milestone(one.key)).status === 'ON_SCHEDULE', 'changes of other records do not disturb each other');

// Other pages keep the token as long as links are followed, and change other things.
await a.locator(`a[href^="projects/"]`).first().evaluate((link) => {
  link.closest('details')?.setAttribute('open', '');
  link.click();
});
await a.waitForURL(/projects\//);
await a.locator('[data-edit=milestone] button.edit').first().waitFor();
expect((await a.locator('.who').count()) === 1, 'who follows a link stays signed in');
await a.goBack();
await a.waitForURL(/milestones/);
await a.locator('.board').waitFor();
expect((await a.locator('.who').count()) === 1, 'who goes back stays signed in');

// An observation, as people write numbers.
const { indicators } = await ask('{ indicators(first: 1, where: {observations: {some: {}}, measure: {key: {ne: "-"}}}) { nodes { key measure { key } observations { period { code } } } } }');
const [indicator] = indicators.nodes;
await b.goto(at(`measures/${encodeURIComponent(indicator.measure.key)}`));
await signIn(b);
await says(b, 'ADMIN');
await b.locator(`[data-edit=observation][data-key="${indicator.key}"] button.edit`).click();
await b.fill('#e-period', indicator.observations[0].period.code);
await b.fill('#e-value', '1.234');
await b.fill('#e-reason', 'Nageteld');
expect((await b.locator('dialog output').innerText()) === '= 1234', 'the number is read as the page writes numbers');
await sound(b, 'an observation');
await b.locator('dialog .meta').filter({ hasText: 'Er staat nu' }).waitFor();
await saved(b);
const { observations } = await ask('query($key: String!, $period: String) { observations(first: 1, where: {indicatorKey: {eq: $key}, period: {eq: $period}}) { nodes { figure { value } } } }', { key: indicator.key, period: indicator.observations[0].period.code });
expect(observations.nodes[0]?.figure.value === '1234', `the observation is ${JSON.stringify(observations)}`);
// A figure has the day on which it came; who corrects the figure keeps that day.
const recorded = async () => (await ask('query($key: String!) { observations(first: 1, where: {indicatorKey: {eq: $key}, period: {eq: "2031"}}) { nodes { delivered figure { value } } } }', { key: indicator.key })).observations.nodes[0];
for (const [value, day] of [['10', '2032-01-12'], ['11', '']]) {
  await b.locator(`[data-edit=observation][data-key="${indicator.key}"] button.edit`).click();
  await b.fill('#e-period', '2031');
  await b.locator('#e-period').blur();
  if (!day) await b.waitForFunction(() => document.querySelector('#e-value')?.value === '10');
  await b.fill('#e-value', value);
  if (day) await b.fill('#e-delivered', day);
  await b.fill('#e-reason', 'Binnen');
  await saved(b);
  const one = await recorded();
  expect(one.figure.value === value && one.delivered === '2032-01-12', `the figure and its day are ${JSON.stringify(one)}`);
}

// A contradiction that may stand.
const { discrepancies } = await ask('{ discrepancies(first: 1, where: {severity: {eq: ERROR}}) { nodes { key planKey } } }');
const [wrong] = discrepancies.nodes;
await a.goto(at(`contradictions?plan=${encodeURIComponent(wrong.planKey)}`));
await signIn(a);
await says(a, 'ADMIN');
await a.locator(`[data-edit=waiver][data-key="${wrong.key}"] button.edit`).click();
await a.fill('#e-reason', 'Known misprint');
await saved(a);
await a.locator('main').filter({ hasText: 'Known misprint' }).waitFor();
expect(true, 'a waiver shows where the contradiction stands');

// A progress report of a round.
const { goals } = await ask('{ goals: projects(first: 1) { nodes { key } } }');
await a.goto(at(`round?plan=${encodeURIComponent(plan)}&round=${round}`));
await signIn(a);
await says(a, 'ADMIN');
await a.locator('[data-edit=progress]:not([data-record-key]) button.edit').click();
await a.fill('#e-record', goals.nodes[0].key);
await a.locator('#e-record').blur();
await a.selectOption('#e-common', 'AMBER');
await a.fill('#e-judgement', 'Tight, but it can be done');
await a.fill('#e-reason', 'Plandag');
await sound(a, 'a progress report');
await saved(a);
await a.locator('main').filter({ hasText: 'Tight, but it can be done' }).waitFor();
await a.locator('[data-edit=progress][data-record-key] button.edit').click();
await a.waitForFunction(() => document.querySelector('#e-judgement')?.value === 'Tight, but it can be done');
await a.keyboard.press('Escape');
expect(true, 'a progress report shows in its round, and can be said anew');

// A file with mistakes: each at its cell. Then one without, dropped: checked, overtaken by somebody else, checked again, committed.
await a.goto(at(''));
await signIn(a);
await says(a, 'ADMIN');
await a.locator('.who button', { hasText: 'Import a file' }).click();
const give = (name, text) => a.setInputFiles('#file', { name, mimeType: 'text/csv', buffer: Buffer.from(text) });
await give('nobody-knows.csv', 'key,title\na,b\n');
await a.locator('.bar').filter({ hasText: 'BAD_FILE' }).waitFor();
await a.locator('#kind option').nth(3).waitFor({ state: 'attached' });
const measures = (year) => `key,organisationKey,title,year\n${plan}-x,nobody,Another plan,${year}\n`;
await give('plans.csv', measures('soon'));
await a.locator('.bar td').filter({ hasText: 'D2' }).first().waitFor();
expect((await a.locator('.bar tbody tr').filter({ hasText: 'organisationKey' }).count()) > 0 || (await a.locator('.bar tbody tr').count()) > 0, 'a problem names cell and field');
await sound(a, 'a file with mistakes');
const { organisations } = await ask('{ organisations(first: 1) { nodes { key } } }');
const fine = `key,organisationKey,title,year\n${plan}-x,${organisations.nodes[0].key},Another plan,2031\n`;
await a.evaluate((text) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([text], 'plans.csv', { type: 'text/csv' }));
  document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
}, fine);
const commit = a.locator('.bar button', { hasText: 'Commit exactly this' });
await commit.waitFor();
await a.locator('.bar').filter({ hasText: '1 row: 1 new' }).waitFor();
expect((await ask('query($key: String!) { plan(key: $key) { key } }', { key: `${plan}-x` })).plan === null, 'a check changes nothing');
await sound(a, 'a file without mistakes');
await a.fill('#why', 'A file from the page');
await setStatus(one.key, 'STOPPED');
await commit.click();
await a.locator('.bar').filter({ hasText: 'The file was checked again' }).waitFor();
await commit.click();
await says(a, 'Imported: 1 new');
expect((await ask('query($key: String!) { plan(key: $key) { title } }', { key: `${plan}-x` })).plan?.title === 'Another plan', 'what was checked is in');
await a.locator('main').filter({ hasText: 'Another plan' }).waitFor();
// A workbook, as it was exported: there is nothing to do.
const workbook = Buffer.from(await (await fetch(at('export/plan.xlsx'))).arrayBuffer());
await a.locator('.who button', { hasText: 'Import a file' }).click();
await a.setInputFiles('#file', { name: 'plan.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: workbook });
await a.locator('.bar').filter({ hasText: 'there is nothing to do' }).waitFor();

// Several files at once come one after the other; the first may wait until the others are in.
const measured = (key, planKey) => `key,planKey,name\n${key},${planKey},A measure\n`;
await a.evaluate(
  ([first, second]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([first], 'measures.csv', { type: 'text/csv' }));
    transfer.items.add(new File([second], 'plans.csv', { type: 'text/csv' }));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  },
  [measured('m-dropped', `${plan}-y`), fine.replaceAll(`${plan}-x`, `${plan}-y`)],
);
await a.locator('.bar').filter({ hasText: 'Then: plans.csv' }).waitFor();
await a.locator('.bar td').filter({ hasText: 'B2' }).first().waitFor();
await sound(a, 'several files');
await a.locator('.bar button', { hasText: 'This file last' }).click();
await a.locator('.bar').filter({ hasText: 'Then: measures.csv' }).waitFor();
await a.fill('#why', 'Several files');
await commit.click();
await says(a, 'Imported: 1 new');
await a.locator('.bar').filter({ hasText: 'measures.csv: CSV' }).waitFor();
await commit.click();
await a.locator('.bar').filter({ hasText: 'measures.csv: CSV' }).waitFor({ state: 'detached' });
await a.waitForFunction(() => document.querySelector('.bar section')?.hidden);
const dropped = await ask('{ measure(key: "m-dropped") { plan { title } } }');
expect(dropped.measure?.plan.title === 'Another plan', `what leaned on another file is in: ${JSON.stringify(dropped)}`);

// A token that is revoked while the page is open: what was filled in stays, and is saved with another token.
if (process.env.GONE && process.env.REVOKE) {
  const c = await open('en-GB');
  await c.goto(at(board));
  await signIn(c, process.env.GONE);
  await says(c, 'EDIT');
  await edit(c, one.key).evaluate((button) => button.closest('details')?.setAttribute('open', ''));
  await edit(c, one.key).click();
  await c.waitForFunction(() => document.querySelector('#e-status')?.value !== '');
  await c.selectOption('#e-status', 'ON_HOLD');
  await c.fill('#e-reason', 'With another token');
  execSync(process.env.REVOKE);
  await c.locator('dialog button').first().click();
  const again = c.locator('dialog [role=alert] button', { hasText: 'Sign in again' });
  await again.waitFor();
  await sound(c, 'a revoked token');
  expect((await milestone(one.key)).status !== 'ON_HOLD', 'a revoked token changes nothing');
  await again.click();
  await c.fill('#token', token);
  await c.keyboard.press('Enter');
  await c.locator('#token').waitFor({ state: 'detached' });
  expect((await c.inputValue('#e-reason')) === 'With another token', 'what was filled in is still there');
  await saved(c);
  expect((await milestone(one.key)).status === 'ON_HOLD' && (await c.locator('.who').innerText()).includes('ADMIN'), 'it is saved with another token');
}

// Whoever reloads is signed out: nothing was kept.
await a.reload();
await a.locator('.signin').waitFor();
expect((await a.locator('.who').count()) === 0, 'a reload forgets the token');

expect(trouble.length === 0, trouble.join('; '));
await browser.close();
end();
