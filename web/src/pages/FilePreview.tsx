import { lazy, Suspense } from "react";
import { previewOf } from "../state/fileTree";
import { useFileText } from "../state/queries";
import { Dialog, ErrorNote, Skeleton } from "../ui";
import type { RunPath } from "../wire/api";
import type { RunFile } from "../wire/shapes";
import styles from "./FilePreview.module.css";

const TableView = lazy(() => import("../media/TableView"));

interface FilePreviewProps {
  path: RunPath;
  file: RunFile;
  onClose: () => void;
}

/** A look into a file. Text is shown as text, whatever it says; tables are read by the server. */
export function FilePreview({ path, file, onClose }: FilePreviewProps) {
  const kind = previewOf(file);
  const text = useFileText(file.url, kind === "text");
  return (
    <Dialog title={file.name} wide onClose={onClose}>
      {kind === "image" && <img className={styles["image"]} src={file.url} alt={file.name} />}
      {kind === "table" && (
        <div className={styles["table"]}>
          <Suspense fallback={<Skeleton rows={8} rowHeight={30} label="Loading" />}>
            <TableView
              item={{ index: 0, path: file.name, caption: null, fields: { path: file.name } }}
              path={path}
              run={path.run}
              keyName={file.name}
              label={file.name}
            />
          </Suspense>
        </div>
      )}
      {kind === "text" && text.isLoading && <Skeleton rows={8} rowHeight={20} label="Loading" />}
      {text.error && (
        <ErrorNote small error={text.error} what="The file" onRetry={() => void text.refetch()} />
      )}
      {text.data !== undefined && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too
        <pre className={styles["text"]} tabIndex={0}>
          {text.data}
        </pre>
      )}
    </Dialog>
  );
}
