/** Something that several users share and the last one ends. */
interface Closable {
  close(): Promise<void>;
}

/** Counts the users of resources by key: the first one makes a resource, the last one closes it. */
export class SharedResource<T extends Closable> {
  readonly #entries = new Map<string, { readonly made: Promise<T>; users: number }>();

  /**
   * @param make called when nobody holds the resource of this key
   * @returns the resource, and what gives it back; giving back twice is the same as once
   */
  async acquire(key: string, make: () => Promise<T>): Promise<{ resource: T; release: () => Promise<void> }> {
    const entry = this.#entries.get(key) ?? { made: make(), users: 0 };
    this.#entries.set(key, entry);
    entry.users++;
    let released: Promise<void> | null = null;
    const release = (): Promise<void> => (released ??= this.#giveBack(key, entry));
    try {
      return { resource: await entry.made, release };
    } catch (error) {
      // a failure is not kept: the next user tries anew
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }

  async #giveBack(key: string, entry: { readonly made: Promise<T>; users: number }): Promise<void> {
    if (--entry.users > 0) return;
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    await (await entry.made).close();
  }
}
