import { Component, type ReactNode } from "react";
import { ErrorNote } from "../ui/Notes";

interface ErrorBoundaryProps {
  children: ReactNode;
  /** What failed, as in "This chart". */
  what?: string;
  /** Another value means other content: it gets a try of its own. */
  resetOn?: string;
}

/** A part that fails shows its own error and leaves the rest alone. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidUpdate(before: ErrorBoundaryProps): void {
    if (this.state.error && before.resetOn !== this.props.resetOn) this.setState({ error: null });
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <ErrorNote
        error={error}
        what={this.props.what ?? "This part"}
        onRetry={() => this.setState({ error: null })}
      />
    );
  }
}
