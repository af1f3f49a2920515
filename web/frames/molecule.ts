/** Molecules, to be turned by hand. */

import * as mol from "3dmol";
import { type Drawing, listen } from "./channel";

const STYLES: Readonly<Record<string, object>> = {
  cartoon: { cartoon: { color: "spectrum" }, line: {} },
  stick: { stick: {} },
  ball: { stick: { radius: 0.14 }, sphere: { scale: 0.28 } },
  sphere: { sphere: {} },
};

let viewer: mol.GLViewer | null = null;
let drawn: unknown = null;

async function draw(place: HTMLElement, { content, dark, options }: Drawing): Promise<void> {
  viewer ??= mol.createViewer(place, {});
  if (!viewer) throw new Error("This browser draws nothing in three dimensions.");
  viewer.setBackgroundColor(dark ? 0x1a1e24 : 0xffffff, 1);
  if (drawn !== content) {
    viewer.removeAllModels();
    // The library leaves hydrogens out of some formats, unless it is told.
    const model = viewer.addModel(content as string, String(options["format"]), { keepH: true });
    if (model.selectedAtoms({}).length === 0) throw new Error("The file has no atoms.");
  }
  viewer.removeAllSurfaces();
  viewer.setStyle({}, STYLES[String(options["style"])] ?? STYLES["stick"] ?? {});
  if (options["style"] === "surface") {
    await viewer.addSurface(mol.SurfaceType.VDW, { opacity: 0.8 });
  }
  if (drawn !== content) viewer.zoomTo();
  drawn = content;
  viewer.render();
}

listen(draw);
window.addEventListener("resize", () => viewer?.resize());
