/** Objects of one key that are turned together. */

type Listener<T> = (value: T) => void;

const groups = new Map<string, Set<Listener<never>>>();

/** Hears what others of a group say, until what is returned is called. */
export function hear<T>(group: string, listener: Listener<T>): () => void {
  const members = groups.get(group) ?? new Set();
  groups.set(group, members);
  members.add(listener as Listener<never>);
  return () => {
    members.delete(listener as Listener<never>);
    if (members.size === 0) groups.delete(group);
  };
}

/** Tells all others of a group. */
export function tell<T>(group: string, value: T, self: Listener<T>): void {
  for (const listener of groups.get(group) ?? []) {
    if (listener !== (self as Listener<never>)) (listener as Listener<T>)(value);
  }
}
