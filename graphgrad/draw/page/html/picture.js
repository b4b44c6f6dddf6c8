// The picture: updates its labels, shows the part that a step has reached, and highlights nodes, edges and paths.

const group = (id) => svg.querySelector(`[id="${id}"]`);
const lines = arrows.map((arrow) => ({
    ...arrow,
    forward: group(`${arrow.key}-forward`) ?? group(`${arrow.key}-line`),
    backward: group(`${arrow.key}-backward`),
}));
const boxKeys = (node) =>
    [..."nbv"].map((kind) => kind + nodes[node].key.slice(1)).concat(node === FACTS.output ? ["output"] : []);
const boxes = nodes.map((_, i) => boxKeys(i).map(group).filter(Boolean));

// Boxes and lines that are lit or shaded at the first values; where sliders have moved, that says nothing.
const marks = [...svg.querySelectorAll(".gg-blamed, .gg-hot")].map((box) => [
    box,
    ["gg-blamed", "gg-hot"].filter((mark) => box.classList.contains(mark)),
]);
const isAtStart = () => inputs.every((input, i) => point[i] === input.value);
const remark = () =>
    marks.forEach(([box, names]) => names.forEach((name) => box.classList.toggle(name, isAtStart())));

const LABEL_ROOM = 74;
const written = new Set();
const originals = new Map();

// The same for a text that is drawn with scripts, fractions and roots and for one in Unicode, on a line; 1/2 is not 12.
const flat = (text) => text.normalize("NFKC").replace(/[\s_^()√]|(?<!\d)\/|\/(?!\d)/gu, "");

function label(element, texts) {
    if (!element) return;
    [...element.querySelectorAll("text")].slice(-texts.length).forEach((place, i) => {
        const text = asDrawn(texts[i]);
        if (flat(place.textContent) === flat(text)) return;
        place.dataset.room ??= Math.max(LABEL_ROOM, place.getComputedTextLength());
        if (!originals.has(place)) originals.set(place, original(place));
        const { first, nodes, attributes, lines, middle } = originals.get(place);
        const isFirst = first === flat(text);
        lines.forEach((line) => (line.style.display = isFirst ? "" : "none"));
        place.replaceChildren(...(isFirst ? nodes : pieces(text)));
        Object.entries(isFirst ? attributes : { ...attributes, ...middle }).forEach(([name, set]) =>
            set === null ? place.removeAttribute(name) : place.setAttribute(name, set),
        );
        written.add(place);
    });
}

// What is needed to draw a text anew in the middle of its place, and to restore it with the lines of its fractions.
function original(place) {
    const box = place.getBBox();
    const y = (place.querySelector("tspan") ?? place).getAttribute("y");
    const middle = { x: box.x + box.width / 2, y, "text-anchor": "middle", textLength: null, lengthAdjust: null };
    const attributes = Object.fromEntries(Object.keys(middle).map((name) => [name, place.getAttribute(name)]));
    const lines = [];
    for (let next = place.nextElementSibling; next?.tagName === "polygon"; next = next.nextElementSibling)
        lines.push(next);
    return { first: flat(place.textContent), nodes: [...place.childNodes], attributes, lines, middle };
}

// A text in Unicode as parts of an SVG's text: letters of variables in italics, powers raised.
const PIECES = /([⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ]+)|(?<![\p{L}\p{N}_])([a-zA-Zα-ω])(?![\p{L}\p{N}_(])/u;
function pieces(text) {
    const made = [];
    for (let rest = text; rest; ) {
        const match = PIECES.exec(rest);
        made.push(document.createTextNode(match ? rest.slice(0, match.index) : rest));
        if (!match) break;
        const [found, raised] = match;
        if (raised) made.push(tspan(raised.normalize("NFKC"), { dy: "-.36em", "font-size": "70%" }));
        else made.push(tspan(found, { "font-style": "italic" }));
        rest = rest.slice(match.index + found.length);
        if (raised && rest) {
            made.push(tspan(rest[0], { dy: ".25em" }));
            rest = rest.slice(1);
        }
    }
    return made;
}

function tspan(text, attributes) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", "tspan");
    Object.entries(attributes).forEach(([name, set]) => made.setAttribute(name, set));
    made.textContent = text;
    return made;
}

// Shrinks new texts to fit their places; measures all before changing any, so that the layout is computed once.
function fit() {
    const places = [...written];
    places.forEach((place) => place.style.removeProperty("font-size"));
    const sizes = places.map((place) => {
        const scale = Math.min(1, Number(place.dataset.room) / place.getComputedTextLength());
        return scale < 1 ? Math.max(0.62, scale) * parseFloat(getComputedStyle(place).fontSize) : null;
    });
    places.forEach((place, i) => sizes[i] && place.style.setProperty("font-size", `${sizes[i].toFixed(2)}px`));
    written.clear();
}

