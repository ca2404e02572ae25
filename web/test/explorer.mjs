// Tries the explorer in a real browser against a running server:
//
//   node test/explorer.mjs http://127.0.0.1:8080 [--screenshot explorer.png]
//
// CHROMIUM names the Chromium to use, TIMEOUT_SECONDS the longest that one step may take (60).
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { chromium } from 'playwright-core';
import { addressed, axe, stepMs } from './trial.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { screenshot: { type: 'string' }, another: { type: 'boolean' } },
});
const usage = 'node test/explorer.mjs <base URL of a running server> [--screenshot <file.png>] [--another]';
const { base, at } = addressed(positionals, usage);

/** Longest part of what is on the page that a failure repeats. */
const EXCERPT_CHARS = 1500;

let passed = 0;
let failed = 0;

/** Runs one named check; what it returns is printed after the name. */
async function check(name, run) {
  try {
    const detail = await run();
    passed += 1;
    console.log(`ok ${name}${detail ? `: ${detail}` : ''}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${name}: ${stripVTControlCharacters(error.message)}`);
    throw error;
  }
}

function expect(condition, message) {
  if (!condition) throw new Error(message);
}

async function readExamples() {
  const folder = new URL('../examples/', import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.graphql')).sort();
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
  return texts.map((query, index) => {
    const name = /^\s*(?:query|mutation|subscription)\s+(\w+)/m.exec(query)?.[1];
    expect(name, `examples/${names[index]} has no named operation`);
    return { name, query };
  });
}

/** Asks the server itself for the names of its root fields: what the editor should offer. */
async function rootFields() {
  const response = await fetch(at('graphql'), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json' },
    body: JSON.stringify({ query: '{ __schema { queryType { fields { name } } } }' }),
    signal: AbortSignal.timeout(stepMs),
  });
  const answer = await response.json();
  const names = answer.data?.__schema.queryType.fields.map((field) => field.name) ?? [];
  expect(names.length > 0, `the server names no root field: ${JSON.stringify(answer).slice(0, 400)}`);
  return names;
}

// These seven run in the page.
const setQuery = (text) =>
  globalThis.__MONACO.editor.getModels().find((model) => model.uri.path.endsWith('operation.graphql')).setValue(text);
/** Before the explorer itself has read what the document has become. */
const setAndRun = (text) => {
  const models = globalThis.__MONACO.editor.getModels();
  models.find((model) => model.uri.path.endsWith('response.json')).setValue('');
  models.find((model) => model.uri.path.endsWith('operation.graphql')).setValue(text);
  document.querySelector('.graphiql-execute-button').click();
};
const modelEndingWith = (ending) =>
  globalThis.__MONACO?.editor.getModels().find((model) => model.uri.path.endsWith(ending))?.getValue() ?? '';
const queryEditorHas = (text) =>
  globalThis.__MONACO?.editor.getModels().some((m) => m.uri.path.endsWith('operation.graphql') && m.getValue() === text);
const responseIsJson = () => {
  const model = globalThis.__MONACO?.editor.getModels().find((m) => m.uri.path.endsWith('response.json'));
  try {
    return Boolean(JSON.parse(model.getValue()));
  } catch {
    return false;
  }
};
const responseIsEvent = () => {
  const model = globalThis.__MONACO?.editor.getModels().find((m) => m.uri.path.endsWith('response.json'));
  try {
    return Boolean(JSON.parse(model.getValue()).data.changes.commit.revision);
  } catch {
    return false;
  }
};
const recordViolations = () => {
  document.addEventListener('securitypolicyviolation', (event) => {
    globalThis.reportViolation(`${event.effectiveDirective} refused ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`);
  });
};

const outside = new Set();
const violations = new Set();
const complaints = [];

/** What a person would see, for whoever reads of a failure. */
async function describe(page) {
  const soon = (told) => Promise.race([told, new Promise((give) => setTimeout(give, 5000, 'no answer of the page'))]).catch((error) => error.message);
  const file = join(tmpdir(), `explorer-failed-${process.pid}.png`);
  const parts = {
    address: page.url(),
    tabs: await soon(page.getByRole('tab').allInnerTexts().then((texts) => texts.map((text) => text.trim()).join(' | '))),
    document: await soon(page.evaluate(modelEndingWith, 'operation.graphql')),
    answer: await soon(page.evaluate(modelEndingWith, 'response.json')),
    text: await soon(page.evaluate(() => document.body.innerText.replaceAll(/\s*\n\s*/g, ' / '))),
    picture: await soon(page.screenshot({ path: file, timeout: 4000 }).then(() => file)),
  };
  for (const [part, told] of Object.entries(parts)) {
    console.log(`on the page, ${part}: ${told.length > EXCERPT_CHARS ? `${told.slice(0, EXCERPT_CHARS)}…` : told}`);
  }
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  timeout: stepMs,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});

