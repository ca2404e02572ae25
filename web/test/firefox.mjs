// Opens each page in Firefox as the distribution has it, and compares the figures on the screen with those of the API:
//
//   node --experimental-websocket test/firefox.mjs http://127.0.0.1:8080 [--long]
//
// With --long in both languages and themes, at all widths; else each page once. FIREFOX names the Firefox to use.
import { parseArgs } from 'node:util';
import { firefox } from './bidi.mjs';
import { figures, forms, misread, overflow } from './forms.mjs';
import { addressed, end, expect, stepMs } from './trial.mjs';

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { long: { type: 'boolean' } } });
const { base, at } = addressed(positionals, 'node --experimental-websocket test/firefox.mjs <base URL of a running server> [--long]');

/** What stands at a path, as addresses of figures tell it: names with points, and entries between bars, by their key or place. */
function find(value, path) {
  const key = (entry) => entry.key ?? ['indicator', 'norm', 'record', 'target'].map((name) => entry[name]?.key).find(Boolean);
  return path.split('|').reduce((there, part, index) => {
    if (index % 2 === 1) return there?.find((entry) => key(entry) === part) ?? there?.[Number(part)];
    return part.split('.').filter(Boolean).reduce((it, name) => it?.[name], there);
  }, value);
}

/** The answer of the API to a page's document. */
async function answer(address) {
  const url = new URL(address);
  const below = url.pathname.slice(base.pathname.length) || 'home';
  url.pathname = `${base.pathname}${below}.json`;
  return (await fetch(url, { signal: AbortSignal.timeout(stepMs) })).json();
}

const all = Object.entries(await forms(at('graphql'), stepMs));
const combinations = [['nl-BE', 'light'], ['en-GB', 'dark'], ['nl-BE', 'dark'], ['en-GB', 'light']];
let compared = 0;
for (const [locale, theme] of options.long ? combinations : combinations.slice(0, 1)) {
  const settings = { 'intl.accept_languages': locale, 'layout.css.prefers-color-scheme.content-override': theme === 'dark' ? 0 : 1 };
  const page = await firefox(process.env.FIREFOX || '/usr/bin/firefox-esr', settings, stepMs);
  for (const [name, address] of all) {
    const about = `${name} in ${locale}, ${theme}`;
    await page.goto(at(address));
    const wrong = await page.evaluate(misread);
    expect(wrong.length === 0, `${about}: figures read otherwise than they are: ${wrong.slice(0, 3).join('; ')}`);
    const shown = await page.evaluate(figures);
    if (shown.length > 0 && !address.includes('at=')) {
      const data = await answer(at(address));
      for (const { to, value, seen } of shown) {
        const path = new URL(to).searchParams.get('at');
        const figure = find(data, path);
        expect(figure !== undefined && figure.value === value, `${about}: ${value} at ${path}, where the API says ${figure?.value}`);
        expect(seen, `${about}: the figure at ${path} is not drawn`);
        compared += 1;
      }
    }
    for (const width of options.long ? [320, 360, 768, 1440] : [360]) {
      await page.resize(width, 900);
      const over = await page.evaluate(overflow);
      expect(over <= 0, `${about}: ${over} px wider than ${width}`);
    }
    for (const { method, params } of page.happened()) {
      if (method === 'log.entryAdded') expect(params.level !== 'error' || /status/.test(params.text), `${about}: ${params.text}`);
      else expect(/^(data|about):/.test(params.request.url) || new URL(params.request.url).origin === base.origin, `${about}: asks ${params.request.url}`);
    }
  }
  console.log(`Firefox ${page.version}, ${locale}, ${theme}: ${compared} figures compared`);
  await page.close();
}
expect(compared > 1_000, `only ${compared} figures were seen`);
end();
