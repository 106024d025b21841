"use strict";
const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const texts = [];
for (let i = 0, before = ""; i < data.texts.length; i += 2) {
  before = before.slice(0, data.texts[i]) + data.texts[i + 1];
  texts.push(before);
}
const links = [...document.querySelectorAll("main a.e")];
const panel = byId("panel");
let current = null;

function make(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

const anchorOf = (link) => decodeURIComponent(link.hash.slice(1));

function clock(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

// What stands in backticks is code; the account and Region of an ARN are the same everywhere.
function marked(text) {
  const code = (part) => make("code", { title: part }, part.replace(/^arn:aws:\w+:[^:]*:\d*:/, ""));
  return text.split("`").map((part, index) => (index % 2 ? code(part) : part));
}

function badge(end) {
  const [letter, ...error] = end.split(" ");
  const [name] = data.ends[letter] ?? ["not-run"];
  return make("span", {}, make("span", { className: `e ${name}` }, letter), ` ${error.join(" ") || name}`);
}

function who(text) {
  const parts = /^(.*)#(\d+)(?:\(.*\))?$/.exec(text);
  return parts ? [parts[1], make("small", {}, ` ${parts[2]}`)] : [text];
}

function timeline(times) {
  const body = make("tbody", {});
  for (let i = 0, seconds = 0; i < times.length; i += 2) {
    const text = texts[times[i + 1]];
    const tab = text.indexOf("\t");
    seconds += times[i] ?? 0;
    const mark = { e: "✘ ", t: "✉ " }[text[0]] ?? "";
    body.append(make("tr", { className: text[0] === "e" ? "e1" : text[0] },
      make("td", {}, times[i] === null ? "" : clock(seconds)),
      make("td", { title: text.slice(1, tab) }, ...who(text.slice(1, tab))),
      make("td", {}, mark, ...marked(text.slice(tab + 1)))));
  }
  const heading = ["time", "who", "what"].map((name) => make("th", { scope: "col" }, name));
  return make("table", { className: "timeline" }, make("thead", {}, make("tr", {}, ...heading)), body);
}

function run([name, required, end, recovered, findings, times, kept], open) {
  const summary = make("summary", {}, make("b", {}, name), badge(end));
  if (required) summary.append(make("span", {}, "required here:"), badge(required));
  if (recovered) summary.append(make("span", {}, `then ${recovered}`));
  if (!kept) summary.append(make("b", { className: "bad" }, "not as required"));
  const details = make("details", { open }, summary);
  if (findings.length) {
    const items = findings.map(([rule, text]) => make("li", {}, make("b", {}, rule), ` ${text}`));
    details.append(make("ul", { className: "findings" }, ...items));
  }
  // Long timelines of closed runs are made when they are asked for.
  const fill = () => details.querySelector(".timeline") || details.append(timeline(data.times[times]));
  if (open) fill();
  details.addEventListener("toggle", fill);
  return details;
}

function mark(link) {
  document.querySelectorAll(".here").forEach((element) => element.classList.remove("here"));
  links.forEach((other) => other.removeAttribute("aria-current"));
  if (!link) return;
  link.setAttribute("aria-current", "true");
  const cell = link.closest("td");
  if (!cell) return;
  cell.parentElement.classList.add("here");
  cell.closest("table").tHead.rows[0].cells[cell.cellIndex].classList.add("here");
}

function show() {
  const anchor = decodeURIComponent(location.hash.slice(1));
  const cell = Object.hasOwn(data.cells, anchor) ? data.cells[anchor] : null;
  current = cell ? links.find((link) => anchorOf(link) === anchor) ?? null : null;
  panel.hidden = !cell;
  document.documentElement.classList.toggle("open", Boolean(cell));
  mark(current);
  if (!cell) return;
  const [name, , required, why, runs] = cell;
  byId("panel-name").textContent = name;
  const [, meaning] = data.ends[required[0]] ?? [];
  const told = make("p", {}, "Must end ", badge(required), meaning ? `: ${meaning}.` : "");
  const parts = why ? [told, make("p", {}, `Why: ${why}`)] : [told];
  const first = Math.max(0, runs.findIndex((each) => !each[6]));
  byId("panel-body").replaceChildren(...parts, ...runs.map((each, index) => run(each, index === first)));
  byId("panel-body").scrollTop = 0;
  current?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function close() {
  const link = current;
  history.pushState(null, "", location.pathname + location.search);
  show();
  link?.focus();
}

function go(link) {
  if (!link) return;
  history.replaceState(null, "", link.hash);
  show();
}

// The nearest cell of the table in a direction; for the lists, the one before or after.
function neighbour(link, right, down) {
  const cell = link.closest("td");
  if (!cell) return links[links.indexOf(link) + right + down];
  const rows = [...cell.closest("table").querySelectorAll("tbody tr:not(.place)")];
  let row = rows.indexOf(cell.parentElement);
  let column = cell.cellIndex;
  for (;;) {
    row += down;
    column += right;
    const next = rows[row]?.cells[column];
    if (!next || column === 0) return null;
    const found = next.querySelector("a.e");
    if (found) return found;
  }
}

addEventListener("hashchange", show);
document.addEventListener("click", (event) => {
  const link = event.target.closest("main a[href^='#']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.hash !== location.hash) history.pushState(null, "", link.hash);
  show();
  panel.focus({ preventScroll: true });
});
byId("close").addEventListener("click", close);
const step = (by) => current && go(links[links.indexOf(current) + by]);
byId("previous").addEventListener("click", () => step(-1));
byId("next").addEventListener("click", () => step(1));
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Escape" && !panel.hidden) return close();
  const [right, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
  const focused = document.activeElement;
  if (links.includes(focused) && (right || down)) {
    event.preventDefault();
    const next = neighbour(focused, right, down);
    next?.focus();
    if (!panel.hidden) go(next);
  } else if (panel.contains(focused) && right) {
    event.preventDefault();
    step(right);
  }
});

// One stop of the Tab key for the table and one for the lists; arrow keys do the rest.
const stops = [links.filter((link) => link.closest("td")), links.filter((link) => !link.closest("td"))];
for (const group of stops) {
  const stop = (at) => group.forEach((link) => (link.tabIndex = link === at ? 0 : -1));
  stop(group[0]);
  group.forEach((link) => link.addEventListener("focus", () => stop(link)));
}

const filters = [...document.querySelectorAll("[data-end]")];
for (const filter of filters) {
  filter.addEventListener("click", () => {
    filter.setAttribute("aria-pressed", String(filter.getAttribute("aria-pressed") !== "true"));
    const pressed = filters.filter((each) => each.getAttribute("aria-pressed") === "true");
    document.querySelector("main").classList.toggle("only", pressed.length > 0);
    for (const link of links) {
      link.classList.toggle("on", pressed.some((each) => link.classList.contains(each.dataset.end)));
    }
  });
}
show();
