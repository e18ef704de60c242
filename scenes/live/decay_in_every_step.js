// Decay in every step: shrink, then follow the gradient; too large a step, momentum, and stopping early.
import { clamp, decimalsFor, h, running, told, written } from "lecture/live.js";
import { descent, diverges, ridgeMinimizer, shrinkageFactors, stabilityBound, stoppingFactors, toEigenbasis } from "./mathematics.js";
import { axes, beside, besideArrow, chart, checkedProblem, clipped, color, contours, dataActions, dataPanels, dotAt, dots, handle, head, lamDial, line, plane, point, polyline, problemHandles, problemOf, python, regions, symbol, text } from "./plane.js";

// The dial of the step size: four decades, up to some times the bound of the problem at the start.
const DECADES = 3;

// Numbers that a diverging run may reach before it is no longer drawn.
const FAR = 1e6;

// Pieces from one list of points to another, as one path.
const pieces = (p, from, to, role, more) => h("path", {
  d: from.map((one, k) => [one, to[k]].map(p.at)).filter((ends) => ends.flat().every((v) => Math.abs(v) < FAR))
    .map(([a, b]) => `M${a[0].toFixed(1)} ${a[1].toFixed(1)}L${b[0].toFixed(1)} ${b[1].toFixed(1)}`).join(""),
  fill: "none", stroke: color(role), "stroke-linecap": "butt", ...more,
});

