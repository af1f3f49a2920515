import { type ReactNode, useEffect } from "react";
import { navigate } from "wouter/use-browser-location";
import { useMe } from "../state/queries";
import { ErrorNote } from "../ui/Notes";
import { ServerError } from "../wire/http";

interface SessionProps {
  children: ReactNode;
}

/** Sends visitors without a session to the login page, and back afterwards. */
export function Session({ children }: SessionProps) {
  const me = useMe();
  const loggedOut = me.error instanceof ServerError && me.error.status === 401;
  useEffect(() => {
    if (!loggedOut) return;
    const { pathname, search } = window.location;
    const next = pathname === "/" ? "" : `?next=${encodeURIComponent(pathname + search)}`;
    navigate(`/login${next}`, { replace: true });
  }, [loggedOut]);
  if (loggedOut) return null;
  if (me.error && !me.data) {
    return <ErrorNote error={me.error} what="This page" onRetry={() => void me.refetch()} />;
  }
  return children;
}
