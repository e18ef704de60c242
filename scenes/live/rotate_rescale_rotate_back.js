// Rotate, rescale, rotate back: the same problem in the plane of its parameters and in that of its eigenvectors.
import { decimalsFor, h, running, told, written } from "lecture/live.js";
import { degreesOfFreedom, fromEigenbasis, ridgeMinimizer, scaled, shrinkageFactors, toEigenbasis } from "./mathematics.js";
import { arrow, axes, beside, besideArrow, checkedProblem, clipped, contours, dataActions, dataPanels, handle, head, lamDial, line, plane, point, polyline, problemHandles, problemOf, regions, symbol } from "./plane.js";

// The path of the ridge minimizer as lam goes from 0 to infinity.
function path(problem, scale = 60) {
  const most = Math.max(...problem.basis.sigma) || 1;
  return Array.from({ length: scale + 1 }, (_, k) => ridgeMinimizer(problem.basis, problem.minimizer, most * (k / scale / (1 - k / scale)) ** 2));
}

// Arrows to both minimizers, and their components along the eigenvectors: what is lost pale, what is kept full.
function stage(p, name, problem, data, { z, kept, at, names }) {
  const { symbols } = data, origin = p.at([0, 0]), [minimizer, ridge] = [at(z), at(kept)].map(p.at);
  const parts = [0, 1].map((k) => {
    const unit = k ? [0, 1] : [1, 0], role = `eig${k + 1}`, end = p.at(at(scaled(unit, z[k]))), now = p.at(at(scaled(unit, kept[k])));
    return [
      line(origin, end, role, { "stroke-width": 8, opacity: 0.35 }), line(origin, now, role, { "stroke-width": 8 }),
      line(end, minimizer, role, { "stroke-width": 1.5, "stroke-dasharray": "3 4", opacity: 0.8 }), line(now, ridge, role, { "stroke-width": 1.5, "stroke-dasharray": "3 4", opacity: 0.8 }),
    ];
  });
  return h("g", {}, clipped(p, `${data.slug}-${name}`, parts, arrow(origin, minimizer, "minimizer", { width: 3.5 }), arrow(origin, ridge, "ridge", { width: 5 })), [
    symbol(symbols.min, beside(minimizer, origin, 22), "minimizer"), symbol(symbols.ridge, besideArrow(origin, ridge, minimizer, 24), "ridge"),
    ...names.map(([name_, to, role]) => symbol(name_, to, role)),
  ]);
}

export const rotate = {
  dials: { lam: lamDial },
  actions: dataActions,
  checked: checkedProblem,

  draw(state, width, data) {
    const problem = problemOf(state), { basis, minimizer } = problem, { symbols, fixed, words } = data;
    const z = toEigenbasis(basis, minimizer), factors = shrinkageFactors(basis.sigma, state.lam), kept = z.map((component, k) => factors[k] * component);
    const { planes, data: place, bottom } = regions(width, 2, state);
    const [left, right] = [plane(planes[0], fixed), plane(planes[1], fixed, fixed.turned)];
    const rays = [basis.q1, basis.q2].map((q, k) => line(left.at(scaled(q, -9 * fixed.half)), left.at(scaled(q, 9 * fixed.half)), `eig${k + 1}`, { "stroke-width": 1.5, opacity: 0.7 }));
    const ends = [basis.q1, basis.q2].map((q, k) => {
      // Where the ray leaves the plane, on its upper or right side.
      const [ox, oy] = left.at([0, 0]), way = q[1] < 0 ? scaled(q, -1) : q;
      const room = [way[0] > 0 ? left.x + left.w - 14 - ox : ox - left.x - 14, oy - left.y - 14];
      const end = left.at(scaled(way, Math.min(room[0] / Math.abs(way[0]), room[1] / Math.abs(way[1])) / left.unit));
      return [k ? symbols.q2 : symbols.q1, [end[0] + (way[0] > 0 ? -20 : 20), end[1] + 12], `eig${k + 1}`];
    });
    const ridges = path(problem), turn = (theta) => toEigenbasis(basis, theta), decimals = decimalsFor(fixed.half);
    const { nodes, handles } = problemHandles(left, state, data);
    handles.turned = { at: right.at(z), move: (_, to) => handles.minimizer.move(state, left.at(fromEigenbasis(basis, right.back(to)))) };
    const ridge = fromEigenbasis(basis, kept), below = place && dataPanels(place, state, data, ridge);
    const [first, second, freedom] = [...factors, degreesOfFreedom(basis.sigma, state.lam)].map((value) => running(value, 2));
    return {
      width, height: below ? below.bottom : bottom,
      attributes: {},
      children: [
        axes(left, [symbols.theta1, symbols.theta2]),
        clipped(left, `${data.slug}-l`, contours(left, problem, data), rays, polyline(ridges.map(left.at), "ridge", { opacity: 0.5, "stroke-width": 3 })),
        stage(left, "a", problem, data, { z, kept, at: (v) => fromEigenbasis(basis, v), names: ends }),
        axes(right, [symbols.z1, symbols.z2]),
        clipped(right, `${data.slug}-r`, contours(right, problem, data, turn), polyline(ridges.map(turn).map(right.at), "ridge", { opacity: 0.5, "stroke-width": 3 })),
        stage(right, "b", problem, data, { z, kept, at: (v) => v, names: [] }),
        handle("turned", right.at(z), "minimizer", "", "", { stop: false }),
        h("g", {}, nodes),
        h("g", {}, below ? below.nodes : []),
      ],
      handles: { ...handles, ...below?.handles },
      add: below?.add,
      texts: {
        lam: written(state.lam), s1: written(basis.sigma[0]), s2: written(basis.sigma[1]), f1: first, f2: second,
        z1: running(z[0], decimals), z2: running(z[1], decimals), k1: running(kept[0], decimals), k2: running(kept[1], decimals),
        m1: running(minimizer[0], decimals), m2: running(minimizer[1], decimals), t1: running(ridge[0], decimals), t2: running(ridge[1], decimals), dof: freedom,
      },
      bars: { f1: factors[0], f2: factors[1], dof: degreesOfFreedom(basis.sigma, state.lam) / 2 },
      says: told(words.says_rotate, { first, second, freedom, place: point(ridge, decimals) }),
    };
  },

  lines(state) {
    return [
      ...head(state),
      "components = risk.to_eigenbasis(risk.minimizer)  # rotate",
      "factors = wdmath.shrinkage_factors(risk.eigenvalues, lam)  # rescale",
      "ridge = risk.from_eigenbasis(factors * components)  # rotate back",
      "freedom = wdmath.effective_degrees_of_freedom(risk.eigenvalues, lam)",
      "print(factors, ridge, freedom)",
    ].join("\n");
  },
};
