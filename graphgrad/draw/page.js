const { nodes, edges, arrows, inputs, steps } = FACTS;
const byId = (id) => document.getElementById(id);
const svg = document.querySelector("svg.graphgrad");
const outputs = edges.reduce((found, edge, i) => found.set(edge.tail, [...(found.get(edge.tail) ?? []), i]), new Map());
const operands = edges.reduce((found, edge, i) => found.set(edge.head, [...(found.get(edge.head) ?? []), i]), new Map());
const flowsFrom = (node) => (outputs.get(node) ?? []).filter((i) => edges[i].back !== null);

// --- Numbers.

const isKnown = (x) => x !== null && x !== undefined && x === x;
const shown = (x) => (isKnown(x) ? short(x).replaceAll("-", "−") : "?");
const bracketed = (text) => (/^−|\//.test(text) ? `(${text})` : text);

// --- The numbers of the moment.

let point = inputs.map((input) => input.value);
let texts = FACTS.texts;
let numbers = FACTS.numbers;

function compute() {
    if (!PASSES) return;
    numbers = PASSES(point);
    if (isKnown(numbers.values[FACTS.output])) return;
    for (const name of ["adjoints", "partials", "flows"]) numbers[name] = numbers[name].map((x) => (x === null ? null : NaN));
}

const number = (kind, i) => (texts && texts[kind][i]) || shown(numbers[kind][i]);
const value = (node) => number("values", node);
const adjoint = (node) => number("adjoints", node);
const isOpen = (edge) => Boolean(numbers.open[edge]);
const flow = (edge) => (isOpen(edge) ? number("flows", edge) : "0");

// --- Words.

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

// --- What is wrong or remarkable at this point.

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

// --- The picture.

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

// --- Which node or edge is looked at: {node} or {edge}.

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

// --- The panel: what is looked at, in words and numbers.

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

// --- Focus that moves along the graph.

const SVG = "http://www.w3.org/2000/svg";
const items = [];

function addItem(item, target, ...more) {
    const made = { ...item, target };
    target.setAttribute("role", "img");
    target.setAttribute("tabindex", "-1");
    items.push(made);
    target.addEventListener("focus", () => {
        target.setAttribute("aria-label", described(made));
        pick(made);
    });
    for (const each of [target, ...more].filter(Boolean)) {
        each.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && hover(made));
        each.addEventListener("pointerleave", () => hover(null));
        each.addEventListener("click", (event) => {
            event.stopPropagation();
            target.focus({ preventScroll: true });
        });
    }
}

function addItems() {
    const drawing = svg.querySelector("svg > g");
    for (const line of lines.filter((each) => each.edge !== null && each.forward)) {
        const reach = document.createElementNS(SVG, "path");
        reach.setAttribute("d", line.forward.querySelector("path").getAttribute("d"));
        reach.classList.add("reach");
        drawing.insertBefore(reach, group(nodes[0].key) ?? null);
        addItem({ edge: line.edge }, reach, line.forward, line.backward);
    }
    nodes.forEach((_, i) => {
        const [box, ...more] = boxesOf(i);
        const trunks = lines.filter((line) => line.edge === null && line.node === i).flatMap((line) => [line.forward, line.backward]);
        if (box) addItem({ node: i }, ringed(box), ...more, ...trunks);
    });
    firstItem()?.target.setAttribute("tabindex", "0");
}

const firstItem = () => items.find((item) => item.node !== undefined) ?? items[0];

function ringed(box) {
    const { x, y, width, height } = box.getBBox();
    const ring = document.createElementNS(SVG, "rect");
    const places = { x: x - 8, y: y - 5, width: width + 16, height: height + 10, rx: 8 };
    Object.entries(places).forEach(([name, place]) => ring.setAttribute(name, place));
    ring.classList.add("ring");
    box.prepend(ring);
    box.classList.add("box");
    return box;
}

const sameAs = (item) => (other) => other.edge === item.edge && other.node === item.node;

function pick(item) {
    picked = item;
    items.forEach((each) => each.target.setAttribute("tabindex", item && sameAs(item)(each) ? "0" : "-1"));
    if (!item) firstItem()?.target.setAttribute("tabindex", "0");
    look();
}

function hover(item) {
    hovered = item;
    look();
}

function look() {
    illuminate();
    panel();
}

