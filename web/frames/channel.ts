/** What a frame and the page around it say to each other; neither can reach into the other. */

/** What the page may ask a frame to draw. */
export interface Drawing {
  content: unknown;
  dark: boolean;
  options: Record<string, unknown>;
}

function say(message: Record<string, unknown>): void {
  // The frame has no origin, and knows none: only the window that holds it hears this.
  window.parent.postMessage(message, "*");
}

/** Draws whatever the page sends, one after the other; failures are told in words. */
export function listen(draw: (place: HTMLElement, drawing: Drawing) => Promise<void>): void {
  const place = document.createElement("div");
  place.id = "place";
  document.body.append(place);
  let turn = Promise.resolve();
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent) return;
    const { drawing } = event.data as { drawing?: Drawing };
    if (!drawing) return;
    turn = turn.then(async () => {
      try {
        document.documentElement.style.colorScheme = drawing.dark ? "dark" : "light";
        await draw(place, drawing);
        say({ drawn: true });
      } catch (cause) {
        say({ failed: cause instanceof Error ? cause.message : String(cause) });
      }
    });
  });
  say({ ready: true });
}
