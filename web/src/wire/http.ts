/** Requests to this page's own server, and what their failures say. */

import { isRecord, type Shape } from "./check";

export class ServerError extends Error {
  override name = "ServerError";

  constructor(
    message: string,
    /** 0 when no answer came. */
    readonly status: number,
    readonly requestId: string | null,
  ) {
    super(message);
  }

  get missing(): boolean {
    return this.status === 404;
  }
}

const PLAIN: Record<number, string> = {
  401: "You are not logged in, or the session has ended.",
  403: "The server refused this page's address.",
  404: "There is no such thing here, or you may not see it.",
  413: "The request was too large for the server.",
  429: "The server asks for fewer requests.",
  502: "Something between this page and the server is not answering.",
  503: "The server is busy; it will take requests again in a moment.",
};

async function failure(response: Response): Promise<ServerError> {
  let sentence = PLAIN[response.status] ?? `The server answered with status ${response.status}.`;
  let requestId = response.headers.get("x-request-id");
  try {
    const body: unknown = await response.json();
    if (isRecord(body)) {
      if (typeof body["error"] === "string") sentence = body["error"];
      if (typeof body["request_id"] === "string") requestId = body["request_id"];
    }
  } catch {
    // A proxy's page or a cut-off answer: the status says enough.
  }
  return new ServerError(sentence, response.status, requestId);
}

export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...init });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new ServerError("The server can't be reached.", 0, null);
  }
  if (!response.ok) throw await failure(response);
  return response;
}

function posted(body: unknown, signal: AbortSignal | undefined): RequestInit {
  return {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  };
}

export async function getJson<T>(path: string, shape: Shape<T>, signal?: AbortSignal): Promise<T> {
  const response = await request(path, signal ? { signal } : {});
  return shape(await response.json(), "answer");
}

export async function postJson<T>(
  path: string,
  body: unknown,
  shape: Shape<T>,
  signal?: AbortSignal,
): Promise<T> {
  const response = await request(path, posted(body, signal));
  return shape(await response.json(), "answer");
}

export async function postForBytes(
  path: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<ArrayBuffer> {
  const response = await request(path, posted(body, signal));
  return response.arrayBuffer();
}

/** `e/p/r` with each part escaped, for a path under /api/v1. */
export function pathOf(...parts: string[]): string {
  return parts.map(encodeURIComponent).join("/");
}
