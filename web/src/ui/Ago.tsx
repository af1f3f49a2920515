import { formatAgo, formatDate, formatUtc } from "./format";
import { useNow } from "./time";

interface AgoProps {
  at: string | null;
}

/** How long ago; the date in local time and in UTC on hover. */
export function Ago({ at }: AgoProps) {
  const now = useNow();
  const then = at === null ? Number.NaN : Date.parse(at);
  if (at === null || Number.isNaN(then)) return <span>–</span>;
  return (
    <time dateTime={at} title={`${formatDate(then)}\n${formatUtc(then)}`}>
      {formatAgo(then, now)}
    </time>
  );
}
