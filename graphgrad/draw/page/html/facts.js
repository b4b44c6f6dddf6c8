// The graph, and its numbers at the point that the sliders set. Nodes and edges are indices into the lists of FACTS.

const { nodes, edges, arrows, inputs, steps } = FACTS;
const byId = (id) => document.getElementById(id);
const svg = document.querySelector("svg.graphgrad");

const outputs = nodes.map(() => []);
const operands = nodes.map(() => []);
edges.forEach(({ tail, head }, i) => {
    outputs[tail].push(i);
    operands[head].push(i);
});
const canFlow = (edge) => edges[edge].back !== null;
const flowsFrom = (node) => outputs[node].filter(canFlow);
const flowsInto = (node) => operands[node].filter(canFlow);
const isSource = (node) => nodes[node].kind === "input";

const isKnown = (x) => x !== null && x !== undefined && x === x;
const shown = (x) => (isKnown(x) ? short(x).replaceAll("-", "−") : "?");
const powerOf = (text) =>
    /[/e]/.test(text) ? FACTS.powers.fraction : text.startsWith("−") ? FACTS.powers.signed : Infinity;
const under = (text, power, sign) => (powerOf(text) < (text.startsWith("−") ? sign : power) ? `(${text})` : text);
const bracketed = (text) => under(text, Infinity, Infinity);

let point = inputs.map((input) => input.value);
let texts = FACTS.texts;
let numbers = FACTS.numbers;

// Runs both passes. If the output has no value, no derivative is known.
function compute() {
    if (!PASSES) return;
    numbers = PASSES(point);
    if (isKnown(numbers.values[FACTS.output])) return;
    const unknown = (list) => list.map((x) => (x === null ? null : NaN));
    const { adjoints, partials, flows } = numbers;
    numbers = { ...numbers, adjoints: unknown(adjoints), partials: unknown(partials), flows: unknown(flows) };
}

const number = (kind, i) => (texts && texts[kind][i]) || shown(numbers[kind][i]);
const value = (node) => number("values", node);
const adjoint = (node) => number("adjoints", node);
const isOpen = (edge) => Boolean(numbers.open[edge]);
const flow = (edge) => (isOpen(edge) ? number("flows", edge) : "0");
