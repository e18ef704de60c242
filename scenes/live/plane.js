// What the three figures share: the problem under the hand, a plane that shows it, and the data beside it.
import { clamp, decimalsFor, h, running, told, written } from "lecture/live.js";
import { add, dot, eigenbasis, hessianOf, leastSquares, length, penaltyScale, rowsFor, scaled, subtract, turned } from "./mathematics.js";

export const color = (role) => `var(--lec-${role})`;
const f1 = (x) => Math.round(x * 10) / 10;  // tenths of a pixel

// The problem: `s` are the eigenvalues along the direction `angle` and across, in whichever order the hand has left them.
export function problemOf(state) {
  const H = hessianOf(state.angle, state.s);
  return { H, basis: eigenbasis(H), minimizer: state.minimizer };
}

// A state is kept in what can be drawn.
export function checkedProblem(state, { fixed }) {
  const near = (theta) => (length(theta) > fixed.reach ? scaled(theta, fixed.reach / length(theta)) : theta);
  return {
    ...state,
    lam: clamp(state.lam, 0, 1e300),
    minimizer: near(state.minimizer),
    s: state.s.map((s) => clamp(s, 0, fixed.stiffest)),
    row: clamp(Math.round(state.row), 0, Math.max(0, state.rows.length - 1)),
  };
}

// Rows follow what the hand does to the problem, and the problem what it does to the rows.
function withProblem(state, { fixed }, change) {
  const next = { ...state, ...change };
  if (!state.rows.length) return next;
  if (!change.s && !change.angle) {
    const moved = subtract(next.minimizer, state.minimizer);
    return { ...next, rows: state.rows.map((row) => [row[0], row[1], row[2] + row[0] * moved[0] + row[1] * moved[1]]) };
  }
  const rows = rowsFor(state.rows, fixed.c, next);
  return rows.flat().every(Number.isFinite) ? { ...next, rows } : state;
}

function withRows(state, { fixed }, rows) {
  const { H, minimizer } = leastSquares(rows, fixed.c), { sigma, q1 } = eigenbasis(H);
  return { ...state, rows, minimizer, angle: Math.atan2(q1[1], q1[0]), s: sigma };
}

// --- Pictures

// A region of the picture as a plane with `half` units to the farther edge; the origin stands back from where points lie.
const ASIDE = 0.1;
export function plane({ x, y, w, h: height }, { half, toward }, side = toward) {
  const size = Math.min(w, height), unit = ((0.5 + ASIDE) * size) / half;
  const cx = x + w / 2 - ASIDE * size * Math.sign(side[0]) * Math.min(1, 2 * Math.abs(side[0])), cy = y + height / 2 + ASIDE * size * Math.sign(side[1]) * Math.min(1, 2 * Math.abs(side[1]));
  return {
    x, y, w, h: height, unit, half, toward: side,
    at: ([a, b]) => [cx + unit * a, cy - unit * b],
    back: ([px, py]) => [(px - cx) / unit, (cy - py) / unit],
  };
}

export const line = (from, to, role, more = {}) => h("line", { x1: f1(from[0]), y1: f1(from[1]), x2: f1(to[0]), y2: f1(to[1]), stroke: color(role), "stroke-width": 2, ...more });
export const dotAt = ([x, y], radius, role, more = {}) => h("circle", { cx: f1(x), cy: f1(y), r: radius, fill: color(role), ...more });
export const polyline = (points, role, more = {}) => h("path", {
  d: points.map(([x, y], k) => `${k ? "L" : "M"}${f1(x)} ${f1(y)}`).join(""), fill: "none", stroke: color(role), "stroke-width": 2.5, "stroke-linejoin": "round", ...more,
});

