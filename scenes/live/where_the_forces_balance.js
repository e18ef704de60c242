// Where the forces balance: an ellipse of the risk touches the circle or the diamond of the penalty, and there two pulls
// are equal and opposite.
import { clamp, decimalsFor, h, running, told, written } from "lecture/live.js";
import { add, excess, gradient, lassoKnots, lassoMinimizer, length, penaltyScale, ridgeMinimizer, scaled, semiAxes } from "./mathematics.js";
import { arrow, axes, beside, besideArrow, chart, checkedProblem, clipped, color, contours, dataActions, dataPanels, dotAt, ellipse, handle, head, lamDial, line, plane, point, polyline, problemHandles, problemOf, python, regions, symbol, text } from "./plane.js";

// Positions of the scale of strengths for which curves are computed.
const POSITIONS = Array.from({ length: 73 }, (_, k) => k / 72);

function solutions(problem, state, { fixed }) {
  const { H, basis, minimizer } = problem, scale = penaltyScale(fixed.sigma);
  const at = (lam) => (state.lasso ? lassoMinimizer(H, minimizer, lam) : ridgeMinimizer(basis, minimizer, lam));
  const cost = (lam, theta) => (state.lasso ? lam * (Math.abs(theta[0]) + Math.abs(theta[1])) : (lam / 2) * (theta[0] ** 2 + theta[1] ** 2));
  return { at, cost, scale };
}

// What pulls to 0 at a point; where a coefficient of the lasso is 0, as much as holds it there.
function pullOfPenalty(problem, state, theta) {
  if (!state.lasso) return scaled(theta, -state.lam);
  const against = gradient(problem.H, problem.minimizer, theta);
  return theta.map((entry, k) => (entry === 0 ? clamp(against[k], -state.lam, state.lam) : -state.lam * Math.sign(entry)));
}