const MOVES = {
    ArrowRight: (item) => (item.edge !== undefined ? { node: edges[item.edge].head } : edgeItem((outputs.get(item.node) ?? [])[0])),
    ArrowLeft: (item) => (item.edge !== undefined ? { node: edges[item.edge].tail } : edgeItem((operands.get(item.node) ?? [])[0])),
    ArrowDown: (item) => sibling(item, 1),
    ArrowUp: (item) => sibling(item, -1),
    Home: () => items.find((item) => item.node !== undefined),
    End: () => ({ node: FACTS.output }),
};
const edgeItem = (edge) => (edge === undefined ? null : { edge });

function sibling(item, by) {
    const among = items.filter((other) => (item.edge !== undefined ? other.edge !== undefined : other.node !== undefined));
    const ordered = among.sort((a, b) => middle(a)[1] - middle(b)[1] || middle(a)[0] - middle(b)[0]);
    return ordered[ordered.findIndex(sameAs(item)) + by] ?? null;
}

function middle(item) {
    const { left, top, width, height } = item.target.getBoundingClientRect();
    return [left + width / 2, Math.round(top + height / 2)];
}

function onGraphKey(event) {
    if (event.key === "Escape") {
        pick(null);
        return;
    }
    const move = MOVES[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = move(items.find((item) => item.target === event.target) ?? items[0]);
    const found = next && items.find(sameAs(next));
    if (found) found.target.focus();
}

// --- Steps: play, scrub, one forth, one back.

let timer = null;
const PAUSE = 1400;

function go(to) {
    step = Math.max(0, Math.min(steps.length - 1, to));
    reveal();
    const scrub = byId("scrub");
    scrub.value = step;
    scrub.classList.toggle("backward", passName(step) === "backward");
    scrub.setAttribute("aria-valuetext", stepLine(step));
    byId("told").textContent = stepLine(step);
    speak(stepLine(step));
    for (const id of ["first", "back"]) byId(id).disabled = step === 0;
    for (const id of ["forth", "last"]) byId(id).disabled = step === steps.length - 1;
}

function play() {
    if (timer) {
        pause();
        return;
    }
    if (step === steps.length - 1) go(0);
    else go(step + 1);
    timer = setInterval(() => {
        go(step + 1);
        if (step === steps.length - 1) pause();
    }, PAUSE);
    playing(true);
}

function pause() {
    clearInterval(timer);
    timer = null;
    playing(false);
}

function playing(is) {
    const button = byId("play");
    button.classList.toggle("playing", is);
    button.setAttribute("aria-label", is ? "Pause" : "Play");
    button.querySelector("span").textContent = is ? "Pause" : "Play";
}

function stepBy(to) {
    pause();
    go(to);
}

const BY_KEY = { ArrowRight: 1, ArrowLeft: -1 };

function onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input[type=text], button, summary")) return;
    if (event.key === " ") {
        event.preventDefault();
        play();
    }
    if (event.target === document.body && event.key in BY_KEY) stepBy(step + BY_KEY[event.key]);
}

// --- Sliders.

const SIDE = 100;

function nice(size) {
    const power = 10 ** Math.floor(Math.log10(size));
    return [1, 2, 5, 10].find((factor) => factor * power >= size * 0.999) * power;
}

function addSlider(input, i) {
    const row = document.createElement("div");
    row.className = "slider";
    const unit = nice((Math.abs(input.value) || 1) / 50);
    const [head, body] = [element("div", "", "line"), element("div", "", "line")];
    const name = element("label", input.name);
    const slider = Object.assign(document.createElement("input"), { type: "range", min: -SIDE, max: SIDE, step: 1, id: `slider-${i}` });
    const field = Object.assign(document.createElement("input"), { type: "text", inputMode: "decimal", autocomplete: "off", id: `field-${i}` });
    const result = element("span", "", "adjoint");
    name.htmlFor = slider.id;
    field.setAttribute("aria-label", `${input.name}, as a number`);
    result.id = `gradient-${i}`;
    head.append(name, result);
    body.append(slider, field);
    row.append(head, body);
    byId("sliders").append(row);
    const show = (typed) => {
        slider.value = Math.round((point[i] - input.value) / unit);
        slider.setAttribute("aria-valuetext", `${input.name} = ${shown(point[i])}`);
        if (!typed) field.value = String(point[i]);
        field.removeAttribute("aria-invalid");
    };
    slider.addEventListener("input", () => {
        point[i] = Number((input.value + slider.value * unit).toPrecision(12));
        show();
        moved();
    });
    field.addEventListener("input", () => {
        const text = field.value.trim().replace("−", "-");
        if (text === "" || !isFinite(Number(text))) {
            field.setAttribute("aria-invalid", "true");
            return;
        }
        point[i] = Number(text);
        show(true);
        moved();
    });
    show();
    return show;
}