export function arrow(from, to, role, { width = 4, dash = null } = {}) {
  const along = subtract(to, from), size = length(along);
  if (size < 1) return h("g");
  const u = scaled(along, 1 / size), head = Math.min(4 * width, size), side = scaled([-u[1], u[0]], head * 0.42);
  const neck = subtract(to, scaled(u, head)), points = [to, add(neck, side), subtract(neck, side)];
  return h(
    "g", {},
    line(from, subtract(to, scaled(u, head * 0.8)), role, { "stroke-width": width, ...(dash ? { "stroke-dasharray": dash } : {}) }),
    h("polygon", { points: points.map(([a, b]) => `${f1(a)},${f1(b)}`).join(" "), fill: color(role) }),
  );
}

// A symbol of the notation on a rim of the background, its accent over the middle of the letter and its index lowered:
// faces differ in where they put what combines.
const ACCENTS = { "\u0302": "ˆ", "\u0303": "˜", "\u0304": "¯", "\u0307": "˙", "\u0308": "¨", "\u20d7": "→" };
export function symbol([letters, index], [x, y], role, { anchor = "middle", size = 20 } = {}) {
  const base = letters.replace(/[\u0302-\u0308\u20d7]/g, ""), accent = ACCENTS[letters.normalize("NFD").match(/[\u0302-\u0308\u20d7]/)?.[0]];
  const plain = accent ? letters.normalize("NFD").replace(/[\u0302-\u0308\u20d7]/g, "") : base;
  const wide = 0.27 * size, middle = x + { start: wide, middle: 0, end: -wide - (index ? 0.34 * size * index.length : 0) }[anchor];
  const common = { fill: color(role), "text-anchor": "middle", class: "lec-live-label" };
  return h(
    "g", {},
    h("text", { ...common, x: f1(middle), y: f1(y), "font-size": size, "font-style": "italic" }, plain),
    accent ? h("text", { ...common, x: f1(middle + 0.07 * size), y: f1(y - 0.2 * size), "font-size": size }, accent) : null,
    index ? h("text", { ...common, x: f1(middle + wide), y: f1(y + 0.24 * size), "font-size": f1(0.68 * size), "text-anchor": "start" }, index) : null,
  );
}
export const text = (said, [x, y], role = "dim", { anchor = "start", size = 14, weight = 400 } = {}) => h("text", {
  x: f1(x), y: f1(y), fill: color(role), "font-size": size, "text-anchor": anchor, "font-weight": weight, class: "lec-live-words",
}, said);

// Where the label of an arrow's tip goes: across the arrow, on the side away from a point.
export function besideArrow(from, to, avoid, distance = 20) {
  const along = subtract(to, from), size = length(along) || 1;
  let n = [-along[1] / size, along[0] / size];
  if (dot(n, subtract(avoid, from)) > 0) n = scaled(n, -1);
  const forward = scaled(along, 4 / size);
  return [to[0] + n[0] * distance + forward[0], to[1] + n[1] * distance + forward[1] + 6];
}

// Beside a point, on the side away from another.
export function beside(point, from, distance = 18) {
  const away = subtract(point, from), size = length(away) || 1;
  return [point[0] + (away[0] / size) * distance, point[1] + (away[1] / size) * distance + 6];
}

function ticks(half) {
  const power = 10 ** Math.floor(Math.log10(half)), step = [5, 2, 1, 0.5].map((k) => k * power).find((k) => half / k >= 1.2) ?? power / 2;
  return { step, count: Math.floor(half / step) };
}

