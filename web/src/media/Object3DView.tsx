import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useDark } from "../state/theme";
import { ErrorNote } from "../ui";
import { readFile } from "../wire/api";
import { Broken } from "./Broken";
import { hear, tell } from "./linked";
import styles from "./Media.module.css";
import type { ItemViewProps } from "./registry";
import { isSomewhere, type Pose, readersOf, Scene } from "./scene";

/** A cloud of points or a mesh, to be turned by hand. */
export default function Object3DView({ item, urlOf, label, choice, keyName }: ItemViewProps) {
  const frame = useRef<HTMLDivElement>(null);
  const shown = useRef<Scene | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const dark = useDark();
  const url = urlOf(item.path);
  const read = readersOf(item.path ?? "");
  const file = useQuery({
    queryKey: ["bytes", item.path],
    queryFn: async ({ signal }) => (await readFile(url ?? "", signal)).arrayBuffer(),
    enabled: url !== null && read !== null,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const space = useRef(choice.space);
  useEffect(() => {
    space.current = choice.space;
    shown.current?.show(choice.space);
  }, [choice.space]);
  useEffect(() => {
    if (!file.data || !frame.current || !read) return;
    let dropped = false;
    const follow = (pose: Pose): void => {
      if (space.current.linked) shown.current?.pose(pose);
    };
    const show = async (place: HTMLElement, bytes: ArrayBuffer): Promise<void> => {
      const object = await read(bytes);
      if (dropped) return;
      if (!isSomewhere(object)) throw new Error("the file holds nothing to draw.");
      const turned = (pose: Pose): void => {
        if (space.current.linked) tell(keyName, pose, follow);
      };
      shown.current = new Scene(place, object, dark, space.current, turned);
      setFailed(null);
    };
    show(frame.current, file.data).catch((cause: unknown) =>
      setFailed(cause instanceof Error ? cause.message : String(cause)),
    );
    const deaf = hear(keyName, follow);
    return () => {
      dropped = true;
      deaf();
      shown.current?.close();
      shown.current = null;
    };
  }, [file.data, read, dark, keyName]);
  if (url === null) return <Broken>The object’s file is not known.</Broken>;
  if (!read) return <Broken url={url}>This page doesn’t read the file’s format.</Broken>;
  if (file.error) {
    return (
      <ErrorNote small error={file.error} what="The object" onRetry={() => void file.refetch()} />
    );
  }
  if (failed !== null) return <Broken url={url}>{`It can’t be drawn: ${failed}`}</Broken>;
  return (
    <div
      ref={frame}
      className={styles["scene"]}
      role="img"
      aria-label={`${label}; arrows move it, with Shift they turn it`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is turned by keyboard, too
      tabIndex={0}
      data-arrows=""
    />
  );
}
