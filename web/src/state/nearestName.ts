/** How many letters have to be put in, taken out or changed. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const kept = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(kept, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The name that was probably meant, null when none comes close. */
export function nearestName(wanted: string, names: readonly string[]): string | null {
  const far = Math.max(2, Math.floor(wanted.length / 2));
  let best: string | null = null;
  let least = far + 1;
  for (const name of names) {
    const away = distance(wanted.toLowerCase(), name.toLowerCase());
    if (away < least) {
      least = away;
      best = name;
    }
  }
  return best;
}
