// Tries the pages in a real browser against a running server:
//
//   node test/pages.mjs http://127.0.0.1:8080 [--long] [--pictures <folder>] [--page <address>]
//
// Each page: no finding of axe, nothing wider than the screen, nothing from another host, nothing that the policy refuses, figures that read as
// their values. With --long in both languages and both themes at all widths; else these take turns. With --page, any number of times, only these, in both of
// each. CHROMIUM names the Chromium to use.
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { addressed, axe, end, expect, stepMs } from './trial.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { long: { type: 'boolean' }, pictures: { type: 'string' }, page: { type: 'string', multiple: true } },
});
const { base, at } = addressed(positionals, 'node test/pages.mjs <base URL of a running server> [--long] [--pictures <folder>]');
const WIDTHS = [320, 360, 768, 1440, 3840];

async function ask(query) {
  const response = await fetch(at('graphql'), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(stepMs),
  });
  return (await response.json()).data;
}

/** A page of each sort, with keys that the register has; of measures one that has indicators, norms and contradictions. */
async function pages() {
  const first = (list) => `${list}(first: 1) { nodes { key } }`;
  const kinds = ['plans', 'policyFields', 'operationalGoals', 'strategicGoals', 'projects', 'budgetArticles', 'inspectedProcesses'];
  const full = 'measures(first: 1, where: {norms: {some: {}}, inspectedProcesses: {some: {}}}) { nodes { key indicators { key observations { key } } } }';
  const data = await ask(`{ ${kinds.map(first).join(' ')} ${full} }`);
  const key = (list) => encodeURIComponent(data[list].nodes[0].key);
  const [plan, measure] = [key('plans'), key('measures')];
  const indicator = data.measures.nodes[0].indicators.find((it) => it.observations.length > 1);
  const figure = (path) => `measures/${measure}?at=${encodeURIComponent(`scoreboard.indicators|${indicator.key}|${path}`)}`;
  return {
    home: '',
    plans: 'plans',
    plan: `plans/${plan}`,
    field: `fields/${key('policyFields')}`,
    goal: `goals/${key('operationalGoals')}`,
    strategic: `strategic-goals/${key('strategicGoals')}`,
    project: `projects/${key('projects')}`,
    measure: `measures/${measure}`,
    article: `articles/${key('budgetArticles')}`,
    process: `processes/${key('inspectedProcesses')}`,
    norms: `norms?plan=${plan}`,
    budget: `budget?plan=${plan}`,
    milestones: `milestones?plan=${plan}`,
    trends: `trends?plan=${plan}&kind=RECEIVED`,
    inspections: `inspections?plan=${plan}`,
    staff: `staff?plan=${plan}`,
    contradictions: `contradictions?plan=${plan}`,
    changes: 'changes',
    change: 'change?from=0&to=1',
    search: 'search?text=a',
    computed: figure('trend.relative'),
    printed: figure(`indicator.observations|${indicator.observations[1].key}|figure`),
    guides: 'guides',
    guide: 'guides/asking',
    reference: 'guides/reference',
    schema: 'docs',
    type: 'docs/Query',
    found: 'docs?q=norm+result',
    error: 'measures/none',
  };
}

// These run in the page.
const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
const findings = () =>
  globalThis.axe
    .run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(({ violations }) => violations.map((it) => `${it.id} (${it.nodes.length}): ${it.nodes[0].html.slice(0, 160)} ${it.nodes[0].failureSummary.slice(0, 200)}`));
/** Figures whose text is not their value, as the language writes it. */
const misread = () => {
  const dutch = document.documentElement.lang === 'nl';
  const wrong = [];
  for (const data of document.querySelectorAll('data')) {
    const text = data.textContent.replace('−', '-');
    const digits = text.replace(/[^\d.,-]/g, '').replace(/[.,]$/, '');
    const shown = Number(dutch ? digits.replaceAll('.', '').replace(',', '.') : digits.replaceAll(',', ''));
    const scale = /%|ppt|pp/.test(text) ? 100 : /mln|m$/.test(text) ? 1e-6 : 1;
    const off = Math.abs(shown - Number(data.value) * scale);
    // What is computed in euro is shown whole.
    const room = scale !== 1 ? 0.051 : /€/.test(text) && !/[.,]\d\d?$/.test(text) ? 0.51 : 0.0051;
    if (!(off <= room)) wrong.push(`${data.textContent} for ${data.value}`);
  }
  return wrong;
};

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] });

async function open(language, theme, script = true) {
  const context = await browser.newContext({ locale: language, colorScheme: theme, javaScriptEnabled: script, bypassCSP: false });
  context.setDefaultTimeout(stepMs);
  const page = await context.newPage();
  const trouble = [];
  page.on('request', (request) => new URL(request.url()).origin === base.origin || trouble.push(`asks ${request.url()}`));
  page.on('console', (message) => message.type() === 'error' && !/status of 40[04]/.test(message.text()) && trouble.push(message.text()));
  page.on('pageerror', (error) => trouble.push(error.message));
  return { context, page, trouble };
}

