// The panel: describes the node or edge under the pointer or the focus, in rows of a term and a text.

function rowsOf({ node, edge }) {
    if (edge !== undefined) return edgeRows(edge);
    return isSource(node) ? inputRows(node) : nodeRows(node);
}

function edgeRows(edge) {
    const { tail, head, back } = edges[edge];
    const forward = ["Value that goes forward", chain(symbol(tail), value(tail))];
    if (back === null) return [forward, ["Flows back", nothingBack(tail)]];
    if (isPulled(edge))
        return [
            forward,
            ["Flows back", chain(product(edge), flow(edge))],
            adjointRow(tail, `Adjoint of ${symbol(tail)}`),
        ];
    const local = ["Local derivative", `${localDerivative(edges[edge])} = ${localText(edge)}`];
    if (!isOpen(edge)) return [forward, local, ["Flows back", "exactly nothing: this branch is not taken"]];
    const outer = wholeDerivative(head);
    const symbols = `${outer} · ${localDerivative(edges[edge])}`;
    const half = edges[edge].factor && `${outer} · ${edges[edge].factor}`;
    const rows = [forward, local, ["Flows back", chain(symbols, half, product(edge), flow(edge))]];
    return flowsFrom(tail).length > 1 ? [...rows, adjointRow(tail, `Adjoint of ${symbol(tail)}`)] : rows;
}

function nothingBack(tail) {
    if (nodes[tail].kind === "constant") return "nothing: a constant does not change";
    return "nothing: the result does not change with it, or no derivative by it is asked for";
}

function adjointRow(node, title) {
    const uses = flowsFrom(node).length;
    const because = uses > 1 ? `, a sum because ${symbol(node)} is used ${times(uses)}` : "";
    return [title + because, `${wholeDerivative(node)} = ${sumOf(node)}`];
}

function nodeRows(node) {
    const rows = [
        ["Value", nodes[node].words ? computed(node) : chain(symbol(node), value(node))],
        ...entryRows(node, 0),
    ];
    return nodes[node].adjoint ? [...rows, adjointRow(node, "Adjoint"), ...entryRows(node, 1)] : rows;
}

// The numbers of an array: of the value where `which` is 0, of the adjoint where it is 1.
function entryRows(node, which) {
    const entries = nodes[node].entries[which];
    return entries ? [[["Its numbers", "The adjoint's numbers"][which], entries]] : [];
}

function inputRows(node) {
    const rows = [["Value", chain(symbol(node), value(node))], ...entryRows(node, 0)];
    const { paths: count, adjoint: isWanted } = nodes[node];
    if (!isWanted) return [...rows, ["Derivative", withoutDerivative(node)]];
    if (FACTS.arrays) return [...rows, adjointRow(node, "Adjoint"), ...entryRows(node, 1)];
    return [...rows, ...(typeof count === "string" ? uncountedRows(node, count) : pathRows(node))];
}

function withoutDerivative(node) {
    const input = inputs.find((each) => each.node === node);
    if (input?.indices) return "none: it holds class indices, which are no numbers to change";
    if (!input?.wanted) return "not asked for";
    return `${wholeDerivative(node)} = 0, because ${FACTS.outputName} does not depend on ${symbol(node)}`;
}

function uncountedRows(node, count) {
    return [
        ["Paths to the output", `${count}: too many to list, and no need to walk them one by one`],
        ["Sum node by node", `${wholeDerivative(node)} = ${sumOf(node)}`, "sum"],
    ];
}

function pathRows(node) {
    const rows = paths(node).map((path) => describedPath(node, path));
    const isOne = rows.length === 1;
    const sum = chain(
        wholeDerivative(node),
        isOne ? "" : added(rows.map(({ end }) => end)),
        adjoint(node),
    );
    return [
        ...rows.map(({ name, text }, i) => [`${isOne ? "The one path" : `Path ${i + 1}`}: ${name}`, text]),
        [isOne ? "Derivative" : `Sum over the paths, because ${symbol(node)} leads to the end in ${rows.length} ways`, sum, "sum"],
    ];
}

// A path's name, the product of its local derivatives with its factors, and the product alone.
function describedPath(node, path) {
    const symbols = [node, ...path.map((edge) => edges[edge].head)].map(symbol);
    const name = symbols.join(" → ");
    if (!path.every(isOpen)) return { name, text: "0: it runs through a branch that is not taken", end: "0" };
    const end = shown(path.reduceRight((total, edge) => total * numbers.partials[edge], 1));
    const fromTheEnd = [...path].reverse();
    const names = symbols.every(isName) ? fromTheEnd.map((edge) => localDerivative(edges[edge])).join(" · ") : "";
    const formulas = fromTheEnd.map((edge) => edges[edge].factor);
    const half = formulas.every(Boolean) ? formulas.join(" · ") : "";
    const factors = fromTheEnd.map((edge) => number("partials", edge));
    return { name, text: chain(names, half, multiplied(factors) || "1", end), end };
}

const HINT =
    "Point at an edge to see its local derivative and the product that flows back, or at an input to see every path " +
    "to the output. Tab and the arrow keys do the same.";

function panel() {
    const item = hovered ?? picked;
    const body = byId("panel-body");
    if (!item) {
        body.replaceChildren(element("p", HINT, "hint"));
        return;
    }
    const list = document.createElement("dl");
    for (const [term, text, kind] of rowsOf(item)) list.append(element("dt", term), element("dd", text, kind));
    body.replaceChildren(element("h3", nameOf(item)), list);
}

function element(tag, text, kind) {
    const made = write(document.createElement(tag), text);
    if (kind) made.className = kind;
    return made;
}

const KINDS = { input: "Input", constant: "Constant", operation: "Node" };
const nameOf = ({ node, edge }) => (edge !== undefined ? edgeName(edge) : symbol(node));
const kindOf = ({ node, edge }) => (edge !== undefined ? "Edge" : KINDS[nodes[node].kind]);
const described = (item) =>
    [`${kindOf(item)} ${nameOf(item)}`, ...rowsOf(item).map(([term, text]) => `${term}: ${text}`)]
        .map(plain)
        .join(". ");
