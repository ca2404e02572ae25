// Numbers that look random and are the same for the same seed, on every machine.

export class Dice {
  #state;

  /** Each case has dice of its own, so that one case can be made again without those before it. */
  constructor(seed, number) {
    this.#state = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul((number | 0) + 1, 0x85ebca6b)) | 0;
    for (let warm = 0; warm < 4; warm += 1) this.#next();
  }

  #next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A whole number from 0 to below the limit. */
  below(limit) {
    return Math.floor((this.#next() / 4294967296) * limit);
  }

  /** A whole number from one to the other, both included. */
  between(from, to) {
    return from + this.below(to - from + 1);
  }

  chance(probability) {
    return this.#next() / 4294967296 < probability;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  shuffled(list) {
    const items = [...list];
    for (let index = items.length - 1; index > 0; index -= 1) {
      const other = this.below(index + 1);
      [items[index], items[other]] = [items[other], items[index]];
    }
    return items;
  }
}
