// Figures under the reader's hand: from a state of plain numbers to a picture, and from hand, keys and address back.
// A figure is an object (lecture/targets/live.py says what is in it); what it is about is none of this file's business.

const SVG = "http://www.w3.org/2000/svg";

// A picture is a tree of plain objects, so that what is painted can as well be written down: the still, and the copy.
export const h = (tag, attributes = {}, ...children) => ({ tag, attributes, children: children.flat(4).map((child) => child ?? h("g")) });

const escaped = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

// What stays of a picture that no hand can reach.
const ATTRIBUTES_OF_HANDLES = /^(role|tabindex|aria-|data-)/;

export function markup(node, still = false) {
  if (typeof node === "string") return escaped(node);
  const kept = Object.entries(node.attributes).filter(([name]) => !(still && ATTRIBUTES_OF_HANDLES.test(name)));
  const attributes = kept.map(([name, value]) => ` ${name}="${escaped(value)}"`).join("");
  return `<${node.tag}${attributes}>${node.children.map((child) => markup(child, still)).join("")}</${node.tag}>`;
}

function created(node) {
  if (typeof node === "string") return document.createTextNode(node);
  const element = document.createElementNS(SVG, node.tag);
  repaint(element, { attributes: {}, children: [] }, node);
  return element;
}

// Makes an element that shows `before` show `after`, and touches only what differs.
function repaint(element, before, after) {
  if (before === after) return;
  for (const name in after.attributes) {
    if (before.attributes[name] !== after.attributes[name]) element.setAttribute(name, after.attributes[name]);
  }
  for (const name in before.attributes) if (!(name in after.attributes)) element.removeAttribute(name);
  const { length } = after.children, shown = element.childNodes;
  after.children.forEach((child, k) => {
    const old = before.children[k];
    if (old === undefined) element.append(created(child));
    else if (typeof child === "string" && typeof old === "string") { if (child !== old) shown[k].data = child; }
    else if (child.tag === old.tag) repaint(shown[k], old, child);
    else element.replaceChild(created(child), shown[k]);
  });
  for (let k = before.children.length; k > length; k -= 1) element.removeChild(shown[k - 1]);
}

// Numbers as they are written: so many significant digits, and a power of ten where zeros would be counted.
export function written(value, digits = 3) {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "?" : value > 0 ? "∞" : "−∞";
  const [mantissa, power] = value.toExponential(digits - 1).split("e").map(Number);
  if (power < -4 || power > 5) return `${mantissa.toFixed(digits - 1)} · 10${raised(power)}`.replace("-", "−");
  return Number(`${mantissa}e${power}`).toFixed(Math.max(digits - 1 - power, 0)).replace("-", "−");
}
const raised = (power) => [...String(power)].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻").join("");

// A number that runs: always as many decimals, so that nothing jumps.
export function running(value, decimals) {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e6 || decimals > 5) return written(value);
  const text = value.toFixed(decimals);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}
export const decimalsFor = (size, digits = 3) => (size > 0 && Number.isFinite(size) ? Math.max(0, digits - 1 - Math.floor(Math.log10(size))) : digits - 1);

// A message with its values.
export const told = (message, values = {}) => message.replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);

export const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

// The state in an address: what differs from the start, six digits, lists by commas, lists of lists by semicolons.
const short = (value) => String(Number(value.toPrecision(6)));
const packed = (value) => (Array.isArray(value) ? value.map(packed).join(Array.isArray(value[0]) ? ";" : ",") : short(value));

export function addressOf(state, start) {
  return Object.keys(start).filter((name) => state[name] !== start[name] && packed(state[name]) !== packed(start[name]))
    .map((name) => `${name}=${packed(state[name])}`).join("&");
}

// What an address says, as far as it has the form of the start; null where it says nothing.
export function stateOf(text, start) {
  const state = { ...start };
  let found = false;
  for (const pair of text.split("&")) {
    const [name, value = ""] = pair.split("="), like = Object.hasOwn(start, name) ? start[name] : null;
    if (like === null) continue;
    const numbers = value.split(";").map((row) => row.split(",").map(Number));
    if (numbers.flat().some((number) => !Number.isFinite(number)) || value === "") continue;
    const rows = Array.isArray(like) && Array.isArray(like[0]);
    const width = rows ? like[0].length : Array.isArray(like) ? like.length : 1;
    if (numbers.some((row) => row.length !== width) || (!rows && numbers.length > 1)) continue;
    state[name] = rows ? numbers : Array.isArray(like) ? numbers[0] : numbers[0][0];
    found = true;
  }
  return found ? state : null;
}

// How far from a point a finger may be, in pixels.
const REACH = 14;

