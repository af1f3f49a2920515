import { useMe } from "../state/queries";
import { Snippet } from "../ui";
import styles from "./Page.module.css";

/** Where the released clients send people for their key. */
export function AuthorizePage() {
  const me = useMe();
  return (
    <div className={styles["narrow"]}>
      <h1>Your API key</h1>
      <p>
        The server keeps only a hash of each key, so it can’t show yours again. On the machine that
        runs the server, this prints the owner’s key, or makes a person and prints theirs:
      </p>
      <Snippet
        label="Terminal"
        text={`ferrule user key\nferrule user add ${me.data?.name ?? "NAME"}`}
      />
    </div>
  );
}