// An axis is the same from frame to frame, and then the same object.
const drawnAxes = new Map();
export function axes(p, names) {
  const made_of = JSON.stringify([p.x, p.y, p.w, p.h, p.half, p.toward, names]);
  if (!drawnAxes.has(made_of)) {
    if (drawnAxes.size > 20) drawnAxes.clear();
    drawnAxes.set(made_of, axesOf(p, names));
  }
  return drawnAxes.get(made_of);
}
function axesOf(p, names) {
  const [ox, oy] = p.at([0, 0]), { step } = ticks(p.half), marks = [];
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const [west, east] = [Math.ceil((p.x + 24 - ox) / p.unit / step), Math.floor((p.x + p.w - 40 - ox) / p.unit / step)];
  const [south, north] = [Math.ceil((oy - p.y - p.h + 20) / p.unit / step), Math.floor((oy - p.y - 30) / p.unit / step)];
  for (let k = west; k <= east; k += 1) {
    const x = p.at([k * step, 0])[0];
    if (k) marks.push(line([x, oy], [x, oy + 5], "line", { "stroke-width": 1.5 }));
    if (k && (k === west || k === east)) marks.push(text(running(k * step, decimals), [x, oy + 20], "dim", { anchor: "middle", size: 13 }));
  }
  for (let k = south; k <= north; k += 1) {
    const y = p.at([0, k * step])[1];
    if (k) marks.push(line([ox - 5, y], [ox, y], "line", { "stroke-width": 1.5 }));
    if (k && (k === south || k === north)) marks.push(text(running(k * step, decimals), [ox - 9, y + 5], "dim", { anchor: "end", size: 13 }));
  }
  return h(
    "g", {},
    line([p.x, oy], [p.x + p.w, oy], "line", { "stroke-width": 1.5 }), line([ox, p.y], [ox, p.y + p.h], "line", { "stroke-width": 1.5 }), marks,
    symbol(names[0], [p.x + p.w - 12, oy - 10], "dim"), symbol(names[1], [ox + (p.toward[0] >= 0 ? -18 : 18), p.y + 15], "dim"),
  );
}

// What is drawn here ends at the edge of its plane.
export function clipped(p, id, ...children) {
  return h(
    "g", {},
    h("clipPath", { id }, h("rect", { x: f1(p.x), y: f1(p.y), width: f1(p.w), height: f1(p.h) })),
    h("g", { "clip-path": `url(#${id})` }, children),
  );
}

// One path for ellipses about the same point, each by its semi-axes: a picture of few nodes is painted sooner.
export function ellipses(p, center, semis, angle, role, more = {}) {
  const [cx, cy] = p.at(center), degrees = f1((-angle * 180) / Math.PI), [c, s] = [Math.cos(angle), Math.sin(angle)];
  const d = semis.map((semi) => {
    const [rx, ry] = semi.map((a) => f1(Math.min(a, 1e3 * p.half) * p.unit)), [dx, dy] = [rx * c, -rx * s];
    const arc = (side) => `A${rx} ${ry} ${degrees} 0 0 ${f1(cx + side * dx)} ${f1(cy + side * dy)}`;
    return `M${f1(cx + dx)} ${f1(cy + dy)}${arc(-1)}${arc(1)}Z`;
  });
  return h("path", { d: d.join(""), fill: "none", stroke: color(role), "stroke-width": 1.5, ...more });
}
export const ellipse = (p, center, semi, angle, role, more) => ellipses(p, center, [semi], angle, role, more);

// Dots of one kind as one path.
export const dots = (places, radius, role, more = {}) => h("path", {
  d: places.map(([x, y]) => `M${f1(x)} ${f1(y)}h0`).join(""), fill: "none", stroke: color(role), "stroke-width": 2 * radius, "stroke-linecap": "round", ...more,
});

// Contours of the risk; the ellipse that the hand holds has the semi-axes of the level itself.
const RINGS = [0.45, 1.6, 2.3, 3.1];
export function contours(p, problem, { fixed }, turn = null) {
  const { sigma, q1 } = problem.basis, angle = turn ? 0 : Math.atan2(q1[1], q1[0]);
  const semi = sigma.map((s) => Math.sqrt((2 * fixed.level) / s)), center = turn ? turn(problem.minimizer) : problem.minimizer;
  return h("g", {},
    ellipses(p, center, RINGS.map((ring) => scaled(semi, ring)), angle, "line", { opacity: 0.5 }),
    ellipse(p, center, semi, angle, "line", { "stroke-width": 2.5 }),
  );
}

