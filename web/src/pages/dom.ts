// The few things that every part of the pages' module needs: texts in the page's language, and elements.

/** The one of two texts that is in the page's language. */
export const say = (dutch: string, english: string) => (document.documentElement.lang === 'nl' ? dutch : english);

type Attributes = Record<string, string | boolean | ((event: Event) => void)>;

/** An element; what begins with `on` listens. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(attribute.slice(2), value);
    else if (value !== false) element.setAttribute(attribute, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}

/** The home page: everything lies below it, whatever path a proxy put before. It is the same on all pages. */
export const home = new URL(document.querySelector<HTMLElement>('script[data-home]')?.dataset['home'] ?? './', location.href);

export const main = () => document.querySelector('main');

/** What is said to whoever looks, and to screen readers. It stays when the page below it changes. */
const told = h('div', { class: 'told', role: 'status' });

/** Where the module's own things stand: above the content. */
export const bar = h('section', { class: 'wrap bar', 'aria-label': say('Meldingen en wijzigen', 'Messages and changes') }, told);

/** Puts the bar on the page that is there now. */
export function placeBar(): void {
  main()?.before(bar);
}

export function tell(...what: (Node | string)[]): void {
  told.replaceChildren(...(what.length > 0 ? [h('p', {}, ...what)] : []));
}
