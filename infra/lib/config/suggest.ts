/** "Did you mean": the nearest of the words that are allowed. */

/**
 * How many letters have to be changed, added, left out or swapped with their neighbour to turn `a` into `b`.
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const change = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const least = Math.min(change, (last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(swapped ? Math.min(least, (beforeLast[column - 2] ?? 0) + 1) : least);
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length] ?? 0;
}

/**
 * The allowed word nearest to `given` whatever its case, if it is near enough to be a slip: a third of its
 * letters.
 */
export function nearest(given: string, allowed: Iterable<string>): string | undefined {
  const most = Math.max(1, Math.floor(given.length / 3));
  let best: { word: string; distance: number } | undefined;
  for (const word of allowed) {
    // Words whose lengths differ by more cannot be near, and measuring six hundred time zones takes its time.
    if (Math.abs(word.length - given.length) > most) continue;
    const distance = editDistance(given.toLowerCase(), word.toLowerCase());
    if (distance <= most && distance < (best?.distance ?? Number.POSITIVE_INFINITY))
      best = { word, distance };
  }
  return best?.word;
}

/** Words in quotes, for error texts: `"a", "b" and "c"`. */
export function listed(words: readonly string[], last = 'and'): string {
  const quoted = words.map((word) => `"${word}"`);
  return quoted.length < 2
    ? quoted.join('')
    : `${quoted.slice(0, -1).join(', ')} ${last} ${quoted.at(-1) ?? ''}`;
}
