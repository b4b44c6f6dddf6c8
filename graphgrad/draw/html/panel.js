// The panel: what is looked at, in words and numbers.

function rowsOf(item) {
    if (item.edge !== undefined) return edgeRows(item.edge);
    return isSource(item.node) ? inputRows(item.node) : nodeRows(item.node);
}

function edgeRows(edge) {
    const { tail, head, back } = edges[edge];
    const rows = [["Value that goes forward", chain(symbol(tail), value(tail))]];
    if (back === null) return [...rows, ["Backward", nodes[tail].kind === "constant" ? "nothing: a constant does not change" : "nothing flows back along this edge"]];
    rows.push(["Local derivative", `${derivative(symbol(head), symbol(tail))} = ${localText(edge)}`]);
    if (!isOpen(edge)) return [...rows, ["Flows back", "exactly nothing: this branch is not taken"]];
    rows.push(["Flows back", `${wholeDerivative(head)} × ${derivative(symbol(head), symbol(tail))} = ${chain(product(edge), flow(edge))}`]);
    if (flowsFrom(tail).length > 1) rows.push([`Adjoint of ${symbol(tail)}, summed over its edges`, `${wholeDerivative(tail)} = ${sumOf(tail)}`]);
    return rows;
}

function nodeRows(node) {
    const rows = [["Value", nodes[node].words ? computed(node) : chain(symbol(node), value(node))]];
    if (nodes[node].adjoint) {
        const over = flowsFrom(node).length > 1 ? "Adjoint, summed over its edges" : "Adjoint";
        rows.push([over, `${wholeDerivative(node)} = ${sumOf(node)}`]);
    }
    return rows;
}

function inputRows(node) {
    const rows = [["Value", chain(symbol(node), value(node))]];
    const { paths: count, adjoint: isWanted } = nodes[node];
    if (!isWanted) return [...rows, ["Derivative", "not asked for, or the output does not depend on it"]];
    if (typeof count === "string") {
        return [...rows,
            ["Paths to the output", `${count}: too many to list, and no need to walk them one by one`],
            ["Sum node by node", `${wholeDerivative(node)} = ${sumOf(node)}`, "sum"]];
    }
    const ways = paths(node).map((way) => pathRow(node, way));
    const sum = ways.length > 1 ? `${wholeDerivative(node)} = ${chain(ways.map((way, i) => (i ? bracketed(way.end) : way.end)).join(" + "), adjoint(node))}` : `${wholeDerivative(node)} = ${adjoint(node)}`;
    return [...rows, ...ways.map((way, i) => [ways.length > 1 ? `Path ${i + 1}: ${way.name}` : `The one path: ${way.name}`, way.product]), [ways.length > 1 ? "Sum over the paths" : "Derivative", sum, "sum"]];
}

function pathRow(node, way) {
    const name = [node, ...way.map((edge) => edges[edge].head)].map(symbol).join(" → ");
    if (!way.every(isOpen)) return { name, product: "0: it runs through a branch that is not taken", end: "0" };
    const end = shown(way.reduceRight((total, edge) => total * numbers.partials[edge], 1));
    return { name, product: chain(way.map((edge, i) => (i ? bracketed(number("partials", edge)) : number("partials", edge))).join(" × ") || "1", end), end };
}

function panel() {
    const item = hovered ?? picked;
    const body = byId("panel-body");
    if (!item) {
        body.replaceChildren(element("p", "Point at an edge to see its local derivative and the product that flows back, or at an input to see every path to the output. Tab and the arrow keys do the same.", "hint"));
        return;
    }
    const title = item.edge !== undefined ? edgeName(item.edge) : symbol(item.node);
    const list = document.createElement("dl");
    for (const [term, text, kind] of rowsOf(item)) list.append(element("dt", term), element("dd", text, kind));
    body.replaceChildren(element("h3", title), list);
}

function element(tag, text, kind) {
    const made = document.createElement(tag);
    made.textContent = text;
    if (kind) made.className = kind;
    return made;
}

const described = (item) => {
    const title = item.edge !== undefined ? `Edge ${edgeName(item.edge)}` : `${{ input: "Input", constant: "Constant" }[nodes[item.node].kind] ?? "Node"} ${symbol(item.node)}`;
    return [title, ...rowsOf(item).map(([term, text]) => `${term}: ${text}`)].join(". ");
};
