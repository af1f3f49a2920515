/** One event stream a tab: what changed, when to ask again, and how fresh the page is. */

import { type RunEvent, runEvent } from "./shapes";

export type LiveState = "off" | "connecting" | "live" | "polling" | "paused";

export interface LiveListener {
  /** A run has news. */
  onRun(event: RunEvent): void;
  /** Events may have been missed: whatever is still running should be asked for again. */
  onGap(): void;
}

const FAILURES_BEFORE_POLLING = 3;
const POLL_MS = 5_000;
/** The server says something every 15 seconds; a stream that is silent for longer is a dead one. */
const SILENCE_MS = 40_000;
const RETRY_MS = [500, 1_500, 4_000, 8_000, 10_000];

export class LiveStream {
  private source: EventSource | null = null;
  private topics: string[] = [];
  private failures = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private poll: ReturnType<typeof setInterval> | undefined;
  private listeners = new Set<LiveListener>();
  private watchers = new Set<() => void>();

  state: LiveState = "off";
  /** Milliseconds since the epoch of the last word from the server, 0 before the first. */
  heardAt = 0;

  constructor(
    private readonly open: (url: string) => EventSource = (url) => new EventSource(url),
    private readonly now: () => number = Date.now,
  ) {
    if (typeof document !== "undefined") {
      document.addEventListener("visibilitychange", () => this.onVisibility(document.hidden));
    }
  }

  listen(listener: LiveListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Called on every change of `state`. */
  watch(changed: () => void): () => void {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  }

  follow(topics: string[]): void {
    if (topics.join("\n") === this.topics.join("\n")) return;
    this.topics = topics;
    this.failures = 0;
    this.connect();
  }

  onVisibility(hidden: boolean): void {
    if (this.topics.length === 0) return;
    if (hidden) {
      this.disconnect();
      this.become("paused");
    } else if (this.state === "paused") {
      this.failures = 0;
      this.connect();
    }
  }

  private become(state: LiveState): void {
    if (state === this.state) return;
    this.state = state;
    for (const changed of this.watchers) changed();
  }

  private hangUp(): void {
    clearTimeout(this.retry);
    clearTimeout(this.silence);
    this.source?.close();
    this.source = null;
  }

  private disconnect(): void {
    this.hangUp();
    clearInterval(this.poll);
    this.poll = undefined;
  }

  private connect(): void {
    const polling = this.poll !== undefined && this.failures >= FAILURES_BEFORE_POLLING;
    if (polling) this.hangUp();
    else this.disconnect();
    if (this.topics.length === 0) {
      this.become("off");
      return;
    }
    if (!polling) this.become("connecting");
    const query = this.topics.map((topic) => `topic=${encodeURIComponent(topic)}`).join("&");
    const source = this.open(`/api/v1/stream?${query}`);
    this.source = source;
    this.awaitWord(source);
    source.addEventListener("open", () => this.onOpen());
    for (const word of ["open", "hello", "ping", "run"]) {
      source.addEventListener(word, () => this.heard(source));
    }
    source.addEventListener("run", (event) => this.onMessage(event));
    source.addEventListener("error", () => this.onError(source));
  }

  private heard(source: EventSource): void {
    this.heardAt = this.now();
    this.awaitWord(source);
  }

  // A connection that broke without a word, as after a sleep, looks open for ever.
  private awaitWord(source: EventSource): void {
    if (source !== this.source) return;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.onError(source), SILENCE_MS);
  }

  private onOpen(): void {
    clearInterval(this.poll);
    this.poll = undefined;
    this.failures = 0;
    this.become("live");
    // What happened before the stream stood was told to nobody.
    for (const listener of this.listeners) listener.onGap();
  }

  private onMessage(event: MessageEvent<string>): void {
    const news = runEvent(JSON.parse(event.data), "event");
    for (const listener of this.listeners) listener.onRun(news);
  }

  // The browser would try again by itself, but never gives up and says nothing of it.
  private onError(source: EventSource): void {
    if (source !== this.source) return;
    this.hangUp();
    this.failures += 1;
    if (this.failures >= FAILURES_BEFORE_POLLING) this.startPolling();
    else this.become("connecting");
    const wait = RETRY_MS[Math.min(this.failures - 1, RETRY_MS.length - 1)] ?? POLL_MS;
    this.retry = setTimeout(() => this.connect(), wait);
  }

  private startPolling(): void {
    this.become("polling");
    if (this.poll !== undefined) return;
    this.poll = setInterval(() => {
      for (const listener of this.listeners) listener.onGap();
    }, POLL_MS);
  }
}

export const live = new LiveStream();
