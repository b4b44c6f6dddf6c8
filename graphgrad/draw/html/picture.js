// The picture: its labels, what is there of it at a step, what is lit.

const group = (id) => svg.querySelector(`[id="${id}"]`);
const lines = arrows.map((arrow) => ({ ...arrow, forward: group(`${arrow.key}-forward`) ?? group(`${arrow.key}-line`), backward: group(`${arrow.key}-backward`) }));
const boxKeys = (node) => [..."nbv"].map((kind) => kind + nodes[node].key.slice(1)).concat(node === FACTS.output ? ["output"] : []);
const boxes = nodes.map((_, i) => boxKeys(i).map(group).filter(Boolean));
const boxesOf = (node) => boxes[node];

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
    for (const line of lines) {
        if (line.before !== null) label(line.forward, [line.before + value(line.node)]);
        if (!line.backward) continue;
        const back = line.edge === null ? (line.key === "out" ? "1" : adjoint(line.node)) : flow(line.edge);
        const count = line.backward.querySelectorAll("text").length;
        if (count) label(line.backward, count > 1 ? [back, `∂ = ${chain(clipped(edges[line.edge].formula), number("partials", line.edge))}`] : [back]);
    }
}

let step = steps.length - 1;

function reveal() {
    const { node } = steps[step];
    const isEnd = step === steps.length - 1;
    for (const line of lines) {
        mark(line.forward, { later: step < line.steps[0], now: !isEnd && step === line.steps[0] && step > 0 });
        mark(line.backward, { later: step < line.steps[1], now: !isEnd && step === line.steps[1], closed: line.edge !== null && !isOpen(line.edge) });
    }
    nodes.forEach((_, i) => boxesOf(i).forEach((box) => mark(box, { now: !isEnd && i === node })));
    recell();
    fit();
    if (!isEnd && node !== undefined) bringIntoView(boxesOf(node)[0]);
}

function bringIntoView(box) {
    const stage = svg.parentElement;
    if (!box || stage.scrollWidth <= stage.clientWidth) return;
    const [at, frame] = [box.getBoundingClientRect(), stage.getBoundingClientRect()];
    stage.scrollLeft += at.left + at.width / 2 - frame.left - frame.width / 2;
}

// In a theme with records, the numbers stand in a value's own box, each after its word.
function recell() {
    const since = { values: 0, adjoints: 1 };
    nodes.forEach((node, i) => {
        const box = boxesOf(i).find((each) => each.classList.contains("value"));
        const cells = FACTS.cells.filter(([, kind]) => kind !== "adjoints" || node.adjoint);
        if (box) label(box, cells.map(([word, kind]) => `${word} ${step < node.steps[since[kind]] ? "" : number(kind, i)}`));
    });
}

function mark(element, classes) {
    if (element) Object.entries(classes).forEach(([name, on]) => element.classList.toggle(name, Boolean(on)));
}

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

function illuminate() {
    const item = hovered ?? picked;
    svg.querySelectorAll(".lit, .aside").forEach((element) => element.classList.remove("lit", "aside"));
    if (!item) return;
    const lit = item.edge !== undefined ? new Set([item.edge]) : isSource(item.node) ? pathEdges(item.node) : new Set();
    const ends = new Set([...(item.node !== undefined ? [item.node] : []), ...[...lit].flatMap((edge) => [edges[edge].tail, edges[edge].head])]);
    const dims = lit.size > 0 && item.node !== undefined;
    for (const line of lines) {
        const isLit = line.edge !== null ? lit.has(line.edge) : line.key === "out" ? ends.has(FACTS.output) && dims : ends.has(line.node) && dims;
        for (const element of [line.forward, line.backward]) mark(element, { lit: isLit, aside: dims && !isLit });
    }
    nodes.forEach((_, i) => boxesOf(i).forEach((box) => mark(box, { lit: ends.has(i), aside: dims && !ends.has(i) })));
}

const isSource = (node) => nodes[node].kind === "input";
