// The graph, and its numbers at the point where the sliders stand.

const { nodes, edges, arrows, inputs, steps } = FACTS;
const byId = (id) => document.getElementById(id);
const svg = document.querySelector("svg.graphgrad");
const outputs = edges.reduce((found, edge, i) => found.set(edge.tail, [...(found.get(edge.tail) ?? []), i]), new Map());
const operands = edges.reduce((found, edge, i) => found.set(edge.head, [...(found.get(edge.head) ?? []), i]), new Map());
const flowsFrom = (node) => (outputs.get(node) ?? []).filter((i) => edges[i].back !== null);

const isKnown = (x) => x !== null && x !== undefined && x === x;
const shown = (x) => (isKnown(x) ? short(x).replaceAll("-", "−") : "?");
const bracketed = (text) => (/^−|\//.test(text) ? `(${text})` : text);

let point = inputs.map((input) => input.value);
let texts = FACTS.texts;
let numbers = FACTS.numbers;

function compute() {
    if (!PASSES) return;
    numbers = PASSES(point);
    if (isKnown(numbers.values[FACTS.output])) return;
    for (const name of ["adjoints", "partials", "flows"]) numbers[name] = numbers[name].map((x) => (x === null ? null : NaN));
}

const number = (kind, i) => (texts && texts[kind][i]) || shown(numbers[kind][i]);
const value = (node) => number("values", node);
const adjoint = (node) => number("adjoints", node);
const isOpen = (edge) => Boolean(numbers.open[edge]);
const flow = (edge) => (isOpen(edge) ? number("flows", edge) : "0");
