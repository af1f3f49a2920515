import { useState } from "react";
import { Button, Icon, IconButton } from "../ui";
import { plural } from "../ui/format";
import type { Condition, TableColumn, TablePage } from "../wire/media";
import styles from "./TableToolbar.module.css";
import {
  type ChangeTable,
  operatorsOf,
  type TableView,
  typedValue,
  WITHOUT_VALUE,
} from "./tableState";

interface TableToolbarProps {
  head: TablePage | null;
  view: TableView;
  change: ChangeTable;
}

/** What is shown of a table: how many rows, grouped by what, and the filter. */
export function TableToolbar({ head, view, change }: TableToolbarProps) {
  const [open, setOpen] = useState(false);
  const columns = head?.columns ?? [];
  const filters = view.conditions.length + (view.expression === "" ? 0 : 1);
  return (
    <div className={styles["tools"]}>
      <div className={styles["bar"]}>
        <span className={styles["count"]} aria-live="polite">
          {head && countText(head)}
        </span>
        <Button look="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name="search" size={13} /> Filter{filters > 0 ? ` (${filters})` : ""}
        </Button>
        <label className={styles["group"]}>
          Group by
          <select
            value=""
            onChange={({ target }) =>
              target.value && change({ group: [...view.group, target.value], sort: [] })
            }
          >
            <option value="">{view.group.length === 0 ? "nothing" : "add a column"}</option>
            {columns
              .filter((column) => !view.group.includes(column.name))
              .map((column) => (
                <option key={column.name} value={column.name}>
                  {column.name}
                </option>
              ))}
          </select>
        </label>
        {view.group.map((name) => (
          <button
            key={name}
            type="button"
            className={styles["chip"]}
            title={`Don’t group by ${name}`}
            onClick={() => change({ group: view.group.filter((one) => one !== name), sort: [] })}
          >
            <span>{name}</span>
            <Icon name="close" size={11} />
          </button>
        ))}
        {view.group.length > 0 && (
          <label className={styles["group"]}>
            <input
              type="checkbox"
              checked={view.log}
              onChange={({ target }) => change({ log: target.checked })}
            />
            Logarithmic counts
          </label>
        )}
      </div>
      {open && <FilterForm columns={columns} view={view} change={change} />}
    </div>
  );
}

function countText(head: TablePage): string {
  const rows =
    head.matching === head.total
      ? plural(head.total, "row")
      : `${head.matching.toLocaleString("en-US")} of ${plural(head.total, "row")}`;
  return head.total_groups > 0 ? `${plural(head.total_groups, "group")}, ${rows}` : rows;
}

interface FilterFormProps {
  columns: readonly TableColumn[];
  view: TableView;
  change: ChangeTable;
}

function FilterForm({ columns, view, change }: FilterFormProps) {
  const { conditions } = view;
  const put = (at: number, condition: Condition): void =>
    change({ conditions: conditions.map((old, place) => (place === at ? condition : old)) });
  const [first] = columns;
  const [expression, setExpression] = useState(view.expression);
  return (
    <div className={styles["filter"]}>
      {conditions.map((condition, at) => (
        <ConditionRow
          // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no name but their place
          key={at}
          columns={columns}
          condition={condition}
          onChange={(next) => put(at, next)}
          onRemove={() => change({ conditions: conditions.filter((_, place) => place !== at) })}
        />
      ))}
      <div className={styles["bar"]}>
        <Button
          disabled={!first}
          onClick={() => first && change({ conditions: [...conditions, startOf(first)] })}
        >
          Add a condition
        </Button>
        {conditions.length > 1 && (
          <label className={styles["group"]}>
            Rows that meet
            <select
              value={view.any ? "any" : "all"}
              onChange={({ target }) => change({ any: target.value === "any" })}
            >
              <option value="all">all</option>
              <option value="any">any</option>
            </select>
          </label>
        )}
      </div>
      <form
        className={styles["bar"]}
        onSubmit={(event) => {
          event.preventDefault();
          change({ expression: expression.trim() });
        }}
      >
        <label className={styles["expression"]}>
          Expression
          <input
            value={expression}
            placeholder={`row["${first?.name ?? "loss"}"] = 1`}
            onChange={({ target }) => setExpression(target.value)}
          />
        </label>
        <Button type="submit">Apply</Button>
      </form>
    </div>
  );
}

const startOf = ({ name, kind }: TableColumn): Condition => ({
  column: name,
  op: operatorsOf(kind)[0]?.[0] ?? "exists",
  value: kind === "boolean" ? true : kind === "number" ? 0 : "",
});

interface ConditionRowProps {
  columns: readonly TableColumn[];
  condition: Condition;
  onChange: (condition: Condition) => void;
  onRemove: () => void;
}

function ConditionRow({ columns, condition, onChange, onRemove }: ConditionRowProps) {
  const kind = columns.find((column) => column.name === condition.column)?.kind ?? "text";
  const [text, setText] = useState(condition.value === null ? "" : String(condition.value));
  const say = (typed: string): void => {
    const value = typedValue(kind, typed);
    if (value !== null) onChange({ ...condition, value });
  };
  return (
    <div className={styles["condition"]}>
      <select
        aria-label="Column"
        value={condition.column}
        onChange={({ target }) => {
          const column = columns.find((one) => one.name === target.value);
          if (!column) return;
          const start = startOf(column);
          setText(String(start.value));
          onChange(start);
        }}
      >
        {columns.map((column) => (
          <option key={column.name} value={column.name}>
            {column.name}
          </option>
        ))}
      </select>
      <select
        aria-label="Comparison"
        value={condition.op}
        onChange={({ target }) => onChange({ ...condition, op: target.value })}
      >
        {operatorsOf(kind).map(([op, word]) => (
          <option key={op} value={op}>
            {word}
          </option>
        ))}
        {!operatorsOf(kind).some(([op]) => op === condition.op) && (
          <option value={condition.op}>{condition.op.replace("_", " ")}</option>
        )}
      </select>
      {!WITHOUT_VALUE.has(condition.op) && kind === "boolean" && (
        <select
          aria-label="Value"
          value={String(condition.value)}
          onChange={({ target }) => say(target.value)}
        >
          <option value="true">true</option>
          <option value="false">false</option>
        </select>
      )}
      {!WITHOUT_VALUE.has(condition.op) &&
        kind !== "boolean" &&
        !Array.isArray(condition.value) && (
          <input
            aria-label="Value"
            value={text}
            onChange={({ target }) => setText(target.value)}
            onBlur={() => say(text)}
            onKeyDown={(event) => event.key === "Enter" && say(text)}
          />
        )}
      {Array.isArray(condition.value) && <code>{condition.value.join(" – ")}</code>}
      <IconButton icon="close" size={13} label="Remove the condition" onClick={onRemove} />
    </div>
  );
}
