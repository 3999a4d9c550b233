"use strict";
// Every text goes in by textContent or setAttribute, so a name is never read as HTML.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SVG = "http://www.w3.org/2000/svg";

  const make = (name, attributes = {}, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children.filter((child) => child !== null));
    return node;
  };
  const draw = (name, attributes = {}, text = null) => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== null) node.textContent = text;
    return node;
  };
  const three = (value) => (value === null || value === undefined ? "–" : value.toFixed(3));
  const short = (text, most = 30) => (text.length > most ? text.slice(0, most - 1) + "…" : text);
  const link = (text, url) => (/^(https?:\/\/|\.\.\/|[a-z]+\.md$)/.test(url) ? make("a", { href: url }, text) : text);

  // A column: [heading, what it sorts by, how it is shown (a text or a node), "words" if it is no number, from which
  // width of the window on it has a place in the row: "wide", "widest", or "never"]. Where it has none, the row's details
  // show it.
  function sortable(columns, rows, caption, placeholder) {
    const body = make("tbody");
    let shown = rows, key = null, falling = true;
    const inRow = columns.filter((column) => column[4] !== "never"), folded = columns.filter((column) => column[4]);
    const status = make("span", { class: "quiet", role: "status" });
    const classed = (...names) => { const text = names.filter(Boolean).join(" "); return text ? { class: text } : {}; };
    const details = (row) => make("tr", { class: "details" }, make("td", { colspan: String(inRow.length + 1) }, make("dl", {},
      ...folded.flatMap(([name, , show, , from]) => [make("dt", { class: `not-${from}` }, name), make("dd", { class: `not-${from}` }, show(row))]))));
    const line = (row) => {
      const cells = inRow.map(([, , show, kind, from]) => make("td", classed(kind, from), show(row)));
      const node = make("tr", {}, ...cells);
      if (!folded.length) return node;
      const button = make("button", { type: "button", "aria-expanded": "false", "aria-label": "Details" }, "+");
      button.addEventListener("click", () => {
        const open = button.getAttribute("aria-expanded") === "true";
        if (open) node.nextSibling.remove(); else node.after(details(row));
        button.setAttribute("aria-expanded", String(!open));
        button.textContent = open ? "+" : "−";
      });
      node.append(make("td", classed("more", folded.every((column) => column[4] !== "never") && "foldable"), button));
      return node;
    };
    const fill = () => {
      body.replaceChildren(...shown.map(line));
      status.textContent = `${shown.length} of ${rows.length} rows`;
    };
    const heads = inRow.map(([name, value, , kind, from], place) => {
      const button = make("button", { type: "button" }, name);
      const head = make("th", { scope: "col", "aria-sort": "none", ...classed(kind && kind !== "ends" && "words", from) }, button);
      button.addEventListener("click", () => {
        falling = key === place ? !falling : !kind || kind === "ends";
        key = place;
        heads.forEach((other) => other.setAttribute("aria-sort", "none"));
        head.setAttribute("aria-sort", falling ? "descending" : "ascending");
        rows = [...rows].sort((a, b) => compare(value(a), value(b), falling));
        filter();
      });
      return head;
    });
    const corner = folded.length ? [make("td", { class: "more" })] : [];
    const input = make("input", { type: "search", placeholder, autocomplete: "off" });
    const filter = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      shown = rows.filter((row) => {
        const text = columns.map(([, , show]) => { const cell = show(row); return cell.textContent ?? cell; }).join(" ").toLowerCase();
        return words.every((word) => text.includes(word));
      });
      fill();
    };
    input.addEventListener("input", filter);
    const save = make("button", { type: "button" }, "Save as CSV");
    save.addEventListener("click", () => saveCsv(caption, columns, shown));
    fill();
    return make("div", {},
      make("div", { class: "tools" }, make("label", {}, "Filter rows ", input), save, status),
      make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
        make("table", {}, make("thead", {}, make("tr", {}, ...heads, ...corner)), body)));
  }
  // What has no number comes last, whichever way it is sorted.
  function compare(a, b, falling) {
    if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
    if (b === null || b === undefined) return -1;
    const found = typeof a === "string" ? a.localeCompare(b, "en") : a - b;
    return falling ? -found : found;
  }
  function saveCsv(name, columns, rows) {
    const inert = (text) => (/^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text) ? "'" + text : text);
    const cell = (text) => `"${inert(String(text)).replaceAll('"', '""')}"`;
    const lines = [columns.map(([head]) => head), ...rows.map((row) => columns.map(([, , show]) => { const c = show(row); return c.textContent ?? c; }))];
    const blob = new Blob([lines.map((line) => line.map(cell).join(",")).join("\n") + "\n"], { type: "text/csv" });
    const anchor = make("a", { href: URL.createObjectURL(blob), download: name.replace(/[^A-Za-z0-9]+/g, "-") + ".csv" });
    anchor.click();
    URL.revokeObjectURL(anchor.href);
  }

  const named = (row) => make("span", {}, row.url ? link(row.name, row.url) : row.name,
    row.mark ? make("span", { class: "mark" }, row.mark) : null);
  const columnsOf = (task) => [
    ["rank", (r) => r.rank, (r) => (r.rank === null ? "–" : String(r.rank))],
    ["letters", (r) => r.letters, (r) => r.letters, "", "wide"],
    ["method", (r) => r.name, named, "words"],
    [task.scores[0], (r) => r.headline, (r) => three(r.headline)],
    ["95 % interval", (r) => r.low, (r) => (r.low === null ? "–" : `${three(r.low)} to ${three(r.high)}`), "ends"],
    [task.scores[1], (r) => r.second, (r) => three(r.second), "", "wide"],
    [task.scores[2], (r) => r.third, (r) => three(r.third), "", "wide"],
    ["seeds", (r) => r.seeds, (r) => String(r.seeds), "", "wide"],
    ["± seeds", (r) => r.spread, (r) => three(r.spread), "", "wide"],
    ["optimism", (r) => r.optimism, (r) => r.shown_optimism, "", "wide"],
    ["recipe", (r) => r.recipe, (r) => r.recipe, "words", "never"],
    ["tuned", (r) => r.tuned, (r) => r.tuned, "words", "never"],
    ["parameters", (r) => r.parameters, (r) => (r.parameters === null ? "–" : r.parameters.toLocaleString("en")), "", "widest"],
    ["minutes", (r) => r.minutes, (r) => (r.minutes === null ? "–" : r.minutes.toFixed(1)), "", "widest"],
    ["device", (r) => r.device, (r) => r.device, "words", "never"],
  ];

  // A phone gets plots of its own width, so that their text stays readable.
  const PHONE = window.innerWidth < 640;
  const LEFT = PHONE ? 130 : 250, WIDE = PHONE ? 350 : 760, STEP = 26, TOP = 26;
  const colour = (row) => (row.ranked ? (row.control ? "var(--control)" : "var(--accent)") : "var(--other)");
  function axes(height, low, high, title) {
    const svg = draw("svg", { viewBox: `0 0 ${WIDE} ${height}`, width: WIDE, role: "img", "aria-label": title });
    const x = (value) => LEFT + ((value - low) / (high - low || 1)) * (WIDE - LEFT - 30);
    const step = high - low > (PHONE ? 0.3 : 0.6) ? 0.2 : 0.1;
    for (let tick = Math.ceil(low / step - 1e-9); tick * step <= high + 1e-9; tick++) {
      const value = tick * step;
      svg.append(draw("line", { x1: x(value), x2: x(value), y1: TOP - 4, y2: height - 6, class: "axis" }),
        draw("text", { x: x(value), y: TOP - 10, "text-anchor": "middle", class: "quiet" }, value.toFixed(1)));
    }
    return [svg, x];
  }
  function label(svg, row, y) {
    const text = draw("text", { x: LEFT - 10, y: y + 4, "text-anchor": "end" }, short(row.name, PHONE ? 16 : 33));
    text.append(draw("title", {}, `${row.name} ${row.mark}`));
    svg.append(text);
  }
  function forest({ rows, scores }) {
    const ends = rows.flatMap((row) => [row.headline, row.low, row.high]).filter((value) => value !== null);
    const low = Math.max(0, Math.floor(Math.min(...ends) * 10) / 10), high = Math.min(1, Math.ceil(Math.max(...ends) * 10) / 10);
    const [svg, x] = axes(TOP + rows.length * STEP + 10, low, high, `${scores[0]} with 95 % intervals`);
    rows.forEach((row, place) => {
      const y = TOP + 12 + place * STEP, stroke = colour(row);
      label(svg, row, y);
      if (row.low !== null) svg.append(draw("line", { x1: x(row.low), x2: x(row.high), y1: y, y2: y, stroke, "stroke-width": 3, "stroke-linecap": "round" }));
      const point = draw("circle", { cx: x(row.headline), cy: y, r: 5, fill: stroke, stroke: "var(--ground)" });
      point.append(draw("title", {}, `${row.name}: ${three(row.headline)} (${three(row.low)} to ${three(row.high)})`));
      svg.append(point);
    });
    return svg;
  }
  function optimism({ rows, scores }) {
    const found = rows.filter((row) => row.oracle !== null && row.ranked);
    if (!found.length) return empty("No method here has epochs and was run with the rule oracle.");
    const values = found.flatMap((row) => [row.headline, row.oracle]);
    const [svg, x] = axes(TOP + found.length * STEP + 10, Math.floor(Math.min(...values) * 10) / 10, Math.ceil(Math.max(...values) * 10) / 10, `${scores[0]} under last and under oracle`);
    found.forEach((row, place) => {
      const y = TOP + 12 + place * STEP;
      label(svg, row, y);
      svg.append(draw("line", { x1: x(row.headline), x2: x(row.oracle), y1: y, y2: y, stroke: "var(--other)", "stroke-width": 2, "stroke-dasharray": "4 3" }),
        draw("circle", { cx: x(row.headline), cy: y, r: 5, fill: "var(--accent)" }),
        draw("path", { d: `M${x(row.oracle)} ${y - 6}l6 6l-6 6l-6 -6z`, fill: "var(--other)" }));
    });
    return make("div", {}, svg, make("p", { class: "quiet" }, `Circle: ${scores[0]} under last. Diamond: the same runs if each fold's epoch is picked on its own test clips, never ranked. The dashed length is the optimism.`));
  }
  const DASHES = ["", "7 3", "2 3", "9 3 2 3"], COLOURS = ["var(--accent)", "var(--other)", "var(--control)", "var(--ink)"];
  function curves({ rows, scores }) {
    const found = rows.filter((row) => row.ranked && row.curve.length > 1);
    if (!found.length) return empty("No method here has several epochs.");
    const height = 300, bottom = height - 30, left = 45, wide = WIDE - 20;
    const svg = draw("svg", { viewBox: `0 0 ${WIDE} ${height}`, width: WIDE, role: "img", "aria-label": `Pooled ${scores[0]} after each epoch` });
    const y = (value) => bottom - value * (bottom - 10);
    for (const value of [0, .2, .4, .6, .8, 1]) svg.append(draw("line", { x1: left, x2: wide, y1: y(value), y2: y(value), class: "axis" }),
      draw("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end", class: "quiet" }, value.toFixed(1)));
    svg.append(draw("text", { x: wide, y: height - 8, "text-anchor": "end", class: "quiet" }, "share of the training; epochs in brackets"));
    const legend = make("ul", { class: "quiet" });
    found.forEach((row, place) => {
      const points = row.curve.map((value, epoch) => `${(left + (epoch / (row.curve.length - 1)) * (wide - left)).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
      const style = { stroke: COLOURS[place % 4], "stroke-width": 2, "stroke-dasharray": DASHES[Math.floor(place / 4) % 4] };
      svg.append(draw("polyline", { points, fill: "none", ...style }));
      const key = draw("svg", { viewBox: "0 0 30 8", width: 30, height: 8, style: "display:inline-block;margin-right:.5em" });
      key.append(draw("line", { x1: 0, x2: 30, y1: 4, y2: 4, ...style }));
      legend.append(make("li", { style: "list-style:none" }, key, `${row.name} (${row.curve.length})`));
    });
    return make("div", {}, svg, legend, make("p", { class: "quiet" }, `${scores[0]} on the held-out clips, all folds at the same epoch, mean over seeds. To be looked at, not to choose by.`));
  }
  // The noises are at equal distances: shares of the rise and frames have no common scale.
  function keyframes({ rows, noises, score }) {
    const ends = rows.flatMap((row) => row.points.flatMap((point) => (point ? point.slice(0, 3) : []))).filter((value) => value !== null);
    const low = Math.max(0, Math.floor(Math.min(...ends) * 10) / 10), high = Math.min(1, Math.ceil(Math.max(...ends) * 10) / 10) || 1;
    const height = 300, bottom = height - 30, left = 45, wide = WIDE - 20, room = (wide - left) / noises.length;
    const svg = draw("svg", { viewBox: `0 0 ${WIDE} ${height}`, width: WIDE, role: "img", "aria-label": `${score} over key-frame noise, with 95 % intervals` });
    const y = (value) => bottom - ((value - low) / (high - low || 1)) * (bottom - 10);
    const x = (noise, place) => left + (noise + 0.5) * room + (place - (rows.length - 1) / 2) * Math.min(8, (room * 0.6) / rows.length);
    for (let tick = Math.round(low * 10); tick <= Math.round(high * 10); tick++) svg.append(draw("line", { x1: left, x2: wide, y1: y(tick / 10), y2: y(tick / 10), class: "axis" }),
      draw("text", { x: left - 8, y: y(tick / 10) + 4, "text-anchor": "end", class: "quiet" }, (tick / 10).toFixed(1)));
    noises.forEach((noise, place) => svg.append(draw("text", { x: left + (place + 0.5) * room, y: height - 8, "text-anchor": "middle", class: "quiet" },
      short(PHONE ? noise.replace("up to ", "").replace("as annotated", "none") : noise, PHONE ? 9 : 22))));
    const legend = make("ul", { class: "quiet" });
    rows.forEach((row, place) => {
      const style = { stroke: COLOURS[place % 4], "stroke-width": 2 }, dash = { "stroke-dasharray": DASHES[Math.floor(place / 4) % 4] };
      const there = row.points.map((point, noise) => [point, x(noise, place)]).filter(([point]) => point);
      svg.append(draw("polyline", { points: there.map(([point, across]) => `${across.toFixed(1)},${y(point[0]).toFixed(1)}`).join(" "), fill: "none", ...style, ...dash }));
      for (const [point, across] of there) {
        if (point[1] !== null) svg.append(draw("line", { x1: across, x2: across, y1: y(point[1]), y2: y(point[2]), ...style }));
        const mark = draw("circle", { cx: across, cy: y(point[0]), r: 4, fill: COLOURS[place % 4] });
        mark.append(draw("title", {}, `${row.name}: ${three(point[0])} (${three(point[1])} to ${three(point[2])})`));
        svg.append(mark);
      }
      const key = draw("svg", { viewBox: "0 0 30 8", width: 30, height: 8, style: "display:inline-block;margin-right:.5em" });
      key.append(draw("line", { x1: 0, x2: 30, y1: 4, y2: 4, ...style, ...dash }));
      legend.append(make("li", { style: "list-style:none" }, key, row.name));
    });
    return make("div", {}, svg, legend);
  }
  const noisy = ({ rows, noises, score, notes }) => make("div", {}, plain(["method", "noise", score, "95 % interval", "seeds"],
    rows.flatMap((row) => row.points.flatMap((point, place) => (point ? [make("tr", {}, first(row.name), make("td", { class: "words" }, noises[place]), make("td", {}, three(point[0])),
      make("td", { class: "ends" }, point[1] === null ? "–" : `${three(point[1])} to ${three(point[2])}`), make("td", {}, String(point[3])))] : [])))),
    ...notes.map((note) => make("p", { class: "quiet" }, note)));
  const empty = (text) => make("p", { class: "empty" }, text);
  const shaded = (share, text) => make("td", { class: "cell", style: `--share:${Math.max(0, Math.min(1, share || 0)).toFixed(3)}` }, text);
  const plain = (heads, rows) => make("div", { class: "scroll", tabindex: "0" }, make("table", {}, make("thead", {}, make("tr", {},
    ...heads.map((head, place) => make("th", { scope: "col", ...(place ? {} : { class: "words" }) }, head)))), make("tbody", {}, ...rows)));
  const inPrint = (table) => make("div", {}, make("p", { class: "quiet" }, `${table.title}.`), plain(["method", "rule", table.metric],
    table.rows.flatMap((row) => row.slice(1).flatMap((cell, place) => cell === "–" ? [] : [make("tr", {},
      make("th", { scope: "row", class: "words" }, row[0]), make("td", {}, table.columns[place + 1]), make("td", {}, cell))]))));
  const first = (text) => make("th", { scope: "row", class: "words" }, text);

  function classes(task) {
    const between = (ends) => (ends && ends[0] !== null ? `${ends[0].toFixed(2)} to ${ends[1].toFixed(2)}` : "–");
    const figures = task.classes.map((name, place) => make("figure", {}, make("figcaption", {}, `${name} (${task.support[place]} clips)`),
      plain(["method", "F1", "interval", "recall", "interval"], task.rows.map((row) => make("tr", {}, first(row.name),
        shaded(row.f1[place], three(row.f1[place])), make("td", { class: "quiet ends" }, between(row.f1_ends[place])),
        shaded(row.recall[place], three(row.recall[place])), make("td", { class: "quiet ends" }, between(row.recall_ends[place])))))));
    return make("div", {}, make("p", { class: "quiet" }, "95 % intervals over subjects and seeds; with a handful of subjects they are too narrow, and one without width says that all subjects agree, not that it is certain."),
      make("div", { class: "grid" }, ...figures));
  }
  function calibration(task) {
    const found = task.rows.filter((row) => row.reliability.length), side = 170, pad = 26;
    if (!found.length) return empty("The methods here give classes, not probabilities.");
    const at = (value) => pad + value * (side - pad - 8), down = (value) => side - at(value);
    const figures = found.map((row) => {
      const svg = draw("svg", { viewBox: `0 0 ${side} ${side}`, width: side, role: "img", "aria-label": `Reliability of ${row.name}` });
      for (const value of [0, .5, 1]) svg.append(draw("line", { x1: at(0), x2: at(1), y1: down(value), y2: down(value), class: "axis" }),
        draw("text", { x: at(0) - 4, y: down(value) + 4, "text-anchor": "end", class: "quiet" }, value.toFixed(1)),
        draw("text", { x: at(value), y: side - 8, "text-anchor": "middle", class: "quiet" }, value.toFixed(1)));
      svg.append(draw("line", { x1: at(0), y1: down(0), x2: at(1), y2: down(1), stroke: "var(--other)", "stroke-dasharray": "4 3" }),
        draw("polyline", { points: row.reliability.map(([sure, right]) => `${at(sure).toFixed(1)},${down(right).toFixed(1)}`).join(" "), fill: "none", stroke: colour(row), "stroke-width": 2 }));
      for (const [sure, right, clips] of row.reliability) {
        const point = draw("circle", { cx: at(sure), cy: down(right), r: 3, fill: colour(row) });
        point.append(draw("title", {}, `${clips} clips: confidence ${three(sure)}, right ${three(right)}`));
        svg.append(point);
      }
      return make("figure", {}, make("figcaption", {}, `${row.name} ${row.mark}: error ${three(row.calibration_error)}`), svg);
    });
    return make("div", {}, make("p", { class: "quiet" }, "Share of clips that are right (upwards) against the mean probability of the predicted class, in ten bins of equally many clips, all seeds together. Error: the mean difference of the two over clips, biased upwards with few clips."),
      make("div", { class: "grid" }, ...figures));
  }
  function subjects(task) {
    // A row a method, a column a subject, in rows of so many as fit a phone: no cell is out of the page.
    const blocks = [], most = 6;
    for (let from = 0; from < task.subject_names.length; from += most) {
      const places = task.subject_names.map((_, place) => place).slice(from, from + most);
      const table = plain(["method", ...places.map((place) => task.subject_names[place].split("/").pop())], [
        make("tr", {}, first("clips"), ...places.map((place) => make("td", { class: "quiet" }, String(task.subject_clips[place])))),
        ...task.rows.map((row) => make("tr", {}, first(row.name), ...places.map((place) =>
          shaded(row.by_subject[place], row.by_subject[place].toFixed(2)))))]);
      const names = places.map((place) => task.subject_names[place]);
      blocks.push(make("figure", { class: "narrow" }, make("figcaption", {}, names.length > 1 ? `${names[0]} to ${names.at(-1)}` : names[0]), table));
    }
    return make("div", {}, make("p", { class: "quiet" }, "Share of each subject's clips that are right, mean over seeds."),
      make("div", { class: "grid" }, ...blocks));
  }
  function confusions(task) {
    const choice = make("select", {}, make("option", { value: "counts" }, "counts, all seeds"), make("option", { value: "rates" }, "rates of the true class"));
    const grid = make("div", { class: "grid" });
    const fill = () => grid.replaceChildren(...task.rows.map((row) => make("figure", { class: "upright" }, make("figcaption", {}, `${row.name} ${row.mark}`),
      plain(["true ↓ predicted →", ...task.classes], row.confusion.map((line, truth) => {
        const total = line.reduce((sum, value) => sum + value, 0) || 1;
        return make("tr", {}, first(task.classes[truth]), ...line.map((value) => shaded(value / total, choice.value === "counts" ? String(value) : (value / total).toFixed(2))));
      })))));
    choice.addEventListener("change", fill);
    fill();
    return make("div", {}, make("div", { class: "tools" }, make("label", {}, "Show ", choice)), grid);
  }
  // Built when it is first opened; what belongs to a task is opened for print.
  function fold(title, build, open = false, printed = true) {
    const node = make("details", open ? { open: "" } : {}, make("summary", {}, title));
    const fill = () => { if (node.childElementCount === 1) node.append(build()); };
    if (open) fill();
    node.addEventListener("toggle", fill);
    window.addEventListener("beforeprint", () => { if (printed) { fill(); node.open = true; } });
    return node;
  }

  const main = document.getElementById("tasks"), contents = document.getElementById("contents");
  const list = make("ul");
  const ofRuns = data.runs.length > 0;
  document.title = ofRuns ? data.title : "merbench leaderboard";
  document.getElementById("title").textContent = data.title;
  document.getElementById(ofRuns ? "drawn-run" : "drawn").hidden = !data.drawn;
  document.getElementById("names").hidden = !ofRuns || data.drawn;
  for (const node of document.querySelectorAll(ofRuns ? ".board" : ".run")) node.remove();
  for (const task of data.tasks) {
    list.append(make("li", {}, make("a", { href: `#task-${task.id}` }, task.heading)));
    main.append(make("section", { id: `task-${task.id}`, "aria-label": task.heading },
      make("h2", {}, task.heading), make("p", { class: "quiet" }, task.counts),
      task.reach ? make("p", {}, task.reach) : null,
      task.said ? make("p", { class: "warn" }, task.said) : null,
      sortable(columnsOf(task), task.rows, task.heading, "method, recipe, device …"),
      ...(ofRuns ? [] : task.missing).map((sentence) => make("p", { class: "quiet" }, sentence)),
      task.in_print ? fold("Numbers in print", () => inPrint(task.in_print), true) : null,
      fold("Intervals (forest plot)", () => forest(task), true),
      fold("Optimism", () => optimism(task), true),
      fold(`By ${task.word}`, () => classes(task)),
      fold("By subject", () => subjects(task)),
      task.word === "class" ? fold("Confusion matrices", () => confusions(task)) : null,
      task.word === "class" ? fold("Calibration", () => calibration(task)) : null,
      fold("Learning curves", () => curves(task))));
  }
  for (const [place, curve] of data.curves.entries()) {
    const title = `Key-frame noise: ${curve.heading}`;
    list.append(make("li", {}, make("a", { href: `#keyframe-noise-${place}` }, title)));
    main.append(make("section", { id: `keyframe-noise-${place}`, "aria-label": title }, make("h2", {}, title), noisy(curve),
      fold("Scores over the noise", () => keyframes(curve), true)));
  }
  const unitColumns = [
    ["kind", (r) => r.kind, (r) => r.kind, "words"], ["action units", (r) => r.units, (r) => r.units, "words"],
    ["clips", (r) => r.clips, (r) => String(r.clips)], ["subjects", (r) => r.subjects, (r) => String(r.subjects)],
    ["share right", (r) => r.recall, (r) => three(r.recall)],
    ["95 % interval", (r) => r.low, (r) => (r.low === null ? "–" : `${three(r.low)} to ${three(r.high)}`)],
  ];
  for (const [place, run] of data.runs.entries()) {
    list.append(make("li", {}, make("a", { href: `#run-${place}` }, run.name)));
    const columns = [
      ["clip", (r) => r.clip, (r) => r.clip, "words"], ["subject", (r) => r.subject, (r) => r.subject, "words", "wide"],
      ["class", (r) => r.truth, (r) => r.truth, "words"], ["predicted", (r) => r.predicted, (r) => r.predicted, "words"],
      ["right", (r) => (r.right ? "yes" : "no"), (r) => (r.right ? "yes" : "no"), "words"],
      ["probability of its class", (r) => r.probability, (r) => three(r.probability), "", "wide"],
    ];
    main.append(make("section", { id: `run-${place}`, "aria-label": run.name }, make("h2", {}, run.name),
      make("dl", {}, ...run.facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])),
      run.units.length ? fold("By action unit", () => sortable(unitColumns, run.units, `action units of ${run.name}`, "unit, combination …")) : null,
      fold(`${run.clips.length} clips, under last`, () => sortable(columns, run.clips, `clips of ${run.name}`, "clip, class, no …"))));
  }
  if (!data.tasks.length) main.append(empty("No records yet: merbench leaderboard add RUN adds one."));
  if (data.published.length) {
    list.append(make("li", {}, make("a", { href: "#published" }, "Published numbers")));
    const texts = [["method"], ["data"], ["protocol", "wide"], ["classes", "wide"], ["metric"]];
    const columns = [
      ...texts.map(([name, from]) => [name, (r) => r[name], (r) => r[name], "words", from]),
      ["value", (r) => Number(r.value) / (r.unit === "percent" ? 100 : 1), (r) => r.value + (r.unit === "percent" ? " %" : "")],
      ["rule", (r) => r.rule, (r) => r.rule + (r.marked ? " †" : "") + (r.rule_note ? ": " + r.rule_note : ""), "words long", "widest"],
      ["evidence", (r) => r.evidence, (r) => r.evidence, "words long", "never"],
      ["source", (r) => r.source, (r) => (r.url ? link(r.source, r.url) : r.source), "words long", "never"],
      ["remark", (r) => r.remark, (r) => r.remark, "words long", "never"],
    ];
    main.append(make("section", { id: "published", "aria-label": "Published numbers" }, make("h2", {}, "Published numbers"),
      make("p", {}, "As printed; nobody has checked them here, and rows can differ in their clips. † marks the rules oracle (the best epoch on the test clips) and unknown. Secondary means read in somebody else's table."),
      fold(`${data.published.length} numbers`, () => sortable(columns, data.published, "Published numbers", "method, data, rule …"), false, false)));
  }
  contents.append(list);
})();
