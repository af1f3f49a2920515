import { type FormEvent, useState } from "react";
import { navigate, useSearch } from "wouter/use-browser-location";
import { queryClient } from "../state/queries";
import { Button, Snippet } from "../ui";
import { Mark } from "../ui/Mark";
import { logIn } from "../wire/api";
import styles from "./Login.module.css";

/** Only paths of this page: a link to the login page may not lead elsewhere afterwards. */
export function safeNext(query: string): string {
  const next = new URLSearchParams(query).get("next") ?? "/";
  return /^\/(?![/\\])/.test(next) ? next : "/";
}

export function LoginPage() {
  const search = useSearch();
  const [key, setKey] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await logIn(key.trim());
      queryClient.clear();
      navigate(safeNext(search), { replace: true });
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
      setBusy(false);
    }
  };
  return (
    <main className={styles["page"]}>
      <form className={styles["card"]} onSubmit={(event) => void submit(event)}>
        <Mark size={32} />
        <h1>Log in to Ferrule</h1>
        <p className={styles["where"]}>{window.location.host}</p>
        <label className={styles["field"]}>
          API key
          <input
            type="password"
            name="api-key"
            autoComplete="current-password"
            spellCheck={false}
            required
            // biome-ignore lint/a11y/noAutofocus: the field is all there is to do here
            autoFocus
            value={key}
            aria-invalid={error !== null}
            aria-describedby={error ? "login-error" : undefined}
            onChange={(event) => setKey(event.target.value)}
          />
        </label>
        {error && (
          <p id="login-error" role="alert" className={styles["error"]}>
            {error}
          </p>
        )}
        <Button look="primary" type="submit" disabled={busy}>
          {busy ? "Logging in…" : "Log in"}
        </Button>
        <details className={styles["help"]}>
          <summary>Where do I find it?</summary>
          <p>
            The link that <code>wandb.init()</code> prints logs you in by itself. Or ask on the
            machine that runs this server:
          </p>
          <Snippet label="Terminal" text="ferrule user key" />
        </details>
      </form>
    </main>
  );
}
