// Which photos of a list are chosen: by mouse, keys, or as a range with shift.
import { SvelteSet } from 'svelte/reactivity';

export class Selection {
  readonly chosen = new SvelteSet<number>();
  #ids: () => number[];
  #last = 0; // Chosen last: the other end of a range.

  /** `ids` are those of the list, in its order. */
  constructor(ids: () => number[]) {
    this.#ids = ids;
  }
  has(id: number): boolean {
    return this.chosen.has(id);
  }
  clear(): void {
    this.chosen.clear();
    this.#last = 0;
  }
  all(): void {
    this.#ids().forEach((id) => this.chosen.add(id));
  }
  choose(id: number, isChosen: boolean, isRange: boolean): void {
    const ids = this.#ids();
    const ends = [ids.indexOf(id), isRange ? ids.indexOf(this.#last) : -1];
    const [from, to] = ends.sort((a, b) => a - b) as [number, number];
    for (const each of from < 0 ? [id] : ids.slice(from, to + 1)) {
      if (isChosen) this.chosen.add(each);
      else this.chosen.delete(each);
    }
    this.#last = id;
  }
}