const all = options.page ? options.page.map((address) => [address.split('?')[0].replaceAll('/', '-'), address]) : Object.entries(await pages());
const combinations = [['nl-BE', 'light'], ['en-GB', 'dark'], ['nl-BE', 'dark'], ['en-GB', 'light']];
const paints = [];
for (const [number, [language, theme]] of combinations.entries()) {
  const { context, page, trouble } = await open(language, theme);
  for (const [place, [name, address]] of all.entries()) {
    if (!options.long && !options.page && place % combinations.length !== number) continue;
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(at(address));
    const about = `${name} in ${language}, ${theme}`;
    paints.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0));
    // By the way in which the browser's own tools run scripts: the page's policy lets in none that is not the server's.
    await page.evaluate(axe);
    const found = await page.evaluate(findings);
    expect(found.length === 0, `${about}: ${found.join('\n   ')}`);
    const wrong = await page.evaluate(misread);
    expect(wrong.length === 0, `${about}: figures read otherwise than they are: ${wrong.slice(0, 3).join('; ')}`);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      const over = await page.evaluate(overflow);
      expect(over <= 0, `${about}: ${over} px wider than ${width}`);
      if (options.pictures && [360, 768, 1440].includes(width)) {
        await page.screenshot({ path: `${options.pictures}/${name}-${width}-${theme}.png`, fullPage: true, clip: { x: 0, y: 0, width, height: 1500 } });
      }
    }
    expect(trouble.length === 0, `${about}: ${trouble.splice(0).join('; ')}`);
  }
  await context.close();
}
paints.sort((a, b) => a - b);
console.log(`first paint: median ${Math.round(paints[paints.length >> 1])} ms, latest ${Math.round(paints.at(-1))} ms of ${paints.length}`);

if (options.page) {
  await browser.close();
  end();
}

// The documentation on the narrowest screen, in the light and in the dark: nothing but tables and code scrolls to the side, and these can be
// reached with the keyboard.
{
  const unreached = () =>
    [...document.querySelectorAll('main *')]
      .filter((it) => it.scrollWidth > it.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(it).overflowX) && !it.closest('[tabindex="0"]'))
      .map((it) => it.outerHTML.slice(0, 80));
  const contexts = [await open('en-GB', 'light'), await open('nl-BE', 'dark')];
  await contexts[0].page.goto(at('guides'));
  const guides = await contexts[0].page.evaluate(() => [...document.querySelectorAll('.card a')].map((it) => it.href));
  expect(guides.length > 10, `there are ${guides.length} guides`);
  const types = ['Measure', 'MeasureWhere', 'ErrorCode', 'limits', 'BudgetAmountWhere', 'Mutation'].map((type) => at(`docs/${type}`));
  for (const [place, address] of [...guides, ...types].entries()) {
    const { page } = contexts[place % 2];
    await page.setViewportSize({ width: 320, height: 900 });
    await page.goto(address);
    const over = await page.evaluate(overflow);
    expect(over <= 0, `${address}: ${over} px wider than 320`);
    const lost = await page.evaluate(unreached);
    expect(lost.length === 0, `${address}: scrolls and cannot be reached: ${lost.join('; ')}`);
  }
  for (const { context } of contexts) await context.close();
}

// With the keyboard alone: to the content, to a figure, to its source and back.
{
  const { context, page } = await open('en-GB', 'light');
  await page.goto(at(Object.fromEntries(all).measure));
  await page.keyboard.press('Tab');
  expect((await page.evaluate(() => document.activeElement.className)) === 'skip', 'the first stop of the keyboard is the way to the content');
  await page.keyboard.press('Enter');
  let reached = false;
  for (let stop = 0; stop < 40 && !reached; stop += 1) {
    await page.keyboard.press('Tab');
    reached = await page.evaluate(() => document.activeElement.matches('a.f'));
  }
  expect(reached, 'the keyboard reaches a figure');
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  expect(outline === 'solid', `what has the focus shows it: ${outline}`);
  const value = await page.evaluate(() => document.activeElement.querySelector('data')?.value);
  await page.keyboard.press('Enter');
  await page.waitForURL(/[?&]at=/);
  expect((await page.locator('.big').count()) === 1, 'a figure leads to its source');
  const there = await page.evaluate(() => document.querySelector('.big data')?.value);
  expect(there === value, `the source of ${value} shows ${there}`);
  await context.close();
}

// Without a script: all is there; and on paper.
{
  const { context, page } = await open('nl-BE', 'light', false);
  for (const name of ['plan', 'measure', 'milestones']) {
    await page.goto(at(Object.fromEntries(all)[name]));
    expect((await page.locator('table a.f').count()) + (await page.locator('.tiles a.f').count()) > 3, `${name} needs no script`);
    const paper = await page.pdf({ format: 'A4' });
    expect(paper.subarray(0, 4).toString() === '%PDF' && paper.length > 5000, `${name} goes on paper`);
  }
  await context.close();
}

// With one, where the build has it: tables sort.
{
  const { context, page } = await open('en-GB', 'light');
  await page.goto(at(Object.fromEntries(all).norms));
  if ((await page.locator('script[data-home]').count()) > 0) {
    const heads = page.locator('#list ~ div button.sort, [aria-labelledby=list] button.sort');
    await heads.nth(4).click();
    const values = () => page.evaluate(() => [...document.querySelectorAll('[aria-labelledby=list] tbody tr')].map((row) => Number(row.cells[4].querySelector('data')?.value ?? NaN)));
    const rising = (await values()).filter((value) => !Number.isNaN(value));
    expect(rising.every((value, place) => place === 0 || rising[place - 1] <= value), 'a table sorts by the exact values');
    await page.keyboard.press('/');
    expect((await page.evaluate(() => document.activeElement.id)) === 'find', '`/` goes to the search');
  } else console.log('this build has no script: sorting is not tried');
  await context.close();
}

await browser.close();
end();