// A page's element becomes alive. Returns what a notebook needs: `set` a state, and `stop`.
export function mount(root, figures, { onChange = null } = {}) {
  const data = JSON.parse(root.dataset.lec);
  const figure = figures[data.figure], start = figure.checked(data.start, data);
  const { words } = data;
  const picture = root.querySelector(".lec-live-picture"), region = root.querySelector("[aria-live]");
  const all = (selector) => [...root.querySelectorAll(selector)];
  const texts = all("[data-lec-text]"), bars = all("[data-lec-bar]"), dials = all("[data-lec-dial]");
  const switches = all("[data-lec-switch]"), shown = all("[data-lec-if]");
  const ends = new AbortController(), on = (target, event, f, more = {}) => target.addEventListener(event, f, { signal: ends.signal, ...more });

  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "lec-live-svg");
  let state = start, drawn = null, tree = { attributes: {}, children: [] }, due = 0, width = 0;
  let dragged = null, speaking = 0, addressing = 0;

  function paint() {
    due = 0;
    drawn = figure.draw(state, Math.max(width, 240), data);
    const next = h("svg", { viewBox: `0 0 ${drawn.width} ${drawn.height}`, ...drawn.attributes }, drawn.children);
    repaint(svg, tree, next);
    tree = next;
    for (const node of texts) {
      const text = drawn.texts[node.dataset.lecText];
      if (text !== undefined && node.textContent !== text) node.textContent = text;
    }
    for (const node of bars) node.setAttribute("width", `${100 * clamp(drawn.bars[node.dataset.lecBar], 0, 1)}%`);
    for (const input of dials) {
      const dial = figure.dials[input.dataset.lecDial], at = dial.position(state, data);
      if (document.activeElement !== input || Math.abs(input.value / input.max - at) > 1 / input.max) input.value = at * input.max;
      input.style.setProperty("--done", at);
      input.setAttribute("aria-valuetext", dial.told(state, data));
    }
    for (const input of switches) input.checked = Boolean(state[input.dataset.lecSwitch]);
    for (const node of shown) {
      const name = node.dataset.lecIf;
      node.hidden = name[0] === "!" ? Boolean(state[name.slice(1)]) : !state[name];
    }
  }

  function change(next, says = true) {
    if (!next || next === state) return;
    state = figure.checked(next, data);
    due ||= requestAnimationFrame(paint);
    clearTimeout(addressing);
    addressing = setTimeout(remember, 300);
    if (says) {
      clearTimeout(speaking);
      speaking = setTimeout(() => { region.textContent = drawn.says; }, 700);
    }
    onChange?.(state);
  }

  // The address follows, so that a link carries the state.
  const address = () => `#${data.slug}?${addressOf(state, start)}`;
  function remember() {
    if (onChange) return;
    try { history.replaceState(history.state, "", address()); } catch { /* a page without an address */ }
  }
  function visit() {
    const [name, said] = location.hash.slice(1).split("?");
    if (name !== data.slug) return;
    let found = null;
    try { found = stateOf(decodeURIComponent(said ?? ""), start); } catch { /* no address of ours */ }
    if (!found) return;
    state = figure.checked(found, data);
    due ||= requestAnimationFrame(paint);
    root.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  const place = (event) => {
    const box = svg.getBoundingClientRect();
    return [((event.clientX - box.x) / box.width) * drawn.width, ((event.clientY - box.y) / box.height) * drawn.height];
  };
  // Of many handles that are painted as one, the nearest, if a finger reaches it.
  function nearest({ dataset: { near } }, [x, y]) {
    const away = Object.keys(drawn.handles).filter((name) => near && name.startsWith(near))
      .map((name) => [Math.hypot(drawn.handles[name].at[0] - x, drawn.handles[name].at[1] - y), name]);
    const [distance, name] = away.reduce((a, b) => (b[0] < a[0] ? b : a), [Infinity, null]);
    return distance <= REACH ? name : null;
  }
  on(svg, "pointerdown", (event) => {
    if (!event.isPrimary || event.button) return;
    const handle = event.target.closest("[data-handle]"), [x, y] = place(event);
    const name = handle ? handle.dataset.handle : nearest(event.target, [x, y]);
    if (!name) return;
    const { at } = drawn.handles[name];
    dragged = { name, off: [at[0] - x, at[1] - y] };
    if (drawn.handles[name].picked) change(drawn.handles[name].picked(state));
    svg.setPointerCapture(event.pointerId);
    root.dataset.dragging = "";
    if (handle?.hasAttribute("tabindex")) handle.focus({ preventScroll: true });
    event.preventDefault();
  });
  // A finger on one of them moves it, anywhere else the page.
  on(svg, "touchstart", (event) => {
    if (event.touches.length === 1 && nearest(event.target, place(event.touches[0]))) event.preventDefault();
  }, { passive: false });
  on(svg, "pointermove", (event) => {
    if (!dragged) return;
    const [x, y] = place(event);
    change(drawn.handles[dragged.name]?.move(state, [x + dragged.off[0], y + dragged.off[1]]));
  });
  for (const event of ["pointerup", "pointercancel", "lostpointercapture"]) {
    on(svg, event, () => { dragged = null; delete root.dataset.dragging; });
  }
  on(svg, "dblclick", (event) => {
    if (!event.target.closest("[data-handle]") && !nearest(event.target, place(event))) change(drawn.add?.(state, place(event)));
  });

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  on(svg, "keydown", (event) => {
    if (due) { cancelAnimationFrame(due); paint(); }  // two keys within a frame are two moves
    const handle = drawn.handles[event.target.closest?.("[data-handle]")?.dataset.handle];
    if (!handle || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key], far = event.shiftKey ? 10 : 1;
    let next = null;
    if (arrow && handle.key) next = handle.key(state, arrow[0] * far, -arrow[1] * far);
    else if (arrow) next = handle.move(state, [handle.at[0] + 2 * far * arrow[0], handle.at[1] + 2 * far * arrow[1]]);
    else next = handle.keys?.[event.key]?.(state) ?? null;
    if (!next) return;
    event.preventDefault();
    change(next);
  });

  for (const input of dials) on(input, "input", () => change(figure.dials[input.dataset.lecDial].set(state, input.value / input.max, data)));
  for (const input of switches) on(input, "change", () => change({ ...state, [input.dataset.lecSwitch]: Number(input.checked) }));

  // A host may forbid the clipboard: then the text is shown, marked, to be copied by hand.
  const shelf = root.querySelector(".lec-live-shelf"), box = shelf.querySelector("textarea");
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      shelf.hidden = true;
      region.textContent = words.copied;
      root.querySelector(".lec-live-note").textContent = words.copied;
      setTimeout(() => { root.querySelector(".lec-live-note").textContent = ""; }, 2500);
    } catch {
      shelf.hidden = false;
      box.value = text;
      box.focus();
      box.select();
      region.textContent = words.copy_by_hand;
    }
  }
  const actions = {
    reset: () => change({ ...start }),
    link: () => copy(`${location.href.split("#")[0]}${address()}`),
    svg: () => copy(picture_of(tree, root)),
    lines: () => copy(figure.lines(state, data)),
  };
  for (const button of all("[data-lec-do]")) {
    const name = button.dataset.lecDo;
    on(button, "click", () => (actions[name] ? actions[name]() : change(figure.actions[name](state, data))));
  }

  const sized = new ResizeObserver(() => {
    const now = picture.clientWidth;
    if (!now || now === width) return;
    width = now;
    paint();
  });
  picture.replaceChildren(svg);
  root.classList.add("lec-live-on");
  visit();
  width = picture.clientWidth;
  paint();
  sized.observe(picture);
  on(self, "hashchange", visit);
  return {
    get state() { return state; },
    set(next) { state = figure.checked({ ...state, ...next }, data); due ||= requestAnimationFrame(paint); },
    lines: () => figure.lines(state, data),
    stop() { ends.abort(); sized.disconnect(); cancelAnimationFrame(due); },
  };
}

