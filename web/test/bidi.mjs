// Firefox as the distribution has it, over WebDriver BiDi: the little of it that a trial of pages needs. Playwright drives builds of its own, or a
// Firefox newer than the distributions have. Node.js 20 has WebSockets behind a flag: call it with --experimental-websocket.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Firefox with a window; `settings` are its preferences by name, `timeoutMs` how long an answer may take. */
export async function firefox(program, settings, timeoutMs) {
  const profile = mkdtempSync(join(tmpdir(), 'firefox-'));
  // Nothing that it asks of its maker by itself.
  const own = { 'app.update.enabled': false, 'browser.shell.checkDefaultBrowser': false, 'datareporting.policy.dataSubmissionEnabled': false, 'network.captive-portal-service.enabled': false, 'network.connectivity-service.enabled': false, ...settings };
  writeFileSync(join(profile, 'user.js'), Object.entries(own).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join(''));
  const child = spawn(program, ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port=0', 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const within = (promise, what) =>
    Promise.race([promise, new Promise((_, fail) => setTimeout(() => fail(new Error(`Firefox does not answer: ${what}`)), timeoutMs).unref())]);
  const address = await within(
    new Promise((found, fail) => {
      let said = '';
      child.stderr.on('data', (text) => {
        said += text;
        const match = /WebDriver BiDi listening on (ws:\S+)/.exec(said);
        if (match) found(match[1]);
      });
      child.on('error', fail);
      child.on('exit', () => fail(new Error(`Firefox ended: ${said}`)));
    }),
    'start',
  );
  const socket = new WebSocket(`${address}/session`);
  await within(new Promise((open, fail) => Object.assign(socket, { onopen: open, onerror: fail })), 'connect');
  const waiting = new Map();
  const events = [];
  socket.onmessage = ({ data }) => {
    const { id, type, result, ...rest } = JSON.parse(data);
    if (type === 'event') return events.push(rest);
    const [done, fail] = waiting.get(id) ?? [];
    waiting.delete(id);
    return type === 'success' ? done?.(result) : fail?.(new Error(JSON.stringify(rest)));
  };
  let count = 0;
  const send = (method, params = {}) => {
    count += 1;
    socket.send(JSON.stringify({ id: count, method, params }));
    return within(new Promise((...ways) => waiting.set(count, ways)), method);
  };
  const { capabilities } = await send('session.new', { capabilities: {} });
  const { contexts } = await send('browsingContext.getTree');
  const { context } = contexts[0];
  await send('session.subscribe', { events: ['network.beforeRequestSent', 'log.entryAdded'] });
  return {
    version: capabilities.browserVersion,
    /** What happened since it was last asked: requests and what was logged. */
    happened: () => events.splice(0),
    goto: (url) => send('browsingContext.navigate', { context, url, wait: 'interactive' }),
    resize: (width, height) => send('browsingContext.setViewport', { context, viewport: { width, height } }),
    /** What a function gives that runs in the page; as JSON. */
    async evaluate(run) {
      const expression = `JSON.stringify((${run})())`;
      const { result, exceptionDetails } = await send('script.evaluate', { expression, target: { context }, awaitPromise: true });
      if (exceptionDetails) throw new Error(exceptionDetails.text);
      return JSON.parse(result.value);
    },
    async close() {
      const gone = new Promise((exit) => child.once('exit', exit));
      socket.close();
      child.kill();
      await within(gone, 'end');
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
