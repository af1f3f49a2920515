import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useDark } from "../state/theme";
import { ErrorNote } from "../ui";
import { readFile } from "../wire/api";
import { Broken } from "./Broken";
import styles from "./Media.module.css";
import type { ItemViewProps } from "./registry";
import { isSomewhere, readersOf, Scene } from "./scene";

/** A cloud of points or a mesh, to be turned by hand. */
export default function Object3DView({ item, urlOf, label }: ItemViewProps) {
  const frame = useRef<HTMLDivElement>(null);
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
  useEffect(() => {
    if (!file.data || !frame.current || !read) return;
    let scene: Scene | null = null;
    let dropped = false;
    const show = async (place: HTMLElement, bytes: ArrayBuffer): Promise<void> => {
      const object = await read(bytes);
      if (dropped) return;
      if (!isSomewhere(object)) throw new Error("the file holds nothing to draw.");
      scene = new Scene(place, object, dark);
      setFailed(null);
    };
    show(frame.current, file.data).catch((cause: unknown) =>
      setFailed(cause instanceof Error ? cause.message : String(cause)),
    );
    return () => {
      dropped = true;
      scene?.close();
    };
  }, [file.data, read, dark]);
  if (url === null) return <Broken>The object’s file is not known.</Broken>;
  if (!read) return <Broken url={url}>This page doesn’t read the file’s format.</Broken>;
  if (file.error) {
    return (
      <ErrorNote small error={file.error} what="The object" onRetry={() => void file.refetch()} />
    );
  }
  if (failed !== null) return <Broken url={url}>{`It can’t be drawn: ${failed}`}</Broken>;
  return <div ref={frame} className={styles["scene"]} role="img" aria-label={label} />;
}