export const forces = {
  dials: { lam: lamDial },
  actions: dataActions,
  checked: (state, data) => ({ ...checkedProblem(state, data), probe: state.probe.map((x) => clamp(x, -data.fixed.reach, data.fixed.reach)) }),

  draw(state, width, data) {
    const problem = problemOf(state), { basis, minimizer, H } = problem, { symbols, fixed, words } = data;
    const { planes: [left, right], data: place, bottom } = regions(width, 2, state);
    const p = plane(left, fixed), { at, cost, scale } = solutions(problem, state, data);
    const best = at(state.lam), theta = state.free ? state.probe : best, level = excess(basis, minimizer, best);
    const decimals = decimalsFor(fixed.half), angle = Math.atan2(basis.q1[1], basis.q1[0]);
    const size = state.lasso ? Math.abs(best[0]) + Math.abs(best[1]) : length(best);
    const corners = [[1, 0], [0, 1], [-1, 0], [0, -1], [1, 0]].map((v) => p.at(scaled(v, size)));
    const rim = { "stroke-width": 3, "stroke-dasharray": "8 6" };
    const ball = state.lasso ? polyline(corners, "penalty", rim) : ellipse(p, [0, 0], [size, size], 0, "penalty", rim);
    const path = state.lasso
      ? lassoKnots(H, minimizer).map((lam) => lassoMinimizer(H, minimizer, lam))
      : [...POSITIONS.slice(0, -1).map((s) => at(scale.lam(s))), [0, 0]];

    // Both pulls at one scale, which nothing changes.
    const unit = fixed.half / fixed.pull, spot = p.at(theta);
    const ofRisk = scaled(gradient(H, minimizer, theta), -1), ofPenalty = pullOfPenalty(problem, state, theta);
    const tip = (pull) => p.at(add(theta, scaled(pull, unit))), sum = add(ofRisk, ofPenalty);
    const balanced = length(sum) <= 1e-9 * (length(ofRisk) + length(ofPenalty)) || !state.free;
    const pulls = [
      arrow(spot, tip(ofRisk), "minimizer", { width: 4 }), arrow(spot, tip(ofPenalty), "penalty", { width: 4, dash: "9 5" }),
      balanced ? null : arrow(spot, tip(sum), "ink", { width: 3 }),
    ];

    // Risk and penalty of the solutions, over the strength.
    const top = excess(basis, minimizer, [0, 0]) || 1, c = chart(right, [0, fixed.farthest], [0, 1.06 * top]);
    const lams = POSITIONS.map((s) => scale.lam(s * fixed.farthest)), solved = lams.map(at);
    const here = c.at([scale.position(state.lam), 0])[0];
    const curve = (values, role, more) => polyline(values.map((value, k) => c.at([POSITIONS[k] * fixed.farthest, value])), role, { "stroke-width": 3, ...more });
    const risks = solved.map((one) => excess(basis, minimizer, one)), costs = solved.map((one, k) => cost(lams[k], one));
    const beside_ = (values, k) => add(c.at([POSITIONS[k] * fixed.farthest, values[k]]), [-10, -8]);
    const now = { risk: level, penalty: cost(state.lam, best) };
    const plot = [
      line([c.x, c.y + c.h], [c.x + c.w, c.y + c.h], "line", { "stroke-width": 1.5 }), line([c.x, c.y], [c.x, c.y + c.h], "line", { "stroke-width": 1.5 }),
      text("0", [c.x - 8, c.y + c.h + 5], "dim", { anchor: "end", size: 13 }), text(written(top, 2), [c.x - 8, c.at([0, top])[1] + 5], "dim", { anchor: "end", size: 13 }),
      line([c.x - 5, c.at([0, top])[1]], [c.x, c.at([0, top])[1]], "line", { "stroke-width": 1.5 }),
      symbol(symbols.lam, [c.x + c.w - 6, c.y + c.h + 22], "penalty"),
      line([here, c.y], [here, c.y + c.h], "penalty", { "stroke-width": 1.5 }),
      curve(risks, "minimizer", {}), curve(costs, "penalty", { "stroke-dasharray": "9 5" }),
      dotAt([here, c.at([0, now.risk])[1]], 6, "minimizer"), dotAt([here, c.at([0, now.penalty])[1]], 6, "penalty"),
      text(words.risk, beside_(risks, 60), "minimizer", { anchor: "end", size: 15 }),
      text(words.penalty, beside_(costs, 24), "penalty", { anchor: "end", size: 15 }),
    ];

    const { nodes, handles } = problemHandles(p, state, data);
    if (state.free) handles.probe = { at: spot, move: (_, to) => ({ ...state, probe: p.back(to) }), key: (_, dx, dy) => ({ ...state, probe: add(state.probe, [(dx * fixed.half) / 200, (dy * fixed.half) / 200]) }) };
    handles.strength = { at: [here, c.y + c.h / 2], move: (_, to) => ({ ...state, lam: Number(scale.lam(clamp(c.back(to), 0, fixed.farthest)).toPrecision(4)) }) };
    const below = place && dataPanels(place, state, data, best);
    const balance = scaled(gradient(H, minimizer, best), -1), across = Math.abs(sum[0]) + Math.abs(sum[1]), forceDecimals = decimalsFor(fixed.pull);
    const label = state.lasso ? symbols.theta : symbols.ridge;
    return {
      width, height: below ? below.bottom : bottom,
      attributes: {},
      children: [
        axes(p, [symbols.theta1, symbols.theta2]),
        clipped(
          p, `${data.slug}-a`, contours(p, problem, data), polyline(path.map(p.at), "ridge", { opacity: 0.6, "stroke-width": 3 }),
          ellipse(p, minimizer, semiAxes(basis.sigma, level), angle, "minimizer", { "stroke-width": 3 }), ball, pulls,
        ),
        dotAt(p.at(best), 7, "ridge", { stroke: color("background"), "stroke-width": 2 }),
        symbol(symbols.min, beside(p.at(minimizer), p.at([0, 0]), 22), "minimizer"),
        symbol(label, besideArrow(tip(ofRisk), p.at(best), p.at([0, 0]), 26), "ridge"),
        h("g", {}, plot),
        h("g", { "data-handle": "strength", class: "lec-live-handle" }, h("rect", { x: here - 14, y: c.y, width: 28, height: c.h, class: "lec-live-hit" })),
        h("g", {}, nodes, state.free ? handle("probe", spot, "ink", words.probe, point(theta, decimals), { now: theta[0], least: -fixed.half, most: fixed.half, radius: 7 }) : null),
        h("g", {}, below ? below.nodes : []),
      ],
      handles: { ...handles, ...below?.handles },
      add: below?.add,
      texts: {
        lam: written(state.lam), t1: running(best[0], decimals), t2: running(best[1], decimals),
        p1: running(balance[0], forceDecimals), p2: running(balance[1], forceDecimals),
        risk: written(now.risk), half: written(now.penalty), sum: across <= 1e-9 * fixed.pull ? "0" : point(sum, forceDecimals),
      },
      bars: {},
      says: told(state.lasso ? words.says_lasso : words.says_forces, { place: point(best, decimals), pull: point(balance, forceDecimals), excess: written(now.risk), cost: written(now.penalty) }),
    };
  },

  lines(state) {
    const probe = state.free ? ["", `theta = ${python(state.probe)}  # another point`, "pulls = -risk.gradient(theta)"] : [];
    if (state.lasso) {
      return [
        ...head(state),
        "theta = wdmath.lasso_path_from_risk(risk).at(lam)  # the diamond touches an ellipse here",
        "pull = -risk.gradient(theta)",
        "excess = risk.value(theta) - risk.constant",
        "penalty = lam * abs(theta).sum()",
        "print(theta, pull, excess, penalty)", ...probe,
      ].join("\n");
    }
    return [
      ...head(state),
      "theta = wdmath.tangent_circle(risk, lam).point  # the circle touches an ellipse here",
      "pull = -risk.gradient(theta)  # equals lam * theta",
      "excess = wdmath.tangent_circle(risk, lam).level",
      "penalty = lam / 2 * (theta @ theta)",
      "print(theta, pull, excess, penalty)", ...probe,
    ].join("\n");
  },
};