function moved() {
    texts = null;
    refresh();
    describeAtRest();
}

function refresh() {
    compute();
    relabel();
    reveal();
    look();
    const wrong = faults();
    notice([...wrong, ...overflows()]);
    nodes.forEach((_, i) => boxesOf(i).forEach((box) => mark(box, { fault: wrong.some(({ node }) => node === i) })));
    byId("told").textContent = stepLine(step);
    byId("scrub").setAttribute("aria-valuetext", stepLine(step));
    summarize();
    tabulate();
}

const describe = () => items.forEach((item) => item.target.setAttribute("aria-label", described(item)));
let describing = null;

// Names nodes and edges anew, and says what came out, once the numbers have come to rest.
function describeAtRest() {
    clearTimeout(describing);
    describing = setTimeout(() => {
        describe();
        speak(byId("summary").textContent);
    }, 400);
}

const speak = (text) => (byId("spoken").textContent = text);

function notice(found) {
    const list = byId("notices");
    const told = found.map(({ text }) => text);
    if ([...list.children].map((item) => item.textContent).join("\n") === told.join("\n")) return;
    list.replaceChildren(...told.map((text) => element("li", text)));
}

function summarize() {
    const gradient = inputs.filter((input) => input.wanted && steps.some(({ kind }) => kind === "start"));
    const slope = (input) => (input.node === null || !nodes[input.node].adjoint ? "0" : adjoint(input.node));
    const partial = (input) => `${derivative(FACTS.outputName, input.name)} = ${slope(input)}`;
    const summary = byId("summary");
    const parts = [element("strong", chain(FACTS.outputName || "output", value(FACTS.output)))];
    gradient.forEach((input) => parts.push(element("span", partial(input), "adjoint")));
    summary.replaceChildren(...parts.flatMap((part, i) => (i ? [" \u2002 ", part] : [part])));
    inputs.forEach((input, i) => {
        const result = byId(`gradient-${i}`);
        if (result) {
            result.textContent = gradient.includes(input) ? partial(input) : "";
        }
    });
}

function tabulate() {
    if (!byId("all").open) return;
    const rows = (id, cells) => byId(id).tBodies[0].replaceChildren(...cells.map((texts) => {
        const row = document.createElement("tr");
        const [first, ...rest] = texts;
        const head = element("th", first);
        head.scope = "row";
        row.append(head, ...rest.map((text, i) => element("td", text, i > 0 ? "number" : "")));
        return row;
    }));
    rows("node-table", nodes.map((node, i) => [symbol(i), node.words, value(i), node.adjoint ? adjoint(i) : ""]));
    rows("edge-table", edges.flatMap((edge, i) => (edge.back === null ? [] : [[edgeName(i), edge.formula, number("partials", i), flow(i)]])));
}

// --- The beginning.

function begin() {
    for (const id of ["transport", "panel", "all"]) byId(id).hidden = false;
    svg.setAttribute("role", "application");
    svg.setAttribute("aria-roledescription", "computational graph");
    svg.setAttribute("aria-describedby", "keys");
    svg.querySelectorAll("title, desc").forEach((each) => each.remove());
    svg.style.setProperty("--width", svg.viewBox.baseVal.width);
    compute();
    addItems();
    svg.addEventListener("keydown", onGraphKey);
    svg.addEventListener("click", () => pick(null));
    document.addEventListener("keydown", onKey);
    const shows = PASSES ? inputs.map((input, i) => (input.node === null || input.value === null ? () => {} : addSlider(input, i))) : [];
    byId("inputs").hidden = inputs.length === 0;
    byId("reset").hidden = !PASSES;
    byId("reset").addEventListener("click", () => {
        point = inputs.map((input) => input.value);
        texts = FACTS.texts;
        shows.forEach((show) => show());
        refresh();
        describeAtRest();
    });
    byId("all").addEventListener("toggle", tabulate);
    byId("scrub").max = steps.length - 1;
    byId("scrub").addEventListener("input", () => stepBy(Number(byId("scrub").value)));
    byId("first").addEventListener("click", () => stepBy(0));
    byId("back").addEventListener("click", () => stepBy(step - 1));
    byId("forth").addEventListener("click", () => stepBy(step + 1));
    byId("last").addEventListener("click", () => stepBy(steps.length - 1));
    byId("play").addEventListener("click", play);
    refresh();
    describe();
    go(step);
    speak("");
}

begin();
