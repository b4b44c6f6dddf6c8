// What is wrong or remarkable at this point: each notice has the node it is about, and a text.

function faults() {
    if (!isKnown(numbers.values[FACTS.output])) return undefinedValues();
    return edges
        .map((_, edge) => edge)
        .filter(isBroken)
        .map(brokenEdge);
}

// What the output has no value for: not what is undefined in a branch that is not taken.
function undefinedValues() {
    const met = new Set([FACTS.output]);
    for (const node of met) {
        for (const edge of operands[node]) {
            const { tail } = edges[edge];
            if ((isOpen(edge) || !canFlow(edge)) && !isKnown(numbers.values[tail])) met.add(tail);
        }
    }
    const isFirst = (node) => nodes[node].operands.every((operand) => isKnown(numbers.values[operand]));
    return [...met].filter(isFirst).map(undefinedValue);
}

const undefinedValue = (node) => ({ node, text: `${filled(node)} is not defined${at(nodes[node].operands)}` });

function isBroken(edge) {
    return (
        canFlow(edge) && isOpen(edge) && isKnown(numbers.adjoints[edges[edge].head]) && !isKnown(numbers.flows[edge])
    );
}

function brokenEdge(edge) {
    const { tail, head } = edges[edge];
    return { node: head, text: `the derivative of ${symbol(head)} by ${symbol(tail)} is not finite${at([tail])}` };
}

function at(places) {
    const moving = [...new Set(places)].filter((node) => nodes[node].kind !== "constant");
    const told = moving.map((node) => `${symbol(node)} = ${value(node)}`);
    return told.length ? ` at ${told.join(", ")}` : "";
}

function overflows() {
    const isInfinite = (node) => Math.abs(numbers.values[node]) === Infinity;
    const found = nodes
        .map((_, node) => node)
        .filter((node) => isInfinite(node) && !nodes[node].operands.some(isInfinite));
    return found.map((node) => ({ node, text: `overflow: ${symbol(node)} is beyond float64, taken as infinity` }));
}

// Where there is no derivative, as far as it matters: an operand moves with an input that is asked about, and the
// operation's own movement reaches the output.
function kinks() {
    const moving = movingNodes();
    const reached = new Set([FACTS.output]);
    const found = [];
    for (const node of [...nodes.keys()].reverse().filter((each) => moving.has(each))) {
        if (!reached.has(node)) continue;
        if (numbers.kinks[node] && nodes[node].operands.some((operand) => moving.has(operand))) found.unshift(node);
        operands[node]
            .filter((edge) => isOpen(edge) || edges[edge].silent)
            .forEach((edge) => reached.add(edges[edge].tail));
    }
    return found.map((node) => ({
        node,
        text: `kink: ${symbol(node)}${at(nodes[node].operands)}: ${nodes[node].kink}`,
    }));
}

function movingNodes() {
    const moving = new Set(inputs.filter(({ wanted }) => wanted).map(({ node }) => node));
    nodes.forEach((node, i) => {
        const isMoved = node.operands.some((operand) => moving.has(operand));
        if (isMoved && (!node.flat || numbers.kinks[i])) moving.add(i);
    });
    return moving;
}

function notice() {
    if (!PASSES) return;
    const wrong = faults();
    const bends = wrong.length ? [] : kinks();
    const told = [...wrong, ...bends, ...overflows()].map(({ text }) => text);
    const list = byId("notices");
    const before = [...list.children].map((item) => item.textContent);
    if (before.join("\n") !== told.join("\n")) list.replaceChildren(...told.map((text) => element("li", text)));
    markNodes("kink", new Set(bends.map(({ node }) => node)));
    markNodes("fault", new Set(wrong.map(({ node }) => node)));
}