/** On another register than the one of the demonstration: what the examples name is there, and they have answers. */
async function another() {
  const fresh = await (await browser.newContext()).newPage();
  await fresh.goto(at('graphiql/'), { timeout: stepMs });
  await fresh.getByRole('tab', { name: 'OneMeasure' }).first().waitFor({ timeout: stepMs });
  // It stores its tabs a moment after it shows them.
  await fresh.waitForFunction(() => localStorage.getItem('graphiql:tabState') !== null, null, { timeout: stepMs });
  const tabs = await fresh.evaluate(() => JSON.parse(localStorage.getItem('graphiql:tabState')).tabs.map(({ query }) => query));
  for (const query of tabs.filter((it) => it && !/^subscription/m.test(it))) {
    const answer = await (await fetch(at('graphql'), { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ query }) })).json();
    const name = /query (\w+)/.exec(query)?.[1];
    const has = !answer.errors && Object.values(answer.data).some((it) => it !== null);
    // A register may have no record at all of a kind.
    const nothing = /project\(key/.test(query) || /operationalGoal\(key/.test(query);
    expect(has || (nothing && !answer.errors), `${name}: ${JSON.stringify(answer).slice(0, 300)}`);
    passed += 1;
  }
  expect(passed > 8, `only ${passed} examples were seen`);
}
if (options.another) {
  await another();
  await browser.close();
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(0);
}

