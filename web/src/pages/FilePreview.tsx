import { previewOf } from "../state/fileTree";
import { useFileText } from "../state/queries";
import { Dialog, ErrorNote, Skeleton } from "../ui";
import type { RunFile } from "../wire/shapes";
import styles from "./FilePreview.module.css";

interface FilePreviewProps {
  file: RunFile;
  onClose: () => void;
}

/** A look into a file. Text is shown as text, whatever it says. */
export function FilePreview({ file, onClose }: FilePreviewProps) {
  const kind = previewOf(file);
  const text = useFileText(file.url, kind === "text");
  return (
    <Dialog title={file.name} wide onClose={onClose}>
      {kind === "image" && <img className={styles["image"]} src={file.url} alt={file.name} />}
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
