// Tries the pages in a real browser against a running server:
//
//   node test/pages.mjs http://127.0.0.1:8080 [--long] [--pictures <folder>] [--page <address>]
//
// Each page: no finding of axe, nothing wider than the screen, nothing from another host, nothing that the policy refuses, figures that read as
// their values. With --long in both languages and both themes, axe at three widths, and each page on paper, without a script and with the keyboard
// alone; else these take turns. With --page, any number of times, only these, in both of each. CHROMIUM names the Chromium to use.
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { forms, misread, overflow } from './forms.mjs';
import { addressed, axe, end, expect, stepMs } from './trial.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { long: { type: 'boolean' }, pictures: { type: 'string' }, page: { type: 'string', multiple: true } },
});
const { base, at } = addressed(positionals, 'node test/pages.mjs <base URL of a running server> [--long] [--pictures <folder>] [--page <address>]');
const WIDTHS = [320, 360, 768, 1440, 3840];

// This runs in the page.
const findings = () =>
  globalThis.axe
    .run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(({ violations }) => violations.map((it) => `${it.id} (${it.nodes.length}): ${it.nodes[0].html.slice(0, 160)} ${it.nodes[0].failureSummary.slice(0, 200)}`));
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

const all = options.page ? options.page.map((address) => [address.split('?')[0].replaceAll('/', '-'), address]) : Object.entries(await forms(at('graphql'), stepMs));
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
    const wrong = await page.evaluate(misread);
    expect(wrong.length === 0, `${about}: figures read otherwise than they are: ${wrong.slice(0, 3).join('; ')}`);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      if (width === 1440 || (options.long && [360, 768].includes(width))) {
        const found = await page.evaluate(findings);
        expect(found.length === 0, `${about}, ${width} px wide: ${found.join('\n   ')}`);
      }
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

// Each page: with no script as much stands there, and goes on paper without being cut; all that can be used is reached with the keyboard, in its
// order, and shows that it is.
if (options.long) {
  const STOPS = 60;
  const counts = () => ['a.f', 'svg', 'table', 'main a'].map((what) => document.querySelectorAll(what).length).join();
  const wide = () => [...document.querySelectorAll('main table, main svg')].filter((it) => it.getBoundingClientRect().right > innerWidth + 1).map((it) => it.outerHTML.slice(0, 80));
  const usable = () => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')].filter((it) => it.checkVisibility()).length;
  const focused = () => {
    const it = document.activeElement;
    const [style, box] = [getComputedStyle(it), it.getBoundingClientRect()];
    const is_seen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    globalThis.stops ??= new Set();
    globalThis.stops.add(it);
    return { body: it === document.body, name: it.outerHTML.slice(0, 80), is_marked: (style.outlineStyle !== 'none' && is_seen) || it.type === 'date', stops: globalThis.stops.size };
  };
  const [withScript, without] = [await open('nl-BE', 'light'), await open('nl-BE', 'light', false)];
  for (const [name, address] of all) {
    await withScript.page.goto(at(address));
    await without.page.goto(at(address));
    const [one, other] = [await withScript.page.evaluate(counts), await without.page.evaluate(counts)];
    expect(one === other, `${name}: figures, pictures, tables and links are ${other} without a script, ${one} with it`);
    // A4 without its margins, at the size in which it is printed.
    await without.page.setViewportSize({ width: 680, height: 1000 });
    await without.page.emulateMedia({ media: 'print' });
    const cut = await without.page.evaluate(wide);
    expect(cut.length === 0, `${name}: wider than the paper: ${cut.join('; ')}`);
    const paper = await without.page.pdf({ format: 'A4' });
    expect(paper.subarray(0, 4).toString() === '%PDF' && paper.length > 5000, `${name} goes on paper`);
    await without.page.emulateMedia({ media: 'screen' });
    const there = await withScript.page.evaluate(usable);
    let last = { stops: 0 };
    // A day has three stops of its own, each of which the browser marks itself.
    for (let stop = 0; stop < 2 * STOPS && last.stops < Math.min(there, STOPS); stop += 1) {
      await withScript.page.keyboard.press('Tab');
      last = await withScript.page.evaluate(focused);
      if (last.body) break;
      expect(last.is_marked, `${name}: ${last.name} has the focus and does not show it`);
    }
    expect(last.stops >= Math.min(there, STOPS), `${name}: the keyboard reaches ${last.stops} of ${there}`);
  }
  for (const { context } of [withScript, without]) await context.close();
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