export const steps = {
  dials: {
    lam: lamDial,
    alpha: {
      position: (state, { fixed }) => clamp(1 + Math.log10(state.alpha / fixed.largest) / DECADES, 0, 1),
      set: (state, at, { fixed }) => ({ ...state, alpha: Number((fixed.largest * 10 ** (DECADES * (at - 1))).toPrecision(3)) }),
      told: (state, { words }) => told(words.alpha_value, { value: written(state.alpha) }),
    },
    steps: {
      position: (state, { fixed }) => state.steps / fixed.most,
      set: (state, at, { fixed }) => ({ ...state, steps: Math.round(at * fixed.most) }),
      told: (state, { words }) => told(words.steps_value, { value: String(state.steps) }),
    },
    beta: {
      position: (state) => state.beta / 0.95,
      set: (state, at) => ({ ...state, beta: Number((0.95 * at).toFixed(2)) }),
      told: (state, { words }) => told(words.beta_value, { value: state.beta.toFixed(2) }),
    },
  },
  actions: dataActions,
  checked(state, data) {
    const { fixed } = data, checked = checkedProblem(state, data);
    return {
      ...checked,
      start: state.start.map((x) => clamp(x, -fixed.reach, fixed.reach)), alpha: clamp(state.alpha, fixed.largest * 10 ** -DECADES, fixed.largest),
      steps: clamp(Math.round(state.steps), 0, fixed.most), beta: clamp(state.beta, 0, 0.95),
    };
  },

  draw(state, width, data) {
    const problem = problemOf(state), { basis, minimizer, H } = problem, { symbols, fixed, words } = data;
    const { planes: [left, right], data: place, bottom } = regions(width, 2, state);
    const p = plane(left, fixed), decimals = decimalsFor(fixed.half);
    const { alpha, lam, beta } = state, run = descent(H, minimizer, { start: state.start, alpha, lam, beta, steps: state.steps });
    const ridge = ridgeMinimizer(basis, minimizer, lam), last = run.points.at(-1), grows = diverges(basis.sigma, alpha, lam, beta);
    const near = run.points.filter((theta) => Math.max(Math.abs(theta[0]), Math.abs(theta[1])) < FAR);

    // Stopping early instead: as many steps without decay from 0, and the one penalty that stands for them.
    const equal = state.steps ? 1 / (alpha * state.steps) : Infinity, early = descent(H, minimizer, { start: [0, 0], alpha, lam: 0, steps: state.steps });
    const stopped = early.points.at(-1), twin = state.steps ? ridgeMinimizer(basis, minimizer, equal) : [0, 0];
    const compared = state.early ? [
      polyline(early.points.filter((theta) => Math.abs(theta[0]) + Math.abs(theta[1]) < FAR).map(p.at), "dim", { "stroke-width": 2.5, "stroke-dasharray": "2 5" }),
      dotAt(p.at(stopped), 6, "dim"), dotAt(p.at(twin), 9, "ridge", { fill: "none", stroke: color("ridge"), "stroke-width": 2.5 }),
    ] : [];

    // Components along the eigenvectors, step by step.
    const z = run.points.map((theta) => toEigenbasis(basis, theta)), zEarly = early.points.map((theta) => toEigenbasis(basis, theta));
    const goal = toEigenbasis(basis, minimizer), kept = shrinkageFactors(basis.sigma, lam).map((f, k) => f * goal[k]);
    const most = 1.25 * Math.max(...[0, 1].map((k) => Math.abs(goal[k])), ...[0, 1].map((k) => Math.abs(z[0][k])), 1e-9);
    const least = Math.min(0, ...[0, 1].map((k) => goal[k]), ...[0, 1].map((k) => z[0][k])) < 0 ? -most : -0.18 * most;
    const c = chart(right, [0, Math.max(state.steps, 1)], [least, most]);
    const dense = state.steps > 60;
    const plot = [0, 1].map((k) => {
      const role = `eig${k + 1}`, values = z.map((one, j) => c.at([j, one[k]])).filter((spot) => Math.abs(spot[1]) < FAR);
      return [
        line(c.at([0, kept[k]]), c.at([Math.max(state.steps, 1), kept[k]]), role, { "stroke-width": 1.5, "stroke-dasharray": "7 5" }),
        state.early ? polyline(zEarly.map((one, j) => c.at([j, one[k]])).filter((spot) => Math.abs(spot[1]) < FAR), role, { "stroke-width": 2, "stroke-dasharray": "2 5" }) : null,
        polyline(values, role, { "stroke-width": 2.5 }), dense ? null : dots(values, 3, role),
      ];
    });
    const zero = c.at([0, 0])[1], labels = [0, 1].map((k) => c.at([0, kept[k]])[1]);
    if (Math.abs(labels[0] - labels[1]) < 24) labels[labels[0] < labels[1] ? 0 : 1] -= 24 - Math.abs(labels[0] - labels[1]);

    const { nodes, handles } = problemHandles(p, state, data);
    handles.start = { at: p.at(state.start), move: (_, to) => ({ ...state, start: p.back(to) }) };
    const below = place && dataPanels(place, state, data, ridge), verdict = grows ? words.diverges : words.settles;
    const factors = stoppingFactors(basis.sigma, alpha, state.steps), beside_ = state.steps ? shrinkageFactors(basis.sigma, equal) : [0, 0];
    const reached = Math.max(Math.abs(last[0]), Math.abs(last[1])) < FAR;
    return {
      width, height: below ? below.bottom : bottom,
      attributes: {},
      children: [
        axes(p, [symbols.theta1, symbols.theta2]),
        clipped(
          p, `${data.slug}-a`, contours(p, problem, data), h("g", {}, compared),
          pieces(p, run.points.slice(0, -1), run.shrunk, "penalty", { "stroke-width": 3.5 }),
          pieces(p, run.shrunk, run.stepped, "ink", { "stroke-width": 2.2 }),
          beta ? pieces(p, run.stepped, run.points.slice(1), "line", { "stroke-width": 2.2 }) : null,
          dense ? null : dots(near.map(p.at), 3.2, "ink"),
          dotAt(p.at(ridge), 7, "ridge", { stroke: color("background"), "stroke-width": 2 }),
          reached ? dotAt(p.at(last), 5, "ink") : null,
        ),
        symbol(symbols.min, beside(p.at(minimizer), p.at([0, 0]), 22), "minimizer"),
        symbol(symbols.ridge, besideArrow(p.at([0, 0]), p.at(ridge), p.at(minimizer), 26), "ridge"),
        line([c.x, zero], [c.x + c.w, zero], "line", { "stroke-width": 1.5 }), line([c.x, c.y], [c.x, c.y + c.h], "line", { "stroke-width": 1.5 }),
        text(words.step, [c.x + c.w - 34, zero + 20], "dim", { anchor: "end" }), text(String(state.steps), [c.x + c.w, zero + 20], "dim", { anchor: "end", size: 13 }),
        clipped(c, `${data.slug}-b`, plot),
        [0, 1].map((k) => symbol(k ? symbols.z2 : symbols.z1, [c.x - 20, labels[k] + 6], `eig${k + 1}`)),
        h("g", {}, handle("start", p.at(state.start), "ink", words.start, point(state.start, decimals), { now: state.start[0], least: -fixed.half, most: fixed.half, radius: 7 }), nodes),
        h("g", {}, below ? below.nodes : []),
      ],
      handles: { ...handles, ...below?.handles },
      add: below?.add,
      texts: {
        lam: written(lam), alpha: written(alpha), beta: beta.toFixed(2), steps: String(state.steps), shrink: running(1 - alpha * lam, 3),
        bound: written(stabilityBound(basis.sigma, lam, beta)), verdict, e1: running(last[0], decimals), e2: running(last[1], decimals), t1: running(ridge[0], decimals), t2: running(ridge[1], decimals),
        equal: Number.isFinite(equal) ? written(equal) : "∞", s1: running(factors[0], 2), s2: running(factors[1], 2), r1: running(beside_[0], 2), r2: running(beside_[1], 2),
      },
      bars: {},
      says: told(words.says_steps, { count: String(state.steps), place: point(last, decimals), verdict, bound: written(stabilityBound(basis.sigma, lam, beta)) }),
    };
  },

  lines(state) {
    const { alpha, beta } = state;
    const run = beta
      ? `points = wdmath.heavy_ball(risk, ${python(state.start)}, step_size=${python(alpha)}, momentum=${python(beta)}, steps=${state.steps}, lam=lam)`
      : `points = wdmath.weight_decay_steps(risk, ${python(state.start)}, step_size=${python(alpha)}, steps=${state.steps}, lam=lam).points`;
    const early = state.early && state.steps ? [
      `stopped = wdmath.gradient_descent(risk, [0.0, 0.0], step_size=${python(alpha)}, steps=[${state.steps}])[0]`,
      `twin = wdmath.ridge_minimizer(risk, wdmath.global_early_stopping_lam(${python(alpha)}, ${state.steps}))`,
    ] : [];
    return [
      ...head(state), run,
      "ridge = wdmath.ridge_minimizer(risk, lam)",
      `bound = wdmath.stability_bound(risk.eigenvalues, lam${beta ? `, momentum=${python(beta)}` : ""})`,
      ...early,
      "print(points[-1], ridge, bound)",
    ].join("\n");
  },
};
