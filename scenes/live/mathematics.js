// Two parameters, exactly: the numbers of wdmath, computed while a hand moves. The conventions are wdmath's (README there);
// tests/scenes/test_live_mathematics.py compares every function with it. Points are [x, y], matrices [[a, b], [c, d]].

// Where wdmath takes an eigenvalue for 0, or two for equal: 2 max(p, 8) rounding errors.
const ROUNDING = 16 * Number.EPSILON;

export const add = (u, v) => [u[0] + v[0], u[1] + v[1]];
export const scaled = (u, factor) => [u[0] * factor, u[1] * factor];
export const subtract = (u, v) => [u[0] - v[0], u[1] - v[1]];
export const dot = (u, v) => u[0] * v[0] + u[1] * v[1];
export const length = (u) => Math.hypot(u[0], u[1]);
export const times = (M, u) => [dot(M[0], u), dot(M[1], u)];
export const turned = (u, angle) => {
  const c = Math.cos(angle), s = Math.sin(angle);
  return [c * u[0] - s * u[1], s * u[0] + c * u[1]];
};

// H with eigenvalue s[0] in the direction `angle`, and s[1] across.
export function hessianOf(angle, s) {
  const c = Math.cos(angle), n = Math.sin(angle), across = c * n * (s[0] - s[1]);
  return [[s[0] * c * c + s[1] * n * n, across], [across, s[0] * n * n + s[1] * c * c]];
}

// H = Q diag(sigma) Q^T with sigma descending, det Q = 1, and the larger entry of the first eigenvector positive.
export function eigenbasis(H) {
  const [[a, b], [, d]] = H, half = (a - d) / 2;
  const largest = (a + d) / 2 + Math.hypot(half, b);
  if (largest === 0 || 2 * Math.hypot(half, b) <= ROUNDING * largest) {
    const both = (a + d) / 2;
    return { sigma: [both, both], q1: [1, 0], q2: [0, 1] };
  }
  const least = (a / largest) * d - (b / largest) * b;
  const angle = Math.atan2(b, half) / 2;
  let q1 = [Math.cos(angle), Math.sin(angle)];
  const leading = Math.abs(q1[0]) >= Math.abs(q1[1]) * (1 - 1e-9) ? q1[0] : q1[1];
  if (leading < 0) q1 = scaled(q1, -1);
  return { sigma: [largest, least <= ROUNDING * largest ? 0 : least], q1, q2: [-q1[1], q1[0]] };
}

export const toEigenbasis = ({ q1, q2 }, theta) => [dot(q1, theta), dot(q2, theta)];
export const fromEigenbasis = ({ q1, q2 }, z) => add(scaled(q1, z[0]), scaled(q2, z[1]));

// sigma / (sigma + lam), and 0 for a zero eigenvalue.
export const shrinkageFactors = (sigma, lam) => sigma.map((s) => (s > 0 ? s / (s + lam) : 0));
export const degreesOfFreedom = (sigma, lam) => shrinkageFactors(sigma, lam).reduce((sum, f) => sum + f, 0);

export function ridgeMinimizer(basis, minimizer, lam) {
  const z = toEigenbasis(basis, minimizer), f = shrinkageFactors(basis.sigma, lam);
  return fromEigenbasis(basis, [f[0] * z[0], f[1] * z[1]]);
}

export const gradient = (H, minimizer, theta) => times(H, subtract(theta, minimizer));
// The risk above its minimum.
export function excess(basis, minimizer, theta) {
  const z = toEigenbasis(basis, subtract(theta, minimizer));
  return (basis.sigma[0] * z[0] * z[0] + basis.sigma[1] * z[1] * z[1]) / 2;
}

// Semi-axes of {risk above its minimum = level} along the eigenvectors.
export const semiAxes = (sigma, level) => sigma.map((s) => (s > 0 ? Math.sqrt((2 * level) / s) : Infinity));

// Minimizer of the risk + lam (|theta_1| + |theta_2|): of the nine possible patterns of signs, the one that fits.
export function lassoMinimizer(H, minimizer, lam) {
  const b = times(H, minimizer), [[a, c], [, d]] = H;
  const cost = (theta) => {
    const away = subtract(theta, minimizer);
    return dot(away, times(H, away)) / 2 + lam * (Math.abs(theta[0]) + Math.abs(theta[1]));
  };
  const soft = (x) => Math.sign(x) * Math.max(Math.abs(x) - lam, 0);
  const candidates = [[0, 0]];
  if (a > 0) candidates.push([soft(b[0]) / a, 0]);
  if (d > 0) candidates.push([0, soft(b[1]) / d]);
  const det = a * d - c * c;
  if (det > 0) {
    for (const s of [1, -1]) {
      for (const t of [1, -1]) {
        // H theta = b - lam (s, t), as a distance from the minimizer: nothing is lost for small lam.
        const theta = [minimizer[0] - (lam * (d * s - c * t)) / det, minimizer[1] - (lam * (a * t - c * s)) / det];
        if (theta[0] * s >= 0 && theta[1] * t >= 0) candidates.push(theta);
      }
    }
  }
  return candidates.reduce((best, theta) => (cost(theta) < cost(best) ? theta : best));
}