// --- Handles

// Something that the hand can move: for fingers 44 px wide, for keys a slider, for screen readers what it says.
export function handle(name, [x, y], role, label, value, { shape = "disc", now = 0, least = 0, most = 1, stop = true, radius = 8 } = {}) {
  const spoken = stop
    ? { role: "slider", tabindex: 0, "aria-label": label, "aria-valuetext": value, "aria-valuenow": Number(now.toPrecision(4)), "aria-valuemin": Number(least.toPrecision(4)), "aria-valuemax": Number(most.toPrecision(4)) }
    : { "aria-hidden": "true" };
  const drawn = shape === "disc"
    ? h("circle", { cx: f1(x), cy: f1(y), r: radius, fill: color(role), stroke: color("background"), "stroke-width": 2.5 })
    : h("rect", { x: f1(x - 6), y: f1(y - 6), width: 12, height: 12, rx: 2, fill: color("background"), stroke: color(role), "stroke-width": 3, transform: `rotate(45 ${f1(x)} ${f1(y)})` });
  return h("g", { class: "lec-live-handle", "data-handle": name, ...spoken }, h("circle", { cx: f1(x), cy: f1(y), r: 22, class: "lec-live-hit" }), drawn);
}

export function point(theta, decimals) {
  return `(${running(theta[0], decimals)}, ${running(theta[1], decimals)})`;
}

// The minimizer and both ends of the ellipse in a plane of the parameters.
export function problemHandles(p, state, data) {
  const { fixed } = data, say = data.words, decimals = decimalsFor(fixed.half);
  const center = p.at(state.minimizer), reach = Math.min(p.w, p.h) / 2;
  const ends = [0, 1].map((k) => {
    const direction = turned([1, 0], state.angle + (k * Math.PI) / 2);
    const a = Math.sqrt((2 * fixed.level) / state.s[k]), shown = clamp(a, 0.12 * fixed.half, 0.92 * fixed.half);
    // On the side where there is room.
    const sides = [1, -1].map((side) => scaled(direction, side * shown)), spots = sides.map((v) => p.at(add(state.minimizer, v)));
    const room = ([x, y]) => Math.min(x - p.x, p.x + p.w - x, y - p.y, p.y + p.h - y);
    const far = room(spots[0]) >= Math.min(18, room(spots[1])) ? 0 : 1;
    const at = spots[far].map((v, axis) => clamp(v, (axis ? p.y : p.x) + 10, (axis ? p.y + p.h : p.x + p.w) - 10));
    return { at, side: far ? -1 : 1, size: shown };
  });
  const degrees = (state.angle * 180) / Math.PI;
  const shape = (k, angle, size) => withProblem(state, data, {
    angle, s: state.s.map((s, j) => (j === k ? (2 * fixed.level) / clamp(size, 0.12 * fixed.half, 30 * fixed.half) ** 2 : s)),
  });
  const handles = {
    minimizer: { at: center, move: (_, to) => withProblem(state, data, { minimizer: checkedProblem({ ...state, minimizer: p.back(to) }, data).minimizer }) },
  };
  ends.forEach(({ at, side, size }, k) => {
    handles[`axis${k}`] = {
      at,
      move: (_, to) => {
        const v = scaled(subtract(p.back(to), state.minimizer), side);
        return shape(k, Math.atan2(v[1], v[0]) - (k * Math.PI) / 2, length(v));
      },
      key: (_, dx, dy) => shape(k, state.angle - (dx * Math.PI) / 180, size * 1.02 ** dy),
    };
  });
  const sorted = problemOf(state).basis.sigma, rank = state.s[0] >= state.s[1] ? [0, 1] : [1, 0];
  const nodes = [
    ...ends.map(({ at }, k) => handle(`axis${k}`, at, `eig${rank[k] + 1}`, told(say.axis, { number: rank[k] + 1 }), told(say.axis_value, {
      value: written(sorted[rank[k]]), degrees: running((((degrees + 90 * k) % 180) + 180) % 180, 0),
    }), { shape: "square", now: sorted[rank[k]], most: fixed.stiffest })),
    handle("minimizer", center, "minimizer", say.minimizer, point(state.minimizer, decimals), { now: state.minimizer[0], least: -reach / p.unit, most: reach / p.unit }),
  ];
  return { nodes, handles };
}

