/** Plots and documents that were logged from Bokeh. */

import Bokeh from "@bokeh/bokehjs/build/js/bokeh.esm.min.js";
import "@bokeh/bokehjs/build/js/bokeh-tables.esm.min.js";
import "@bokeh/bokehjs/build/js/bokeh-widgets.esm.min.js";
import { type Drawing, listen } from "./channel";

interface Model {
  id: string;
  name?: string;
  attributes?: Record<string, unknown>;
}

interface DocumentJson {
  roots: Model[];
}

/** A plot by itself fills its frame; what was laid out together keeps its sizes. */
function fitted(document: DocumentJson): DocumentJson {
  const [only, ...others] = document.roots;
  if (!only || others.length > 0 || only.name !== "Figure") return document;
  const attributes = { ...only.attributes, sizing_mode: "stretch_both" };
  return { ...document, roots: [{ ...only, attributes }] };
}

async function draw(place: HTMLElement, { content }: Drawing): Promise<void> {
  const { roots } = content as Partial<DocumentJson>;
  if (!Array.isArray(roots)) {
    throw new Error("Bokeh wrote it before its version 3, whose documents are the first it reads.");
  }
  const document = fitted(content as DocumentJson);
  place.replaceChildren();
  place.style.overflow = "auto";
  for (const root of document.roots) {
    const part = place.ownerDocument.createElement("div");
    part.style.minHeight = document.roots.length === 1 ? "100%" : "0";
    if (document !== content) part.style.height = "100%";
    place.append(part);
    await Bokeh.embed.embed_item({ doc: document, root_id: root.id, target_id: null }, part);
  }
}

listen(draw);
