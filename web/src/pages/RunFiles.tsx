import { useMemo, useState } from "react";
import { baseName, foldersOf, previewOf } from "../state/fileTree";
import { useFiles } from "../state/queries";
import { matcher } from "../state/sections";
import { Ago, EmptyNote, ErrorNote, Icon, SearchBox, Skeleton } from "../ui";
import { formatBytes, plural } from "../ui/format";
import type { RunPath } from "../wire/api";
import type { RunFile } from "../wire/shapes";
import { FilePreview } from "./FilePreview";
import styles from "./RunFiles.module.css";

interface RunFilesProps {
  path: RunPath;
}

export function RunFiles({ path }: RunFilesProps) {
  const query = useFiles(path);
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState<RunFile | null>(null);
  const folders = useMemo(() => {
    const wanted = matcher(search);
    return foldersOf((query.data ?? []).filter((file) => wanted(file.name)));
  }, [query.data, search]);
  if (query.error && !query.data) {
    return <ErrorNote error={query.error} what="The files" onRetry={() => void query.refetch()} />;
  }
  const bytes = (query.data ?? []).reduce((sum, file) => sum + file.size, 0);
  return (
    <div className={styles["page"]}>
      {!query.data && <Skeleton rows={8} rowHeight={34} label="Loading files" />}
      {query.data?.length === 0 && (
        <EmptyNote title="No files">
          <p>
            This run has saved none. <code>run.save()</code> keeps files with their run.
          </p>
        </EmptyNote>
      )}
      {query.data && query.data.length > 0 && (
        <>
          <div className={styles["bar"]}>
            <div className={styles["search"]}>
              <SearchBox label="Search files" value={search} onChange={setSearch} shortcut />
            </div>
            <span className={styles["sum"]}>
              {plural(query.data.length, "file")}, {formatBytes(bytes)}
            </span>
          </div>
          {folders.length === 0 && <p className={styles["none"]}>No file matches “{search}”.</p>}
          {folders.map((folder) => (
            <section key={folder.path} className={styles["folder"]}>
              {folder.path !== "" && (
                <h2>
                  <Icon name="folder" size={14} /> {folder.path}
                  <span className={styles["sum"]}>{formatBytes(folder.bytes)}</span>
                </h2>
              )}
              <ul>
                {folder.files.map((file) => (
                  <FileRow key={file.name} file={file} onOpen={setOpen} />
                ))}
              </ul>
            </section>
          ))}
        </>
      )}
      {open && <FilePreview path={path} file={open} onClose={() => setOpen(null)} />}
    </div>
  );
}

interface FileRowProps {
  file: RunFile;
  onOpen: (file: RunFile) => void;
}

function FileRow({ file, onOpen }: FileRowProps) {
  const name = baseName(file.name);
  return (
    <li className={styles["row"]}>
      <Icon name="file" size={14} />
      {previewOf(file) ? (
        <button type="button" className={styles["name"]} onClick={() => onOpen(file)}>
          {name}
        </button>
      ) : (
        <span className={styles["plain"]}>{name}</span>
      )}
      <span className={styles["size"]}>{formatBytes(file.size)}</span>
      <span className={styles["when"]}>
        <Ago at={file.updated_at} />
      </span>
      <a href={file.url} download={name} className={styles["download"]} title={`Download ${name}`}>
        <Icon name="download" size={15} />
        <span className="visually-hidden">Download {name}</span>
      </a>
    </li>
  );
}