// --- Data beside the fit

// Two small planes: the features of every row, and what was observed over what the given parameters fit.
export function dataPanels({ x, y, w, h: height }, state, data, theta) {
  const { fixed } = data, say = data.words, [r1, r2] = fixed.features, gap = 46, top = y + 26;
  const side = Math.min((w - gap - 26) / 2, height - 50), left = x + (w - 2 * side - gap) / 2 + 12;
  const span = (p, range) => [p[0], p[0] + (range[1] - range[0])];
  const map = (from, [a, b], [c, d]) => c + ((from - a) / (b - a)) * (d - c);
  const spot = (row) => [map(row[0], r1, [left, left + side]), map(row[1], r2, [top + side, top])];
  const unspot = ([px, py]) => [map(px, [left, left + side], r1), map(py, [top + side, top], r2)];
  const right = left + side + gap, ry = fixed.target;
  const fitted = (row) => row[0] * theta[0] + row[1] * theta[1];
  const fit = (row) => [map(clamp(fitted(row), ...ry), ry, [right, right + side]), map(row[2], ry, [top + side, top])];
  const set = (k, row) => withRows(state, data, state.rows.map((old, j) => (j === k ? row : old)));
  const inside = ([a, b]) => [clamp(a, ...span([r1[0]], r1)), clamp(b, ...span([r2[0]], r2))];
  const handles = {}, { row } = state, chosen = state.rows[row];
  const keys = {
    PageDown: () => ({ ...state, row: (row + 1) % state.rows.length }),
    PageUp: () => ({ ...state, row: (row + state.rows.length - 1) % state.rows.length }),
    Delete: () => dataActions.remove(state, data),
    Insert: () => dataActions.add(state, data),
  };
  state.rows.forEach((one, k) => {
    handles[`x${k}`] = { at: spot(one), keys, picked: (s) => ({ ...s, row: k }), move: (_, to) => set(k, [...inside(unspot(to)), one[2]]) };
    handles[`y${k}`] = { at: fit(one), keys, picked: (s) => ({ ...s, row: k }), move: (_, to) => set(k, [one[0], one[1], clamp(map(to[1], [top + side, top], ry), ...ry)]) };
  });
  const others = state.rows.filter((_, k) => k !== row);
  const frame = (at, title, names) => [
    h("rect", { x: f1(at), y: f1(top), width: f1(side), height: f1(side), fill: "none", stroke: color("line"), "stroke-width": 1.5 }),
    text(title, [at, top - 9]), names[0] && symbol(names[0], [at + side - 4, top + side + 20], "dim", { anchor: "end", size: 16 }), symbol(names[1], [at - 8, top + 14], "dim", { anchor: "end", size: 16 }),
  ];
  const { symbols } = data, told_row = (k, more) => told(say.row, { number: k + 1, count: state.rows.length, ...more });
  const nodes = [
    ...frame(left, say.features, [symbols.x1, symbols.x2]), ...frame(right, say.fit, [null, symbols.y]),
    line([right, top + side], [right + side, top], "line", { "stroke-dasharray": "4 5" }),
    line(fit(chosen), [fit(chosen)[0], map(fit(chosen)[0], [right, right + side], [top + side, top])], "ridge", { "stroke-width": 2.5 }),
    dots(others.map(spot), 4, "ink", { opacity: 0.75 }), dots(others.map(fit), 4, "ridge", { opacity: 0.85 }),
    ...[left, right].map((at) => h("rect", { x: f1(at), y: f1(top), width: f1(side), height: f1(side), class: "lec-live-hit", "data-near": at === left ? "x" : "y" })),
    handle(`x${row}`, spot(chosen), "ink", say.row_features, told_row(row, { value: point(chosen, 2) }), { now: chosen[0], least: r1[0], most: r1[1], radius: 7 }),
    handle(`y${row}`, fit(chosen), "ridge", say.row_target, told_row(row, { value: running(chosen[2], 2) }), { now: chosen[2], least: ry[0], most: ry[1], radius: 7 }),
  ];
  const adds = (_, [px, py]) => (px > left && px < left + side && py > top && py < top + side ? added(state, data, unspot([px, py])) : null);
  return { nodes, handles, add: adds, bottom: top + side + 26 };
}

