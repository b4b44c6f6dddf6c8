// The picture: its labels, what is there of it at a step, what is lit.

const group = (id) => svg.querySelector(`[id="${id}"]`);
const lines = arrows.map((arrow) => ({
    ...arrow,
    forward: group(`${arrow.key}-forward`) ?? group(`${arrow.key}-line`),
    backward: group(`${arrow.key}-backward`),
}));
const boxKeys = (node) =>
    [..."nbv"].map((kind) => kind + nodes[node].key.slice(1)).concat(node === FACTS.output ? ["output"] : []);
const boxes = nodes.map((_, i) => boxKeys(i).map(group).filter(Boolean));

const LABEL_ROOM = 74;
const written = new Set();
const clipped = (text) => (text.length > 32 ? `${text.slice(0, 31)}…` : text);

function label(element, texts) {
    if (!element) return;
    [...element.querySelectorAll("text")].slice(-texts.length).forEach((place, i) => {
        if (place.textContent === texts[i]) return;
        place.dataset.room ??= Math.max(LABEL_ROOM, place.getComputedTextLength());
        place.textContent = texts[i];
        written.add(place);
    });
}

// Makes new texts small enough for their places, measuring all before changing any.
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
    for (const { key, node, edge, before, forward, backward } of lines) {
        if (before !== null) label(forward, [before + value(node)]);
        if (!backward) continue;
        const back = edge !== null ? flow(edge) : adjoint(key === "out" ? FACTS.output : node);
        label(
            backward,
            [back, edge === null ? "" : localLabel(edge)].slice(0, backward.querySelectorAll("text").length),
        );
    }
}

const localLabel = (edge) => `∂ = ${chain(clipped(edges[edge].formula), number("partials", edge))}`;

// In a theme with records, the numbers stand in a value's own box, each after its word.
function recell() {
    const since = { values: 0, adjoints: 1 };
    nodes.forEach((node, i) => {
        const cells = FACTS.cells.filter(([, kind]) => kind !== "adjoints" || node.adjoint);
        const told = ([word, kind]) => `${word} ${step < node.steps[since[kind]] ? "" : number(kind, i)}`;
        label(
            boxes[i].find((box) => box.classList.contains("value")),
            cells.map(told),
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

// What is looked at: {node} or {edge}.
let hovered = null;
let picked = null;

function pathEdges(node) {
    const found = new Set();
    const waiting = [node];
    while (waiting.length) {
        for (const edge of flowsFrom(waiting.pop())) {
            if (!found.has(edge)) {
                found.add(edge);
                waiting.push(edges[edge].head);
            }
        }
    }
    return found;
}

function paths(node) {
    const found = [];
    const waiting = [{ end: node, way: [] }];
    while (waiting.length) {
        const { end, way } = waiting.pop();
        if (end === FACTS.output) found.push(way);
        for (const edge of flowsFrom(end).reverse()) waiting.push({ end: edges[edge].head, way: [...way, edge] });
    }
    return found;
}

// Lights an edge and its ends, or a node; of an input, all that leads from it to the output, the rest put aside.
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
    svg.querySelectorAll("g.constant").forEach((box) => mark(box, { aside }));
}