// The picture as a file of its own: colors as they are here, now.
function picture_of(tree, root) {
  const style = getComputedStyle(root), [, , width, height] = tree.attributes.viewBox.split(" ");
  const own = { xmlns: SVG, viewBox: tree.attributes.viewBox, width, height, "font-family": "Source Serif 4, Georgia, serif" };
  const text = markup({ ...tree, attributes: own }, true);
  return text.replace(/var\((--lec-[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
}

// The picture without a page: what stands there before a script has run, and on paper.
export function still(figure, data, width) {
  const drawn = figure.draw(figure.checked(data.start, data), width, data);
  const tree = h("svg", { viewBox: `0 0 ${drawn.width} ${drawn.height}`, ...drawn.attributes, role: "img", "aria-label": drawn.says }, h("g", {}, drawn.children).children.map(bare));
  return { svg: markup(tree), texts: drawn.texts, bars: drawn.bars, says: drawn.says, lines: figure.lines(data.start, data) };
}
function bare(node) {
  if (typeof node === "string") return node;
  const kept = Object.entries(node.attributes).filter(([name]) => !ATTRIBUTES_OF_HANDLES.test(name));
  return { tag: node.tag, attributes: Object.fromEntries(kept), children: node.children.map(bare) };
}

export function mountAll(figures) {
  // A host that has a brightness of its own says so: figure.html?scheme=dark.
  const scheme = new URLSearchParams(location.search).get("scheme");
  if (scheme && document.body.matches(".lec-live-page")) document.documentElement.dataset.lecScheme = scheme;
  // In a frame: how tall it would be, for the page around it.
  if (parent !== self && document.body.matches(".lec-live-page")) {
    new ResizeObserver(() => parent.postMessage({ type: "lecture-height", height: document.body.scrollHeight }, "*")).observe(document.body);
  }
  for (const root of document.querySelectorAll(".lec-live:not(.lec-live-on)")) {
    if (root.querySelector(".lec-live-picture") && figures[JSON.parse(root.dataset.lec).figure]) mount(root, figures);
  }
}
