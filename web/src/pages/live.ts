// The page as it is now: when somebody commits, it is fetched again, and what changed is put in place, marked and said.
import { bar, h, home, main, placeBar, say, tell } from './dom.ts';
import { makeAllSortable, sorted } from './sort.ts';

interface Commit {
  revision: number;
  author: string;
  reason: string;
}

/** Commits of this page itself: they are told where they are made. */
const own = new Set<number>();
/** What is done with a page that has just been put in place. */
const onPlaced: (() => void)[] = [];
let shown = main()?.innerHTML ?? '';
let seen = Number(document.querySelector<HTMLElement>('script[data-revision]')?.dataset['revision'] ?? NaN);
let stream: EventSource | undefined;
/** Who goes to two pages at once comes to the last. */
let turns = 0;

export const whenPlaced = (act: () => void) => onPlaced.push(act);

async function fetched(address: string): Promise<Document | null> {
  const answer = await fetch(address, { headers: { Accept: 'text/html' }, cache: 'no-cache' });
  if (!answer.headers.get('content-type')?.startsWith('text/html')) return null;
  return new DOMParser().parseFromString(await answer.text(), 'text/html');
}

/** Whether somebody has begun to fill in a form of the page: then it is not taken away. */
const isBegun = () =>
  [...(main()?.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input, select') ?? [])].some((field) =>
    field instanceof HTMLSelectElement
      ? [...field.options].some((option) => option.selected !== option.defaultSelected && option.defaultSelected)
      : field.type !== 'hidden' && field.value !== field.defaultValue,
  );

/** Leads to what has the focus, also when it is made anew. */
function focused(): string | null {
  const active = document.activeElement;
  if (!active || !main()?.contains(active)) return null;
  if (active.id) return `#${CSS.escape(active.id)}`;
  const edited = active.closest<HTMLElement>('[data-key]');
  if (edited && active.matches('button')) return `[data-key="${CSS.escape(edited.dataset['key'] ?? '')}"] button.edit`;
  const href = active.getAttribute('href');
  return href === null ? null : `main a[href="${CSS.escape(href)}"]`;
}

/** Puts another state of the page in place, and marks what is new; how many rows that are. */
function place(next: Document): number {
  const [old, fresh] = [main(), next.querySelector('main')];
  if (!old || !fresh) return 0;
  shown = fresh.innerHTML;
  const focus = focused();
  const open = [...old.querySelectorAll('details')].map((it) => it.open);
  const orders = sorted();
  const scrolled = [...old.querySelectorAll('.wide')].map((it) => it.scrollLeft);
  const texts = (of: Element) => [...of.querySelectorAll('tr, li, .tiles > div')].map((it) => [it, it.textContent ?? ''] as const);
  for (const button of old.querySelectorAll('button.edit')) button.remove();
  const before = new Set(texts(old).map(([, text]) => text));
  const changed = texts(fresh).filter(([, text]) => !before.has(text));
  for (const [element] of changed) element.classList.add('changed');
  old.replaceWith(fresh);
  const footer = next.querySelector('footer');
  if (footer) document.querySelector('footer')?.replaceWith(footer);
  for (const [index, it] of fresh.querySelectorAll('details').entries()) it.open ||= open[index] ?? false;
  makeAllSortable(orders);
  for (const [index, it] of fresh.querySelectorAll('.wide').entries()) it.scrollLeft = scrolled[index] ?? 0;
  for (const act of onPlaced) act();
  if (focus) document.querySelector<HTMLElement>(focus)?.focus({ preventScroll: true });
  return changed.length;
}

/** Shows the state of now; whether anything of the page is another. */
export async function refresh(): Promise<boolean> {
  const address = location.href;
  const next = await fetched(address).catch(() => null);
  if (address !== location.href) return false;
  if (!next || next.querySelector('main')?.innerHTML === shown) return false;
  place(next);
  return true;
}

/** A commit of ours is not told as somebody else's. */
export function isOurs(revision: number): void {
  own.add(revision);
}

async function committed(commit: Commit): Promise<void> {
  if (own.has(commit.revision)) return;
  const address = location.href;
  const next = await fetched(address).catch(() => null);
  // Somebody went on to another page meanwhile: it may have been made before the commit.
  if (address !== location.href) return committed(commit);
  // It may have been ours after all: the answer to a write can come later than what is told of it.
  if (!next || own.has(commit.revision) || next.querySelector('main')?.innerHTML === shown) return;
  const who = say(
    `${commit.author} heeft het register gewijzigd (revisie ${commit.revision}: ${commit.reason}). `,
    `${commit.author} has changed the register (revision ${commit.revision}: ${commit.reason}). `,
  );
  if (isBegun()) {
    const show = h('button', { class: 'quiet', type: 'button', onclick: () => (place(next), tell()) }, say('Toon de nieuwe toestand', 'Show the new state'));
    tell(who, show);
    return;
  }
  const rows = place(next);
  tell(who, say(`Deze pagina toont het al; ${rows} plaatsen zijn gemerkt.`, `This page shows it already; ${rows} places are marked.`));
}

function listen(): void {
  if (stream || document.hidden || Number.isNaN(seen)) return;
  const address = new URL('graphql/stream', home);
  const query = 'subscription($after: Revision) { changes(after: $after) { commit { revision author reason } } }';
  address.search = String(new URLSearchParams({ query, variables: JSON.stringify({ after: seen }) }));
  stream = new EventSource(address);
  stream.addEventListener('next', (event: MessageEvent<string>) => {
    const commit = JSON.parse(event.data).data?.changes?.commit as Commit | undefined;
    if (!commit || commit.revision <= seen) return;
    seen = commit.revision;
    void committed(commit);
  });
  stream.addEventListener('complete', stop);
}

function stop(): void {
  stream?.close();
  stream = undefined;
}

/** Follows the register as long as somebody looks: browsers keep few connections to one server open, and pages are many. */
export function follow(): void {
  listen();
  document.addEventListener('visibilitychange', () => (document.hidden ? stop() : listen()));
  addEventListener('pagehide', stop);
  addEventListener('pageshow', listen);
}

/** Goes to another page of the site without leaving this one; whether that is possible. */
export async function go(address: string, isBack = false): Promise<boolean> {
  const turn = (turns += 1);
  const next = await fetched(address).catch(() => null);
  if (turn !== turns) return true;
  const script = next?.querySelector<HTMLElement>('script[data-home]');
  if (!next || !script) return false;
  // It is written as seen from this page.
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  if (icon) icon.href = icon.href;
  if (!isBack) history.pushState(null, '', address);
  shown = next.querySelector('main')?.innerHTML ?? '';
  document.title = next.title;
  document.documentElement.lang = next.documentElement.lang;
  document.body.replaceChildren(...next.body.childNodes);
  placeBar();
  bar.hidden = false;
  makeAllSortable();
  for (const act of onPlaced) act();
  const revision = Number(script.dataset['revision'] ?? NaN);
  if (Number.isNaN(revision)) stop();
  else if (!stream) {
    seen = Math.max(revision, Number.isNaN(seen) ? 0 : seen);
    listen();
  }
  const place = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  const title = place ?? document.querySelector('h1');
  title?.setAttribute('tabindex', '-1');
  title?.focus({ preventScroll: true });
  if (place) place.scrollIntoView();
  else if (!isBack) scrollTo(0, 0);
  return true;
}