function relabel() {
    remark();
    for (const { key, node, edge, before, local, forward, backward } of lines) {
        if (before !== null) label(forward, [before + value(node)]);
        if (!backward) continue;
        const back = edge !== null ? flow(edge) : adjoint(key === "out" ? FACTS.output : node);
        label(
            backward,
            [back, edge === null ? "" : localLabel(edge, local)].slice(0, backward.querySelectorAll("text").length),
        );
    }
}

const localLabel = (edge, before) => (before ?? "∂ = ") + number("partials", edge);

// In a theme with records, writes the numbers into the box of each value, each after its word.
function recell() {
    const since = { values: 0, adjoints: 1 };
    nodes.forEach((node, i) => {
        const cells = FACTS.cells.filter(([, kind]) => kind !== "adjoints" || node.adjoint);
        const cellText = ([word, kind]) => `${word} ${step < node.steps[since[kind]] ? "" : number(kind, i)}`;
        label(
            boxes[i].find((box) => box.classList.contains("gg-value")),
            cells.map(cellText),
        );
    });
}

let step = steps.length - 1;

function reveal() {
    const { node } = steps[step];
    const isEnd = step === steps.length - 1;
    for (const { forward, backward, edge, steps: since } of lines) {
        mark(forward, { later: step < since[0], now: !isEnd && step === since[0] && step > 0 });
        mark(backward, { later: step < since[1], now: !isEnd && step === since[1] });
        mark(backward, { closed: edge !== null && !isOpen(edge) });
    }
    markNodes("now", new Set(isEnd || node === undefined ? [] : [node]));
    recell();
    fit();
    if (!isEnd && node !== undefined) bringIntoView(boxes[node][0]);
}

function bringIntoView(box) {
    const stage = svg.parentElement;
    if (!box || stage.scrollWidth <= stage.clientWidth) return;
    const [at, frame] = [box.getBoundingClientRect(), stage.getBoundingClientRect()];
    stage.scrollLeft += at.left + at.width / 2 - frame.left - frame.width / 2;
}

function mark(element, classes) {
    if (element) Object.entries(classes).forEach(([name, on]) => element.classList.toggle(name, Boolean(on)));
}

function markNodes(name, chosen) {
    boxes.forEach((all, node) => all.forEach((box) => mark(box, { [name]: chosen.has(node) })));
}

// The item under the pointer, and the one with the focus: {node} or {edge}.
let hovered = null;
let picked = null;

// The edges on all paths from a node to the output.
function pathEdges(node) {
    const onPaths = new Set();
    const waiting = [node];
    while (waiting.length) {
        for (const edge of flowsFrom(waiting.pop())) {
            if (!onPaths.has(edge)) {
                onPaths.add(edge);
                waiting.push(edges[edge].head);
            }
        }
    }
    return onPaths;
}

// All paths from a node to the output, each a list of edges.
function paths(node) {
    const complete = [];
    const waiting = [{ end: node, path: [] }];
    while (waiting.length) {
        const { end, path } = waiting.pop();
        if (end === FACTS.output) complete.push(path);
        for (const edge of flowsFrom(end).reverse()) waiting.push({ end: edges[edge].head, path: [...path, edge] });
    }
    return complete;
}

// Highlights an edge with its ends, or a node; for an input, all its paths to the output, and dims everything else.
function illuminate() {
    const { node, edge } = hovered ?? picked ?? {};
    const isPaths = node !== undefined && isSource(node);
    const lit = isPaths ? pathEdges(node) : new Set(edge === undefined ? [] : [edge]);
    const ends = new Set([...lit].flatMap((each) => [edges[each].tail, edges[each].head]));
    if (node !== undefined) ends.add(node);
    const dims = isPaths && lit.size > 0;
    for (const line of lines) {
        const isLit = line.edge !== null ? lit.has(line.edge) : dims && ends.has(line.node);
        for (const each of [line.forward, line.backward]) mark(each, { lit: isLit, aside: dims && !isLit });
    }
    markNodes("lit", ends);
    markNodes("aside", new Set(dims ? [...nodes.keys()].filter((each) => !ends.has(each)) : []));
    markConstants(dims);
}

function markConstants(aside) {
    svg.querySelectorAll("g.gg-constant").forEach((box) => mark(box, { aside }));
}
