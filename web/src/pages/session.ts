// Who writes: a token that is pasted, kept in the memory of this page and nowhere else, and sent as a header. So that it is not lost with
// each step, links and forms of the site are followed within the page from then on.
import { bar, h, home, main, say, tell } from './dom.ts';
import { go, whenPlaced } from './live.ts';

export interface Trouble {
  code: string;
  message: string;
  hint: string;
}

const ROLES = ['READ', 'EDIT', 'IMPORT', 'ADMIN'];
let token = '';
let role = 'READ';
const signedIn: (() => void)[] = [];

export const may = (needed: string) => token !== '' && ROLES.indexOf(role) >= ROLES.indexOf(needed);
export const whenSignedIn = (act: () => void) => signedIn.push(act);
export const headers = () => ({ Authorization: `Bearer ${token}` });

/** A name for a request, so that it is done once however often it is sent. */
export const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** What the server refuses with, as what is shown. */
export function troubles(errors: { message: string; extensions?: { code?: string; hint?: string } }[]): Trouble[] {
  return errors.map(({ message, extensions }) => ({ message, code: extensions?.code ?? '', hint: extensions?.hint ?? '' }));
}

/** Nobody answered. Sending again is safe: the key is the same. */
export const unanswered = (): Trouble => ({
  code: '',
  message: say('Er kwam geen antwoord.', 'There was no answer.'),
  hint: say('Verzend het opnieuw: het wordt één keer gedaan.', 'Send it again: it is done once.'),
});

/** Sentences about what went wrong, each with its code. Where the token is good no more, another one can be given: nothing that was filled in is lost. */
export function sentences(all: Trouble[]): HTMLElement {
  const lines = all.map(({ code, message, hint }) => h('li', {}, `${message}${hint ? `: ${hint}` : ''} `, h('code', {}, code)));
  const list = h('ul', { class: 'plain bad', lang: 'en' }, ...lines);
  if (token !== '' && all.some(({ code }) => code === 'UNAUTHENTICATED')) {
    const again = say('Meld je opnieuw aan; wat je invulde blijft staan', 'Sign in again; what you filled in stays');
    list.append(h('li', { lang: document.documentElement.lang }, h('button', { type: 'button', class: 'quiet', onclick: () => signIn(() => list.remove()) }, again)));
  }
  return list;
}

export async function ask(query: string, variables: object, secret = token): Promise<{ data?: any; errors: Trouble[] }> {
  try {
    const answer = await fetch(new URL('graphql', home), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(secret ? { Authorization: `Bearer ${secret}` } : {}) },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors = [] } = await answer.json();
    return { data, errors: troubles(errors) };
  } catch {
    return { errors: [unanswered()] };
  }
}

/** A dialog with a form: what is done with what is filled in says whether it is over. */
export function dialog(title: string, fields: (Node | string)[], done: string, act: (form: HTMLFormElement) => Promise<(Node | string)[] | null>) {
  const trouble = h('div', { role: 'alert' });
  const send = h('button', {}, done);
  const form = h(
    'form',
    {
      onsubmit: async (event) => {
        event.preventDefault();
        send.disabled = true;
        const said = await act(form);
        send.disabled = false;
        if (said) trouble.replaceChildren(...said);
        else box.close();
      },
    },
    ...fields,
    trouble,
    h('p', { class: 'row' }, send, h('button', { type: 'button', class: 'quiet', onclick: () => box.close() }, say('Annuleer', 'Cancel'))),
  );
  const heading = h('h2', { id: 'dialog' }, title);
  const box = h('dialog', { 'aria-labelledby': 'dialog', onclose: () => box.remove() }, heading, form);
  document.body.append(box);
  box.showModal();
  return { form, trouble, box };
}

function signIn(done?: () => void): void {
  const field = h('input', { id: 'token', name: 'token', type: 'password', autocomplete: 'off', required: true, spellcheck: 'false' });
  dialog(
    say('Aanmelden om te schrijven', 'Sign in to write'),
    [
      h('p', {}, say('Plak je token. Het blijft in het geheugen van deze pagina, en is weg als je ze sluit of herlaadt.', 'Paste your token. It stays in the memory of this page, and is gone when you close or reload it.')),
      h('label', { for: 'token' }, 'Token'),
      field,
    ],
    say('Aanmelden', 'Sign in'),
    async () => {
      const secret = field.value.trim();
      const { data, errors } = await ask('{ viewer { name role bodyKeys } }', {}, secret);
      if (errors.length > 0) return [sentences(errors)];
      const viewer = data.viewer as { name: string; role: string; bodyKeys: string[] };
      const isAgain = token !== '';
      token = secret;
      role = viewer.role;
      const bodies = viewer.bodyKeys.length > 0 ? say(`, voor ${viewer.bodyKeys.join(', ')}`, `, for ${viewer.bodyKeys.join(', ')}`) : '';
      const out = h('button', { type: 'button', class: 'quiet', onclick: signOut }, say('Afmelden', 'Sign out'));
      const who = h('span', {}, `${say('Aangemeld als', 'Signed in as')} `, h('strong', {}, viewer.name), `${bodies} `, h('span', { class: 'tag' }, viewer.role));
      if (isAgain) {
        bar.querySelector('.who > span')?.replaceWith(who);
        done?.();
        return null;
      }
      bar.prepend(h('div', { class: 'row who' }, who, out));
      document.querySelector('.signin')?.remove();
      const words = role === 'READ' ? say('Dit token leest alleen.', 'This token only reads.') : say('Je kunt nu wijzigen wat een knop heeft.', 'You can now change what has a button.');
      tell(`${say('Aangemeld met de rol', 'Signed in with the role')} ${viewer.role}. ${words}`);
      for (const act of signedIn) act();
      return null;
    },
  );
}

function signOut(): void {
  token = '';
  // Nothing is kept: the page as it was.
  location.reload();
}

function offer(): void {
  if (token || document.querySelector('.signin') || !document.querySelector('script[data-revision]')) return;
  document.querySelector('.top > .wrap')?.append(h('button', { type: 'button', class: 'quiet signin', onclick: () => signIn() }, say('Aanmelden', 'Sign in')));
}

/** Whether an address is one of ours that shows a page; files open beside it. */
const isPage = (address: URL) => address.origin === location.origin && address.pathname.startsWith(home.pathname) && !/\/(graphiql|export)\/|\.(csv|json|svg|graphql|md|png|xlsx|zip)$/.test(address.pathname);

async function open(address: URL): Promise<void> {
  if (isPage(address) && (await go(address.href))) return;
  // What opens there gets no hold of this page, which has the token.
  window.open(address.href, '_blank', 'noopener');
}

function stay(): void {
  document.addEventListener('click', (event) => {
    const link = (event.target as Element).closest?.('a');
    if (!token || !link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || link.target || link.hasAttribute('download')) return;
    const address = new URL(link.href);
    if (address.hash && address.href.split('#')[0] === location.href.split('#')[0]) return;
    event.preventDefault();
    void open(address);
  });
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement;
    if (!token || event.defaultPrevented || form.method !== 'get' || form.closest('dialog')) return;
    event.preventDefault();
    const address = new URL(form.action);
    address.search = String(new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)])));
    void open(address);
  });
  addEventListener('popstate', () => void (token && go(location.href, true)));
}

/** Offers to sign in, on pages that can change. */
export function session(): void {
  offer();
  whenPlaced(offer);
  stay();
  main()?.setAttribute('tabindex', '-1');
}