// Strengths between which the lasso's path is straight, descending from where it leaves 0: more than its knots, none missed.
export function lassoKnots(H, minimizer) {
  const b = times(H, minimizer), [[a, c], [, d]] = H, det = a * d - c * c;
  const found = [Math.abs(b[0]), Math.abs(b[1]), 0];
  const meet = (diagonal, own, other) => {
    // The other coordinate's slope other - c s (|own| - lam) / diagonal reaches t lam.
    for (const t of [1, -1]) {
      const s = Math.sign(own) || 1;
      found.push((other * diagonal - c * own) / (t * diagonal - c * s));
    }
  };
  if (a > 0) meet(a, b[0], b[1]);
  if (d > 0) meet(d, b[1], b[0]);
  for (const [s, t] of [[1, 1], [1, -1], [-1, 1], [-1, -1]]) {
    found.push((minimizer[0] * det) / (d * s - c * t), (minimizer[1] * det) / (a * t - c * s));
  }
  const most = Math.max(found[0], found[1]);
  return [...new Set(found.filter((lam) => lam >= 0 && lam <= most))].sort((one, other) => other - one);
}

// Gradient descent with weight decay, every step in its parts:
//     shrunk = (1 - alpha lam) theta,  stepped = shrunk - alpha grad R(theta),  next = stepped + beta v
// with v the whole step before. Without momentum `stepped` is the next point.
export function descent(H, minimizer, { start, alpha, lam, beta = 0, steps }) {
  const points = [start], shrunk = [], stepped = [];
  let v = [0, 0];
  for (let k = 0; k < steps; k += 1) {
    const theta = points[k];
    shrunk.push(scaled(theta, 1 - alpha * lam));
    stepped.push(subtract(shrunk[k], scaled(gradient(H, minimizer, theta), alpha)));
    points.push(beta ? add(stepped[k], scaled(v, beta)) : stepped[k]);
    v = subtract(points[k + 1], theta);
  }
  return { points, shrunk, stepped };
}

// The largest step size that does not diverge.
export const stabilityBound = (sigma, lam, beta = 0) => (2 * (1 + beta)) / (Math.max(...sigma) + lam);
export const diverges = (sigma, alpha, lam, beta = 0) => alpha > stabilityBound(sigma, lam, beta);

// 1 - (1 - alpha sigma)^steps: what descent from 0 reaches of each component without decay.
export const stoppingFactors = (sigma, alpha, steps) => sigma.map((s) => (
  alpha * s < 1 ? -Math.expm1(steps * Math.log1p(-alpha * s)) : 1 - (1 - alpha * s) ** steps
));

// Least squares c sum (y - x theta)^2 of rows [x1, x2, y]: Hessian and minimizer, the shortest where there are several.
export function leastSquares(rows, c) {
  let a = 0, b = 0, d = 0;
  for (const [x1, x2] of rows) {
    a += x1 * x1;
    b += x1 * x2;
    d += x2 * x2;
  }
  const H = [[2 * c * a, 2 * c * b], [2 * c * b, 2 * c * d]], basis = eigenbasis(H);
  const solve = (targets) => {
    const g = [0, 0];
    rows.forEach(([x1, x2], i) => {
      g[0] += 2 * c * x1 * targets[i];
      g[1] += 2 * c * x2 * targets[i];
    });
    const z = toEigenbasis(basis, g).map((component, k) => (basis.sigma[k] > 0 ? component / basis.sigma[k] : 0));
    return fromEigenbasis(basis, z);
  };
  let minimizer = solve(rows.map((row) => row[2]));
  minimizer = add(minimizer, solve(rows.map((row) => row[2] - dot(row, minimizer))));  // once more, for the digits
  return { H, minimizer };
}

// Rows whose Hessian is another and whose fit is a given one, with the residuals that they had.
export function rowsFor(rows, c, { angle, s, minimizer }) {
  const before = leastSquares(rows, c), { sigma, q1, q2 } = eigenbasis(before.H);
  const along = [[Math.cos(angle), Math.sin(angle)], [-Math.sin(angle), Math.cos(angle)]];
  return rows.map((row) => {
    const white = [dot(q1, row) / Math.sqrt(sigma[0]), dot(q2, row) / Math.sqrt(sigma[1])];
    const back = add(scaled(q1, white[0]), scaled(q2, white[1]));
    const parts = along.map((direction, k) => Math.sqrt(s[k]) * dot(direction, back));
    const x = add(scaled(along[0], parts[0]), scaled(along[1], parts[1]));
    return [...x, row[2] - dot(row, before.minimizer) + dot(x, minimizer)];
  });
}

// All penalty strengths on a finite scale: positions s in [0, 1), s = lam^a / (lam^a + middle^a), with the eigenvalues
// symmetric about 1/2.
export function penaltyScale(sigma) {
  const logs = sigma.filter((s) => s > 0).map(Math.log);
  const mean = logs.length ? logs.reduce((sum, x) => sum + x, 0) / logs.length : 0;
  const spread = logs.length ? Math.max(...logs) - mean : 0;
  const middle = Math.exp(mean), power = spread > 0 ? Math.min(1, Math.log(4.5) / spread) : 1;
  return {
    position: (lam) => (lam === 0 ? 0 : 1 / (1 + (middle / lam) ** power)),
    lam: (position) => middle * (position / (1 - position)) ** (1 / power),
  };
}
