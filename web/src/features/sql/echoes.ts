/**
 * Texts that an editor told its owner, until they come back as its value. One that comes back late is
 * older than what was typed meanwhile, and must not take its place.
 */
export class Echoes {
  #told: string[] = [];

  tell(text: string) {
    this.#told.push(text);
  }

  /** Whether this value is one that was told; those before it will not come any more. */
  isEcho(value: string): boolean {
    const at = this.#told.lastIndexOf(value);
    this.#told = at < 0 ? [] : this.#told.slice(at + 1);
    return at >= 0;
  }
}