let page;
try {
  const context = await browser.newContext({ viewport: { width: 1440, height: 860 }, reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'] });
  context.setDefaultTimeout(stepMs);
  await context.exposeFunction('reportViolation', (text) => violations.add(text));
  await context.addInitScript(recordViolations);
  const isOutside = (url) => /^(https?|wss?):$/.test(url.protocol) && (url.host !== base.host || !url.pathname.startsWith(base.pathname));
  await context.route(isOutside, (route) => {
    outside.add(route.request().url());
    return route.abort();
  });
  context.on('request', (request) => {
    if (isOutside(new URL(request.url()))) outside.add(request.url());
  });

  page = await context.newPage();
  page.on('websocket', (socket) => isOutside(new URL(socket.url())) && outside.add(socket.url()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const text = message.text();
    if (/content security policy/i.test(text)) violations.add(text);
    else if (message.type() === 'error' || /web worker/i.test(text)) complaints.push(text);
  });

  const examples = await readExamples();
  const [first] = examples;
  const tabs = page.getByRole('tablist').getByRole('tab');
  const editor = page.locator('.graphiql-query-editor .monaco-editor').first();
  const response = page.locator('.result-window .view-lines');
  const introspected = (title) => {
    const arrival = page.waitForResponse((r) => r.request().postData()?.includes('IntrospectionQuery') ?? false);
    arrival.catch(() => {}); // when an earlier step fails, nobody waits for it any more
    return async () => {
      const status = (await arrival).status();
      expect(status === 200, `${title}: the introspection answered ${status}`);
    };
  };
  /** Sets a document, runs it in the same moment, and gives what was sent and the answer that is shown. */
  const runAtOnce = async (query) => {
    await page.evaluate(setAndRun, query);
    await page.waitForFunction(responseIsJson);
    return { query, answer: JSON.parse(await page.evaluate(modelEndingWith, 'response.json')) };
  };
  const tabTitles = async () => (await tabs.allInnerTexts()).map((text) => text.trim()).join(' ');

  await check('the page answers under a strict policy', async () => {
    const schema = introspected('first visit');
    const answer = await page.goto(at('graphiql'), { waitUntil: 'domcontentloaded', timeout: stepMs });
    expect(answer.ok(), `/graphiql answered ${answer.status()}`);
    const policy = answer.headers()['content-security-policy'] ?? '';
    expect(/default-src '(self|none)'/.test(policy), `/graphiql has no Content-Security-Policy of its own: "${policy}"`);
    const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? '';
    expect(!/unsafe|blob:|data:|\*|http/.test(scripts), `the policy lets foreign scripts in: "${policy}"`);
    await schema();
    return policy;
  });

  await check('its title says what it is', async () => {
    const title = await page.title();
    expect(title === 'Boordtabel – GraphiQL', `the title is "${title}"`);
  });

  await check('the editor shows the first example', async () => {
    await page.waitForFunction(queryEditorHas, first.query);
    await editor.getByText(first.name, { exact: true }).waitFor();
    return first.name;
  });

  await check('every example has a tab', async () => {
    const names = examples.map((example) => example.name).join(' ');
    const shown = await tabTitles();
    expect(shown === names, `the tabs are "${shown}", the examples "${names}"`);
    return shown;
  });

  await check('links lead back and to the schema', async () => {
    const links = await page.locator('.explorer-links a').evaluateAll((all) => all.map((link) => link.href));
    for (const address of ['./', 'schema.graphql']) {
      expect(links.includes(at(address)), `no link to ${at(address)}, only: ${links.join(', ')}`);
    }
  });

  await check('the first example runs', async () => {
    await page.getByRole('button', { name: /^Execute query/ }).click();
    await page.waitForFunction(responseIsJson);
    const text = await page.evaluate(modelEndingWith, 'response.json');
    const answer = JSON.parse(text);
    expect(answer.data && !answer.errors, `the answer is ${text.slice(0, 800)}`);
    await response.getByText('"data"').first().waitFor();
    return `${text.length} characters, data: ${Object.keys(answer.data).join(', ')}`;
  });

  await check('a document that is run at once goes by its own name', async () => {
    const { query, answer } = await runAtOnce('query RunAtOnce { __typename }');
    expect(answer.data?.__typename, `the answer to ${query} is ${JSON.stringify(answer).slice(0, 800)}`);
    const socket = page.waitForEvent('websocket');
    const told = await runAtOnce('subscription FollowAtOnce { changes(after: 0) { commit { revision } } }');
    expect(told.answer.data?.changes, `the answer to ${told.query} is ${JSON.stringify(told.answer).slice(0, 800)}`);
    await page.getByRole('button', { name: /^Stop query/ }).click();
    await page.evaluate(setQuery, first.query);
    await tabs.filter({ hasText: first.name }).waitFor();
    return `${query} and a subscription over ${(await socket).url()}`;
  });

  await check('no editor boxes dashes and other letters', async () => {
    const boxing = await page.evaluate(() => {
      const editors = globalThis.__MONACO.editor.getEditors();
      const highlights = editors.map((one) => one.getRawOptions().unicodeHighlight);
      return { editors: editors.length, left: highlights.filter((it) => it?.ambiguousCharacters !== false).length };
    });
    expect(boxing.editors > 1 && boxing.left === 0, `${boxing.left} of ${boxing.editors} editors box letters`);
    return `${boxing.editors} editors`;
  });

  await check('a screenshot is saved', async () => {
    if (!options.screenshot) return 'no --screenshot given';
    await page.mouse.move(0, 0);
    await page.screenshot({ path: options.screenshot, timeout: stepMs });
    return options.screenshot;
  });

  await check('the editor completes a field name from the schema', async () => {
    const field = (await rootFields()).reduce((longest, name) => (name.length > longest.length ? name : longest));
    const partial = field.slice(0, Math.max(1, Math.ceil(field.length * 0.7)));
    await page.getByRole('button', { name: 'New tab' }).click();
    await page.waitForFunction(queryEditorHas, '');
    await editor.click();
    await page.keyboard.type(`query Trial { ${partial}`);
    const offer = page.locator('.suggest-widget.visible .monaco-list-row .label-name').getByText(field, { exact: true });
    // The worker may still be reading the schema: ask again until it offers the field.
    const deadline = Date.now() + stepMs;
    for (;;) {
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+Space');
      try {
        await offer.first().waitFor({ timeout: 3000 });
        break;
      } catch {
        const offered = await page.locator('.suggest-widget .monaco-list-row .label-name').allInnerTexts();
        expect(Date.now() < deadline, `after "${partial}" the editor does not offer "${field}" but: ${offered.join(', ') || 'nothing'}`);
      }
    }
    if (options.screenshot) {
      await page.screenshot({ path: options.screenshot.replace(/(\.\w+)?$/, '-completion$1'), timeout: stepMs });
    }
    await page.keyboard.press('Escape');
    return `${partial} → ${field}`;
  });

  await check('its workers are files of the server', async () => {
    const urls = page.workers().map((worker) => worker.url());
    expect(urls.some((url) => url.includes('graphql.worker')), `no GraphQL worker runs, only: ${urls.join(', ') || 'none'}`);
    const foreign = urls.find((url) => !url.startsWith(at('graphiql/assets/')));
    expect(!foreign, `a worker comes from ${foreign}`);
    return urls.map((url) => url.slice(url.lastIndexOf('/') + 1)).join(', ');
  });

  await check('a returning visitor finds their own tabs', async () => {
    const own = 'query Mine { __typename }\n';
    await page.evaluate(setQuery, own);
    await tabs.filter({ hasText: 'Mine' }).waitFor();
    await tabs.filter({ hasText: first.name }).hover();
    await tabs.filter({ hasText: first.name }).getByRole('button', { name: 'Close Tab' }).click();
    await tabs.filter({ hasText: first.name }).waitFor({ state: 'detached' });
    const kept = await tabTitles();
    await page.waitForFunction((titles) => {
      const stored = JSON.parse(localStorage.getItem('graphiql:tabState') ?? '{"tabs":[]}');
      return stored.tabs.map((tab) => tab.title).join(' ') === titles;
    }, kept);
    const schema = introspected('second visit');
    await page.reload({ waitUntil: 'domcontentloaded' });
    await schema();
    await page.waitForFunction(queryEditorHas, own);
    const shown = await tabTitles();
    expect(shown === kept, `the tabs were "${kept}" and are "${shown}"`);
    return shown;
  });

  await check('the menu brings an example back', async () => {
    await page.getByRole('button', { name: 'Examples' }).click();
    if (options.screenshot) {
      await page.getByRole('menuitem').first().waitFor();
      await page.screenshot({ path: options.screenshot.replace(/(\.\w+)?$/, '-menu$1'), timeout: stepMs });
    }
    await page.getByRole('menuitem', { name: first.name }).click();
    await page.waitForFunction(queryEditorHas, first.query);
    await tabs.filter({ hasText: first.name }).waitFor();
    return tabTitles();
  });

  const take = async (name) => {
    await page.getByRole('button', { name: 'Take along' }).click();
    await page.getByRole('menuitem', { name }).click();
  };
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  const said = (text) => page.locator('.explorer-told', { hasText: text }).waitFor();
  await check('an answer is taken along as a table', async () => {
    const list = 'query List { measures(first: 3) { nodes { key } } }';
    await page.getByRole('button', { name: 'New tab' }).click();
    await page.evaluate(setQuery, list);
    await tabs.filter({ hasText: 'List' }).waitFor();
    const [csv] = await Promise.all([page.waitForEvent('download'), take('Download as CSV')]);
    const lines = (await readFile(await csv.path(), 'utf8')).trim().split('\n');
    expect(lines[0] === 'key' && lines.length > 1, `the table is ${lines.join(' / ')}`);
    const [book] = await Promise.all([page.waitForEvent('download'), take('Download as XLSX')]);
    const bytes = await readFile(await book.path());
    expect(bytes.subarray(0, 2).toString() === 'PK', 'the workbook is none');
    await page.evaluate(setQuery, 'query None { nothing }');
    await tabs.filter({ hasText: 'None' }).waitFor();
    await take('Download as CSV');
    await said('has no field');
    complaints.splice(0, complaints.length, ...complaints.filter((text) => !/status of 400/.test(text)));
    await page.evaluate(setQuery, list);
    await tabs.filter({ hasText: 'List' }).waitFor();
    return `${csv.suggestedFilename()}, ${book.suggestedFilename()}, ${bytes.length} bytes`;
  });

  await check('a query is copied as curl, and as a link that leads back to it', async () => {
    await take('Copy as curl');
    await said('The command is copied');
    const command = await copied();
    expect(command.startsWith("curl --json '{") && command.includes(at('graphql')), command);
    await take('Copy a link');
    await said('The link is copied');
    const link = await copied();
    const other = await context.newPage();
    await other.goto(link, { waitUntil: 'domcontentloaded' });
    await other.waitForFunction(queryEditorHas, 'query List { measures(first: 3) { nodes { key } } }');
    await other.close();
    return `${command}, ${link}`;
  });

  await check('it is usable on a telephone', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    // The editors take their new width when they are told of it, a moment later.
    const fits = () => document.documentElement.scrollWidth <= document.documentElement.clientWidth;
    await page.waitForFunction(fits).catch(() => {});
    const sizes = await page.evaluate(() =>
      ['.graphiql-editors', '.graphiql-response', '.graphiql-execute-button', '[role=tablist]', '.explorer-home'].map((it) => {
        const { width, left, right } = document.querySelector(it).getBoundingClientRect();
        return { it, width, left, right };
      }),
    );
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(over <= 0, `it is ${over} px wider than the screen`);
    expect(sizes[0].width > 330 && sizes[1].width > 330, `editors and answer are narrow: ${JSON.stringify(sizes)}`);
    expect(sizes.every(({ left, right, it }) => it === '[role=tablist]' || (left >= 0 && right <= 390)), JSON.stringify(sizes));
    if (options.screenshot) await page.screenshot({ path: options.screenshot.replace(/(\.\w+)?$/, '-narrow$1'), fullPage: true });
    await page.setViewportSize({ width: 1440, height: 860 });
    return sizes.map(({ it, width }) => `${it} ${Math.round(width)}`).join(', ');
  });

  await check('axe finds nothing that is ours', async () => {
    const look = () =>
      globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then(({ violations }) => violations.map(({ id, nodes }) => `${id} (${nodes.length}): ${nodes[0].html.slice(0, 120)} ${nodes[0].failureSummary.slice(0, 200)}`));
    const found = [];
    for (const colorScheme of ['dark', 'light']) {
      const shown = await browser.newContext({ viewport: { width: 1440, height: 860 }, colorScheme });
      const fresh = await shown.newPage();
      await fresh.goto(at('graphiql/'));
      await fresh.waitForFunction(queryEditorHas, first.query);
      await fresh.locator('.graphiql-query-editor .view-line').nth(2).waitFor();
      await fresh.evaluate(axe);
      found.push(...(await fresh.evaluate(look)).map((it) => `${colorScheme}: ${it}`));
      if (options.screenshot) await fresh.screenshot({ path: options.screenshot.replace(/(\.\w+)?$/, `-${colorScheme}$1`) });
      await shown.close();
    }
    // The tabs of the package graphiql hold the buttons that close them.
    const ours = found.filter((it) => !/: nested-interactive/.test(it));
    expect(ours.length === 0, ours.join('\n'));
    return `of the packages: ${found.map((it) => it.split(':').slice(0, 2).join(':')).join('; ') || 'nothing'}`;
  });

  await check('a subscription is followed until it is stopped', async () => {
    const live = examples.find((example) => /^subscription /m.test(example.query));
    await page.getByRole('button', { name: 'Examples' }).click();
    await page.getByRole('menuitem', { name: live.name }).click();
    await page.waitForFunction(queryEditorHas, live.query);
    const opened = page.waitForEvent('websocket');
    await page.getByRole('button', { name: /^Execute query/ }).click();
    const socket = await opened;
    await page.waitForFunction(responseIsEvent);
    const answer = JSON.parse(await page.evaluate(modelEndingWith, 'response.json'));
    expect(!answer.errors, `the answer is ${JSON.stringify(answer).slice(0, 800)}`);
    const closed = socket.isClosed() ? null : socket.waitForEvent('close');
    expect(closed, 'the socket was closed before it was stopped');
    await page.getByRole('button', { name: /^Stop query/ }).click();
    await closed;
    const { revision, changes } = answer.data.changes.commit;
    return `${socket.url()}: revision ${revision}, ${changes.length} changes`;
  });

  await check('the documentation opens', async () => {
    await page.getByRole('button', { name: /documentation explorer/i }).click();
    await page.locator('.graphiql-doc-explorer').getByText('Root Types').waitFor();
  });

  await check('nothing broke the policy', async () => {
    expect(violations.size === 0, [...violations].join('\n'));
  });

  await check('nothing was asked of another server', async () => {
    expect(outside.size === 0, [...outside].join('\n'));
  });

  await check('the console has no errors', async () => {
    expect(complaints.length === 0, complaints.join('\n'));
  });
} catch (error) {
  if (failed === 0) {
    failed += 1;
    console.log(`FAILED: ${stripVTControlCharacters(error.message)}`);
  }
  if (page) await describe(page);
  for (const text of violations) console.log(`policy: ${text}`);
  for (const text of outside) console.log(`outside: ${text}`);
  for (const text of complaints) console.log(`console: ${text}`);
} finally {
  await browser.close();
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
