declare module "plotly.js-strict-dist-min" {
  const Plotly: {
    react(place: HTMLElement, data: unknown[], layout: object, config: object): Promise<unknown>;
  };
  export default Plotly;
}

declare module "@bokeh/bokehjs/build/js/bokeh.esm.min.js" {
  const Bokeh: {
    embed: {
      embed_item(
        item: { doc: unknown; root_id: string; target_id: null },
        place: HTMLElement,
      ): Promise<unknown>;
    };
  };
  export default Bokeh;
}

declare module "@bokeh/bokehjs/build/js/bokeh-tables.esm.min.js";
declare module "@bokeh/bokehjs/build/js/bokeh-widgets.esm.min.js";
