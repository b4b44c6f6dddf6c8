// What is wrong or remarkable at this point.

function faults() {
    if (!isKnown(numbers.values[FACTS.output])) return undefinedValues();
    return edges.flatMap(({ tail, head, back }, i) => (back !== null && isOpen(i) && isKnown(numbers.adjoints[head]) && !isKnown(numbers.flows[i])
        ? [{ node: head, text: `the derivative of ${symbol(head)} by ${symbol(tail)} is not finite${at([tail])}` }] : []));
}

// What the output has no value for: not what is undefined in a branch that is not taken.
function undefinedValues() {
    const met = new Set([FACTS.output]);
    for (const node of met) {
        for (const edge of operands.get(node) ?? []) {
            const isTaken = edges[edge].back === null || isOpen(edge);
            if (isTaken && !isKnown(numbers.values[edges[edge].tail])) met.add(edges[edge].tail);
        }
    }
    const isFirst = (node) => nodes[node].operands.every((operand) => isKnown(numbers.values[operand]));
    return [...met].filter(isFirst).map((node) => ({ node, text: `${filled(node)} is not defined${at(nodes[node].operands)}` }));
}

function at(places) {
    const told = [...new Set(places)].filter((node) => nodes[node].kind !== "constant").map((node) => `${symbol(node)} = ${value(node)}`);
    return told.length ? ` at ${told.join(", ")}` : "";
}

function overflows() {
    return nodes.flatMap((node, i) => Math.abs(numbers.values[i]) === Infinity && node.operands.every((operand) => isFinite(numbers.values[operand]))
        ? [{ node: i, text: `overflow: ${symbol(i)} is beyond float64, taken as infinity` }] : []);
}
