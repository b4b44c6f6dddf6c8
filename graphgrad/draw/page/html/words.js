// Write numbers, derivatives and steps in words.

const symbol = (node) => nodes[node].symbol;
const part = (text) => (isName(text) ? `∂${text}` : `∂(${text})`);
const derivative = (of, by) => `${of && part(of)}/${part(by)}`.replace(/^\//, "∂/");
const wholeDerivative = (by) => derivative(FACTS.outputName, symbol(by));
const localDerivative = ({ tail, head }) => derivative(symbol(head), symbol(tail));

// Joins different texts by equals signs.
const chain = (...texts) => texts.filter((text, i) => text && texts.indexOf(text) === i).join(" = ");
const added = (terms) => terms.map((term, i) => (i && term.startsWith("−") ? `(${term})` : term)).join(" + ");
const multiplied = (terms) => terms.map((term) => (terms.length > 1 ? bracketed(term) : term)).join(" · ");

// An operation with its operands' numbers; the template has for each operand the binding powers below which the
// number needs brackets: without a sign, and with one.
function filled(node) {
    const { template, operands } = nodes[node];
    return template && withNumbers(template, operands.map(value));
}

const computed = (node) => chain(symbol(node), nodes[node].words, filled(node), value(node));
const localText = (edge) => chain(edges[edge].formula, number("partials", edge));
const isPulled = (edge) => FACTS.arrays && !texts.partials[edge];
const product = (edge) =>
    isPulled(edge)
        ? `${edges[edge].formula} with ${FACTS.adjointName} = ${adjoint(edges[edge].head)}`
        : `${bracketed(adjoint(edges[edge].head))} · ${bracketed(number("partials", edge))}`;
const times = (count) => (count === 2 ? "twice" : `${count} times`);
const edgeName = (edge) => `${symbol(edges[edge].tail)} → ${symbol(edges[edge].head)}`;

// An adjoint as the sum of its contributions; the output's own contribution is the seed.
function sumOf(node) {
    const terms = [...(node === FACTS.output ? [adjoint(node)] : []), ...flowsFrom(node).map(flow)];
    const because = node === FACTS.output && terms.length === 1 ? ", because it is the end" : "";
    return chain(added(terms), adjoint(node)) + because;
}

function sentAlong(edge) {
    const sent = isOpen(edge) ? chain(product(edge), flow(edge)) : "nothing, this branch is not taken";
    return `to ${symbol(edges[edge].tail)}: ${sent}`;
}

const STEPS = {
    graph: () => "The bare graph: no number is known yet.",
    inputs: () => "The inputs have their values.",
    value: computed,
    start: () => `The backward pass starts at the end, with ${derivative(FACTS.outputName, FACTS.outputName)} = 1.`,
    back: (node) => `${symbol(node)} sends back ${flowsInto(node).map(sentAlong).join("; ")}`,
};
const isBackward = (i) => ["start", "back"].includes(steps[i].kind);
const stepText = ({ kind, node }) => STEPS[kind](node);
const stepLine = (i) =>
    `Step ${i} of ${steps.length - 1}, ${isBackward(i) ? "backward" : "forward"}: ${stepText(steps[i])}`;