function added(state, data, [x1, x2]) {
  const rows = [...state.rows, [x1, x2, x1 * state.minimizer[0] + x2 * state.minimizer[1]]];
  return { ...withRows(state, data, rows), row: rows.length - 1 };
}

// Beyond so many rows an address becomes too long.
const MOST_ROWS = 200;
export const dataActions = {
  add: (state, data) => {
    const [r1, r2] = data.fixed.features, k = state.rows.length;
    // Somewhere new each time, at the fit; from there it can be moved.
    const spread = (j, [a, b]) => a + (b - a) * (0.1 + 0.8 * ((0.5 + j * k) % 1));
    return k < MOST_ROWS ? added(state, data, [spread(0.618, r1), spread(0.755, r2)]) : state;
  },
  remove: (state, data) => (state.rows.length > 3 ? { ...withRows(state, data, state.rows.filter((_, k) => k !== state.row)), row: Math.max(0, state.row - 1) } : state),
};

// --- What all have

export const lamDial = {
  position: (state, { fixed }) => clamp(penaltyScale(fixed.sigma).position(state.lam) / fixed.farthest, 0, 1),
  set: (state, at, { fixed }) => ({ ...state, lam: Number(penaltyScale(fixed.sigma).lam(at * fixed.farthest).toPrecision(4)) }),
  told: (state, data) => told(data.words.lam_value, { value: written(state.lam) }),
};

export const python = (value) => (Array.isArray(value) ? `[${value.map(python).join(", ")}]` : Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : String(value));

// The first of the lines to paste: the problem.
export function head(state) {
  const { H, minimizer } = problemOf(state);
  return ["import wdmath", "", `risk = wdmath.QuadraticRisk(${python(H)}, ${python(minimizer)})`, `lam = ${python(state.lam)}`];
}

// Where planes and data go in a picture of this width; `count` planes beside each other, or over each other.
export function regions(width, count, state, { ratio = 0.92 } = {}) {
  const narrow = width < 620, gap = 28, w = narrow || count === 1 ? width : (width - gap * (count - 1)) / count, height = Math.min(w * ratio, 500);
  const planes = Array.from({ length: count }, (_, k) => (narrow ? { x: 0, y: k * (height + gap), w, h: height } : { x: k * (w + gap), y: 0, w, h: height }));
  const bottom = planes.at(-1).y + height;
  const data = state.data && state.rows.length ? { x: 0, y: bottom + 14, w: width, h: Math.min(300, width * 0.5 + 40) } : null;
  return { planes, data, bottom, narrow };
}

// A chart: `across` and `up` are what its edges mean.
export function chart({ x, y, w, h: height }, across, up, { left = 46, bottom = 30, top = 14, right = 10 } = {}) {
  const place = { x: x + left, y: y + top, w: w - left - right, h: height - top - bottom };
  const map = (value, [a, b], from, size) => from + ((value - a) / (b - a || 1)) * size;
  return {
    ...place,
    at: ([a, b]) => [map(a, across, place.x, place.w), map(b, up, place.y + place.h, -place.h)],
    back: ([px]) => across[0] + ((px - place.x) / place.w) * (across[1] - across[0]),
  };
}
