// Numbers and steps in words.

const symbol = (node) => nodes[node].symbol;
const derivative = (of, by) => `∂${/^[^\s()+−×/^]*$/.test(of) ? of : `(${of})`}/∂${/^[^\s()+−×/^]*$/.test(by) ? by : `(${by})`}`;
const wholeDerivative = (by) => derivative(FACTS.outputName || "output", symbol(by));
const chain = (...parts) => parts.filter((part, i) => part && parts.indexOf(part) === i).join(" = ");

// An operation with its operands' numbers, bracketed where a sign would be misread.
function filled(node) {
    const { template, operands } = nodes[node];
    const isCall = /^\w+\(/.test(template);
    return template.replace(/\{(\d+)\}/g, (_, i, start) => {
        const text = value(operands[i]);
        return isCall || (start === 0 && !template.includes("^")) ? text : bracketed(text);
    });
}

const computed = (node) => chain(symbol(node), nodes[node].words, filled(node), value(node));
const localText = (edge) => chain(edges[edge].formula, number("partials", edge));
const product = (edge) => `${bracketed(adjoint(edges[edge].head))} × ${bracketed(number("partials", edge))}`;
const edgeName = (edge) => `${symbol(edges[edge].tail)} → ${symbol(edges[edge].head)}`;

function sumOf(node) {
    const flows = flowsFrom(node).map(flow);
    const first = node === FACTS.output ? ["1"] : [];
    const terms = [...first, ...flows];
    return terms.length > 1 ? chain(terms.map((term, i) => (i ? bracketed(term) : term)).join(" + "), adjoint(node)) : adjoint(node);
}

function stepText(i) {
    const { kind, node } = steps[i];
    if (kind === "graph") return "The bare graph: no number is known yet.";
    if (kind === "inputs") return "The inputs have their values.";
    if (kind === "value") return computed(node);
    if (kind === "start") return `The backward pass starts at the output with 1.`;
    const sent = (operands.get(node) ?? []).filter((edge) => edges[edge].back !== null);
    const parts = sent.map((edge) => `to ${symbol(edges[edge].tail)}: ${isOpen(edge) ? chain(product(edge), flow(edge)) : "nothing, this branch is not taken"}`);
    return `${symbol(node)} sends back ${parts.join("; ")}`;
}

const passName = (i) => (["start", "back"].includes(steps[i].kind) ? "backward" : "forward");
const stepLine = (i) => `Step ${i} of ${steps.length - 1}, ${passName(i)}: ${stepText(i)}`;
