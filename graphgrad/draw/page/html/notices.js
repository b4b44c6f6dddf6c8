// Notices at this point: faults, kinks and overflows, each with its node and a text.

const told = (node) => (nodes[node].named ? "" : nodes[node].words) || symbol(node);

function faults() {
    if (!isKnown(numbers.values[FACTS.output])) return undefinedValues();
    return edges
        .map((_, edge) => edge)
        .filter(isBroken)
        .map(brokenEdge);
}

// The undefined nodes because of which the output has no value; branches that are not taken do not count.
function undefinedValues() {
    const unknown = new Set([FACTS.output]);
    for (const node of unknown) {
        for (const edge of operands[node]) {
            const { tail } = edges[edge];
            if ((isOpen(edge) || !canFlow(edge)) && !isKnown(numbers.values[tail])) unknown.add(tail);
        }
    }
    const isFirst = (node) => nodes[node].operands.every((operand) => isKnown(numbers.values[operand]));
    return [...unknown].filter(isFirst).map(undefinedValue);
}

const undefinedValue = (node) => ({ node, text: `${filled(node)} is not defined${at(nodes[node].operands)}` });

function isBroken(edge) {
    return (
        canFlow(edge) && isOpen(edge) && isKnown(numbers.adjoints[edges[edge].head]) && !isKnown(numbers.flows[edge])
    );
}

function brokenEdge(edge) {
    const { tail, head } = edges[edge];
    return { node: head, text: `the derivative of ${told(head)} by ${symbol(tail)} is not finite${at([tail])}` };
}

function at(places) {
    const moving = [...new Set(places)].filter((node) => nodes[node].kind !== "constant");
    const equations = moving.map((node) => `${symbol(node)} = ${value(node)}`);
    return equations.length ? ` at ${equations.join(", ")}` : "";
}

function overflows() {
    const isInfinite = (node) => Math.abs(numbers.values[node]) === Infinity;
    const first = nodes
        .map((_, node) => node)
        .filter((node) => isInfinite(node) && !nodes[node].operands.some(isInfinite));
    return first.map((node) => ({ node, text: `overflow: ${told(node)} is beyond float64, taken as infinity` }));
}

// The kinks that matter: an operand depends on an input that the gradient is by, and the output on the operation.
function kinks() {
    const moving = movingNodes();
    const reached = new Set([FACTS.output]);
    const relevant = [];
    for (const node of [...nodes.keys()].reverse().filter((each) => moving.has(each))) {
        if (!reached.has(node)) continue;
        if (numbers.kinks[node] && deciding(node).some((operand) => moving.has(operand)) && matters(node))
            relevant.unshift(node);
        operands[node]
            .filter((edge) => !nodes[node].adjoint || isOpen(edge) || edges[edge].silent)
            .forEach((edge) => reached.add(edges[edge].tail));
    }
    return relevant.map((node) => ({
        node,
        text: `kink: ${told(node)}${at(deciding(node))}: ${nodes[node].kink}`,
    }));
}

// The operands that decide whether there is a kink: of a choice, its condition.
function deciding(node) {
    return nodes[node].chooses ? nodes[node].operands.slice(0, 1) : nodes[node].operands;
}

// A jump matters; any other kink does where the output changes with the node to first order.
function matters(node) {
    const { flat, chooses, adjoint } = nodes[node];
    return flat || chooses || (adjoint && numbers.adjoints[node] !== 0);
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
    const blame = isAtStart() ? FACTS.blame : [];
    const messages = [...wrong, ...bends, ...overflows()].map(({ text }) => text).concat(blame);
    const list = byId("notices");
    const text = messages.join("\n");
    if (list.dataset.text !== text)
        list.replaceChildren(...messages.map((text) => element("li", text)));
    list.dataset.text = text;
    markNodes("kink", new Set(bends.map(({ node }) => node)));
    markNodes("fault", new Set(wrong.map(({ node }) => node)));
}
