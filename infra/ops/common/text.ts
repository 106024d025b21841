/** Text as people read it, in the look of the local command line (`tests/local/src/view`). */

/** Columns where nobody tells a terminal's width. */
export const PLAIN_WIDTH = 100;

/** `12,345`. */
export function count(number: number): string {
  return number.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** `1 key`, `2 keys`. */
export function plural(number: number, thing: string): string {
  return `${count(number)} ${thing}${number === 1 ? '' : 's'}`;
}

/** `1.2 s`, `3 min 20 s`, `2 h 5 min`: milliseconds in two units at most; below ten seconds with tenths. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 10) return `${(Math.floor(seconds * 10) / 10).toFixed(1)} s`;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60)];
  if (minutes === 0) return `${Math.floor(seconds)} s`;
  if (hours === 0) return `${minutes} min ${Math.floor(seconds) % 60} s`;
  return `${hours} h ${minutes % 60} min`;
}

/** `a`, `a and b`, `a, b and c`, each in backticks. */
export function quoted(words: readonly string[]): string {
  const all = words.map((word) => `\`${word}\``);
  const last = all.pop() ?? '';
  return all.length === 0 ? last : `${all.join(', ')} and ${last}`;
}

/** Breaks between words only, so that an ARN or a key stays whole, however long. */
export function wrap(text: string, width: number, first = '', rest = first): string {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = rest;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].join('\n');
}

/** Foreign text as one clean line. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}

/** A word as a POSIX shell reads it back. */
export function shellQuoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}
