import { useRef } from "react";
import { queryClient } from "../state/queries";
import { Button } from "../ui";
import { logOut } from "../wire/api";
import type { Me } from "../wire/shapes";
import styles from "./UserMenu.module.css";

interface UserMenuProps {
  me: Me;
}

async function leave(): Promise<void> {
  await logOut();
  queryClient.clear();
  window.location.assign("/login");
}

export function UserMenu({ me }: UserMenuProps) {
  const details = useRef<HTMLDetailsElement>(null);
  return (
    <details
      ref={details}
      className={styles["menu"]}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) event.currentTarget.open = false;
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape" && details.current) details.current.open = false;
      }}
    >
      <summary title={me.name} aria-label={`${me.name}: account`}>
        {me.name.slice(0, 1).toUpperCase()}
      </summary>
      <div className={styles["sheet"]}>
        <p className={styles["who"]}>
          <strong>{me.name}</strong>
          {me.admin && <span> · admin</span>}
        </p>
        <p className={styles["server"]}>
          Ferrule {me.server.version}
          {me.server.local && ", on this machine"}
        </p>
        <Button onClick={() => void leave()}>Log out</Button>
      </div>
    </details>
  );
}
